// SPDX-License-Identifier: GPL-2.0-only
/* The reader of results/bugs, and the target with its kernel. */
#include "harness/assay/bug.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

#define LEAST                                                                                      \
	"title: T\nfix: id unknown\nbad: a b\ngood: c\ntarget: kvm@lab\ntest: x/y\n"               \
	"signature: *\nruns: r\nseen: 2026-11-21\n"

static struct bug bug;
static struct problem problem;

static bool parse(const char *text)
{
	problem = (struct problem){ 0 };
	return bug_parse(&bug, "folder/some-bug.txt", text, strlen(text), &problem);
}

START_TEST(reads_all_fields)
{
	ck_assert_msg(parse("# a comment\n\n" LEAST "case: n=1\ncve: CVE-1\nrow: 7\n"), "%s",
		      problem.text);
	ck_assert_str_eq(bug.name, "some-bug");
	ck_assert_uint_eq(bug.bad.count, 2);
	ck_assert_str_eq(bug.bad.item[1], "b");
	ck_assert_str_eq(bug.case_name, "n=1");
	ck_assert_str_eq(bug.row, "7");
	bug_free(&bug);
}
END_TEST

START_TEST(joins_continued_lines)
{
	ck_assert_msg(parse("title: one \n  two\n# not this\n\tthree\nfix: f\nbad: a\ngood: b\n"
			    "target: t\ntest: x/y\nsignature: s\nruns: r\nseen: 2026-11-21"),
		      "%s", problem.text);
	ck_assert_str_eq(bug.title, "one two three");
	bug_free(&bug);
}
END_TEST

static const struct {
	const char *text, *problem;
} bad[] = {
	{ "", "some-bug.txt:0: there is no field title" },
	{ "titel: x\n", "some-bug.txt:1: unknown field 'titel'; did you mean 'title'?" },
	{ LEAST "title: again\n", "some-bug.txt:10: title stands twice" },
	{ LEAST "case:\n", "some-bug.txt:10: case has no value" },
	{ LEAST "nothing\n", "some-bug.txt:10: 'nothing' is not a field" },
	{ " title: x\n", "some-bug.txt:1: an indented line that continues nothing" },
	{ "title: x\nseen: today\nfix: y\n", "some-bug.txt:2: seen 'today' is not a date" },
	{ "title: x\ntest: \x01\n", "some-bug.txt:2: a control character (byte 0x1)" },
};

START_TEST(says_what_is_wrong_where)
{
	ck_assert(!parse(bad[_i].text));
	ck_assert_msg(strstr(problem.text, bad[_i].problem) != NULL, "%s", problem.text);
	ck_assert_int_eq(problem.status, EXIT_USAGE);
}
END_TEST

START_TEST(survives_every_truncation)
{
	for (size_t size = 0; size < strlen(LEAST); size++)
		if (bug_parse(&bug, "f.txt", LEAST, size, &problem))
			bug_free(&bug);
}
END_TEST

START_TEST(refuses_a_zero_byte)
{
	ck_assert(!bug_parse(&bug, "f.txt", "title: \0\n", 9, &problem));
}
END_TEST

START_TEST(puts_the_kernel_into_the_target)
{
	static const char *const rows[][3] = {
		{ "kvm,npt=0@lab", "debian:6.1", "kvm,npt=0@lab,kernel=debian:6.1" },
		{ "fake,flavour={}", "sour", "fake,flavour=sour" },
		{ "a={},b=1@lab", "x", "a=x,b=1@lab" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *target = bug_target(rows[i][0], rows[i][1]);

		ck_assert_str_eq(target, rows[i][2]);
		free(target);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bug");
	TCase *tests = tcase_create("bug");

	tcase_add_test(tests, reads_all_fields);
	tcase_add_test(tests, joins_continued_lines);
	tcase_add_loop_test(tests, says_what_is_wrong_where, 0, ARRAY_SIZE(bad));
	tcase_add_test(tests, survives_every_truncation);
	tcase_add_test(tests, refuses_a_zero_byte);
	tcase_add_test(tests, puts_the_kernel_into_the_target);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
