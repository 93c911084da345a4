// SPDX-License-Identifier: GPL-2.0-only
/* Bounded text, and the textual forms of action sets. */
#include "lib/sync.h"
#include "lib/t/tap.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

START_TEST(like_printf)
{
	char ours[128], theirs[128];
	struct text t = text_into(ours, sizeof(ours));

	text_add(&t, "%s|%c|%d|%u|%x|%#x|%02x|%8u|%08llx|%lld|%%", "text", 'c', -12, 34u, 0xabu,
		 0xcdu, 7u, 9u, 0x1234ull, -1234567890123ll);
	snprintf(theirs, sizeof(theirs), "%s|%c|%d|%u|%x|%#x|%02x|%8u|%08llx|%lld|%%", "text", 'c',
		 -12, 34u, 0xabu, 0xcdu, 7u, 9u, 0x1234ull, -1234567890123ll);
	ck_assert_str_eq(ours, theirs);
}
END_TEST

START_TEST(extremes)
{
	char ours[64];
	struct text t = text_into(ours, sizeof(ours));

	text_add(&t, "%llx %lld %u", ~0ull, (long long)INT64_MIN, 0u);
	ck_assert_str_eq(ours, "ffffffffffffffff -9223372036854775808 0");
}
END_TEST

START_TEST(never_overflows)
{
	char buffer[16];
	struct text t;

	for (size_t size = 1; size < sizeof(buffer); size++) {
		memset(buffer, '#', sizeof(buffer));
		t = text_into(buffer, size);
		text_add(&t, "%s %d", "a long text", 123456);
		ck_assert(t.truncated);
		ck_assert_uint_eq(strlen(buffer), size - 1);
		for (size_t i = size; i < sizeof(buffer); i++)
			ck_assert_int_eq(buffer[i], '#');
	}
}
END_TEST

START_TEST(flags)
{
	static const struct flag_name names[] = { { 1, "P" }, { 2, "W" }, { 4, "U" } };
	char buffer[64];
	struct text t = text_into(buffer, sizeof(buffer));

	text_add_flags(&t, names, 3, 5);
	text_add(&t, " ");
	text_add_flags(&t, names, 3, 0x13);
	text_add(&t, " ");
	text_add_flags(&t, names, 3, 0);
	ck_assert_str_eq(buffer, "P|U P|W|0x10 0");
}
END_TEST

static const struct {
	const char *text;
	u64 actions;
	const char *bad; /* where it goes wrong, or NULL */
} parse[] = {
	{ "", 0, NULL },
	{ "save", SAVE, NULL },
	{ "save,restore", SAVE | RESTORE, NULL },
	{ "SAVE|RESTORE", SAVE | RESTORE, NULL },
	{ "restore-xstate,Inject_Nmi", RESTORE_XSTATE | INJECT_NMI, NULL },
	{ "sav", 0, "sav" },
	{ "save,restor", SAVE, "restor" },
	{ "save,,restore", SAVE, ",restore" },
	{ "saved", 0, "saved" },
};

START_TEST(parses)
{
	const char *bad = NULL;
	u64 actions;
	bool ok = sync_parse(parse[_i].text, &actions, &bad);

	ck_assert(ok == !parse[_i].bad);
	ck_assert_uint_eq(actions, parse[_i].actions);
	if (parse[_i].bad)
		ck_assert_str_eq(bad, parse[_i].bad);
}
END_TEST

/* What is formatted parses back, for every action. */
START_TEST(formats)
{
	char buffer[64];
	const char *bad;
	u64 actions;

	ck_assert(sync_parse(sync_format(BIT(_i), buffer, sizeof(buffer)), &actions, &bad));
	ck_assert_uint_eq(actions, BIT(_i));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, like_printf);
	tcase_add_test(tcase, extremes);
	tcase_add_test(tcase, never_overflows);
	tcase_add_test(tcase, flags);
	tcase_add_loop_test(tcase, parses, 0, sizeof(parse) / sizeof(parse[0]));
	tcase_add_loop_test(tcase, formats, 0, SYNC_COUNT);
	suite_add_tcase(suite, tcase);
	return tap_run(suite);
}
