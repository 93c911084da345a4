// SPDX-License-Identifier: GPL-2.0-only
/* Globs, nearest names, quoting, printing what comes from elsewhere, numbers. */
#include "harness/assay/arguments.h"
#include "harness/assay/glob.h"
#include "harness/assay/names.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *pattern, *text;
	bool match;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "paging/smap", true },
	{ "paging/*", "paging/smap", true },
	{ "paging/*", "pagings/smap", false },
	{ "paging/smap", "paging/smap", true },
	{ "paging/smap", "paging/smap-x", false },
	{ "*smap", "paging/smap", true },
	{ "*a*b*c", "xaxbxbxc", true },
	{ "*a*b*c", "xaxbxbx", false },
	{ "a?c", "abc", true },
	{ "a?c", "ac", false },
	{ "?", "", false },
	{ "vector=4,*", "vector=4,route=int", true },
	{ "vector=4,*", "vector=41,route=int", false },
	{ "[ab]", "[ab]", true },
	{ "[ab]", "a", false },
	{ "a\\*", "a*", true },
	{ "a\\*", "ab", false },
	{ "a\\?b", "a?b", true },
	{ "a\\", "a\\", true },
	{ "\\\\", "\\", true },
	{ "**", "abc", true },
	{ "*c", "abcabc", true },
};

START_TEST(glob)
{
	ck_assert_msg(glob_match(globs[_i].pattern, globs[_i].text) == globs[_i].match,
		      "'%s' and '%s'", globs[_i].pattern, globs[_i].text);
}
END_TEST

START_TEST(glob_is_not_exponential)
{
	char text[2001], pattern[101];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + sizeof(pattern) - 3, "*b");
	ck_assert(!glob_match(pattern, text));
}
END_TEST

START_TEST(nearest)
{
	struct strings names = strings_split("run,list,actions,targets", ',');
	struct problem p;

	ck_assert_str_eq("run", nearest_name("rnu", &names));
	ck_assert_str_eq("targets", nearest_name("target", &names));
	ck_assert_ptr_null(nearest_name("xyz", &names));
	ck_assert_ptr_null(nearest_name("", &names));
	ck_assert(!unknown_name(&p, "verb", "xyz", &names));
	ck_assert_str_eq("unknown verb 'xyz'; there are: run, list, actions, targets", p.text);
	strings_free(&names);
}
END_TEST

static const struct {
	const char *text, *escape, *clean;
} texts[] = {
	{ "plain", "", "plain" },
	{ "a\nb\tc", "", "a\\nb\\tc" },
	{ "\033[31mred\x7f", "", "\\x1b[31mred\\x7f" },
	{ "a # b \\", "#\\", "a \\# b \\\\" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xc3", "", "\\xc3" }, /* cut off */
	{ "\xc0\xaf", "", "\\xc0\\xaf" }, /* too long a form */
	{ "\xed\xa0\x80", "", "\\xed\\xa0\\x80" }, /* a surrogate */
	{ "\xc2\x9b"
	  "31m",
	  "", "\\xc2\\x9b31m" }, /* a control of ISO 6429 */
	{ "\xf4\x90\x80\x80", "", "\\xf4\\x90\\x80\\x80" },
};

START_TEST(prints_clean)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	print_clean(f, texts[_i].text, texts[_i].escape);
	fclose(f);
	ck_assert_str_eq(texts[_i].clean, out);
	free(out);
}
END_TEST

static const struct {
	const char *word, *quoted;
} words[] = {
	{ "kvm,irqchip=split@local", "kvm,irqchip=split@local" },
	{ "", "''" },
	{ "a b", "'a b'" },
	{ "paging/*", "'paging/*'" },
	{ "it's", "'it'\\''s'" },
	{ "$(x)", "'$(x)'" },
	{ "a\nb", "'a\nb'" },
	{ "~x", "'~x'" },
};

START_TEST(quotes_for_the_shell)
{
	char *quoted = shell_quote(words[_i].word);

	ck_assert_str_eq(words[_i].quoted, quoted);
	free(quoted);
}
END_TEST

START_TEST(numbers)
{
	u64 n;

	ck_assert(number_parse("0", 0, 5, &n) && n == 0);
	ck_assert(number_parse("18446744073709551615", 0, ~0ull, &n) && n == ~0ull);
	ck_assert(!number_parse("18446744073709551616", 0, ~0ull, &n));
	ck_assert(!number_parse("6", 0, 5, &n));
	ck_assert(!number_parse("-1", 0, ~0ull, &n));
	ck_assert(!number_parse(" 1", 0, 5, &n));
	ck_assert(!number_parse("1x", 0, 5, &n));
	ck_assert(!number_parse("", 0, 5, &n));
}
END_TEST

START_TEST(splits_and_joins)
{
	struct strings s = strings_split("a,,b,", ',');
	char *joined = strings_join(&s, "|");

	ck_assert_uint_eq(4, s.count);
	ck_assert_str_eq("a||b|", joined);
	free(joined);
	strings_free(&s);
	s = strings_split("", ',');
	ck_assert_uint_eq(0, s.count);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");

	tcase_add_loop_test(tests, glob, 0, ARRAY_SIZE(globs));
	tcase_add_test(tests, glob_is_not_exponential);
	tcase_add_test(tests, nearest);
	tcase_add_loop_test(tests, prints_clean, 0, ARRAY_SIZE(texts));
	tcase_add_loop_test(tests, quotes_for_the_shell, 0, ARRAY_SIZE(words));
	tcase_add_test(tests, numbers);
	tcase_add_test(tests, splits_and_joins);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
