// SPDX-License-Identifier: GPL-2.0-only
/* Known deviations: the parser, and what an entry covers. */
#include "harness/assay/known.h"
#include "lib/sync.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

#define LEAST "subject: S\ntest: T\nwhat: W\nwhy: Y\nsince: 2026-11-21\n"

static struct known known;
static struct problem problem;

static bool parse(const char *text)
{
	known = (struct known){ 0 };
	return known_parse(&known, "f.txt", text, strlen(text), &problem);
}

START_TEST(reads_all_fields)
{
	const struct known_entry *e;

	ck_assert_msg(parse("# a comment\n"
			    "\n"
			    "subject: Linux * kvm_pvm\n"
			    "option: irqchip=*\n"
			    "option: a=b\n"
			    "test: event/int-n-*\n"
			    "# another\n"
			    "case: vector=4,*\n"
			    "signature: *INTERNAL_ERROR*\n"
			    "verdict: crash\n"
			    "sync: save,restore\n"
			    "what: INT n: ends\n"
			    "  in an internal error\n"
			    "\tof KVM\n"
			    "why: SDM\n"
			    "since: 2026-11-21\n"
			    "flaky: yes\n"
			    "\n\n" LEAST),
		      "%s", problem.text);
	ck_assert_uint_eq(2, known.count);
	e = &known.entry[0];
	ck_assert_str_eq("f.txt", e->file);
	ck_assert_uint_eq(3, e->line);
	ck_assert_str_eq("Linux * kvm_pvm", e->subject);
	ck_assert_uint_eq(2, e->options.count);
	ck_assert_str_eq("a=b", e->options.item[1]);
	ck_assert_str_eq("event/int-n-*", e->tests.item[0]);
	ck_assert_str_eq("vector=4,*", e->case_name);
	ck_assert_str_eq("*INTERNAL_ERROR*", e->signature);
	ck_assert_int_eq(VERDICT_CRASH, e->verdict);
	ck_assert_uint_eq(SAVE | RESTORE, e->sync);
	ck_assert_str_eq("INT n: ends in an internal error of KVM", e->what);
	ck_assert_str_eq("SDM", e->why);
	ck_assert_str_eq("2026-11-21", e->since);
	ck_assert(e->flaky);
	e = &known.entry[1];
	ck_assert_uint_eq(20, e->line);
	ck_assert_ptr_null(e->case_name);
	ck_assert_ptr_null(e->signature);
	ck_assert_int_eq(VERDICT_COUNT, e->verdict);
	ck_assert(!e->flaky);
	known_free(&known);
}
END_TEST

static const struct {
	const char *text, *problem;
} bad[] = {
	{ "subject: S\n\n", "f.txt:1: this entry has no field test" },
	{ "\n\nsubject: S\ntest: T\nwhat: W\nwhy: Y\n", "f.txt:3: this entry has no field since" },
	{ "subjekt: S\n", "f.txt:1: unknown field 'subjekt'; did you mean 'subject'?" },
	{ "subject: S\nsubject: S\n", "f.txt:2: subject stands twice" },
	{ "subject:\n", "f.txt:1: subject has no value" },
	{ "hello\n", "f.txt:1: 'hello' is not a field" },
	{ "  hello: x\n", "f.txt:1: an indented line that continues nothing" },
	{ LEAST "verdict: pass\n", "f.txt:6: verdict 'pass' is none of" },
	{ LEAST "verdict: known\n", "f.txt:6: verdict 'known' is none of" },
	{ LEAST "verdict: x\n", "f.txt:6: verdict 'x' is none of" },
	{ LEAST "sync: sav\n", "f.txt:6: unknown action 'sav'" },
	{ LEAST "flaky: no\n", "f.txt:6: flaky can only be yes" },
	{ "since: 21.11.2026\n", "f.txt:1: since '21.11.2026' is not a date" },
	{ "since: 2026-11-211\n", "is not a date" },
	{ "since: 2026\n", "is not a date" },
	{ "what: a\x1b[0m\n", "f.txt:1: a control character (byte 0x1b)" },
	{ "# a\n\nwhat: \x7f", "f.txt:3: a control character (byte 0x7f)" },
};

START_TEST(says_what_is_wrong_where)
{
	ck_assert(!parse(bad[_i].text));
	ck_assert_msg(strstr(problem.text, bad[_i].problem), "wanted %s, got %s", bad[_i].problem,
		      problem.text);
	ck_assert_int_eq(EXIT_USAGE, problem.status);
	known_free(&known);
}
END_TEST

START_TEST(refuses_a_zero_byte)
{
	known = (struct known){ 0 };
	ck_assert(!known_parse(&known, "f", "subject: a\0b\n", 13, &problem));
	ck_assert(strstr(problem.text, "f:1: a control character (byte 0)"));
	known_free(&known);
}
END_TEST

START_TEST(survives_every_truncation_and_change)
{
	static const char text[] = "# c\n" LEAST "case: c\nverdict: fail\noption: o\n\n" LEAST;

	for (size_t at = 0; at < sizeof(text); at++) {
		for (int change = 0; change < 256; change += 5) {
			char *copy = malloc(sizeof(text));

			memcpy(copy, text, sizeof(text));
			copy[at] = (char)change;
			known = (struct known){ 0 };
			known_parse(&known, "f", copy, change ? sizeof(text) - 1 : at, &problem);
			known_free(&known);
			free(copy);
		}
	}
}
END_TEST

START_TEST(applies_to_subject_test_options_and_sync)
{
	struct strings options = strings_split("irqchip=split a=b", ' ');
	struct known_context c = { "Linux 6.12 kvm_pvm", &options, "event/int-n-user", 0 };

	ck_assert(parse("subject: Linux * kvm_pvm\noption: irqchip=*\noption: a=b\n"
			"test: event/int-*\nwhat: W\nwhy: Y\nsince: 2026-11-21\n"));
	ck_assert(known_applies(known.entry, &c));
	c.subject = "Linux 6.12 kvm_amd";
	ck_assert(!known_applies(known.entry, &c));
	c.subject = "Linux 6.12 kvm_pvm";
	c.test = "event/nmi";
	ck_assert(!known_applies(known.entry, &c));
	c.test = "event/int-n-user";
	free(options.item[1]);
	options.item[1] = new_string("a=c");
	ck_assert(!known_applies(known.entry, &c));
	strings_free(&options);
	known_free(&known);

	ck_assert(parse(LEAST "sync: save\n"));
	c = (struct known_context){ "S", &options, "T", 0 };
	ck_assert(!known_applies(known.entry, &c));
	c.sync = SAVE | RESTORE;
	ck_assert(known_applies(known.entry, &c));
	known_free(&known);
}
END_TEST

START_TEST(covers_by_case_and_signature)
{
	ck_assert(parse(LEAST "case: vector=4,*\nsignature: *wanted=P|W*\n"));
	ck_assert(known_covers_check(known.entry, "vector=4,a", "e wanted=P|W got=P"));
	ck_assert(!known_covers_check(known.entry, "vector=5,a", "e wanted=P|W got=P"));
	ck_assert(!known_covers_check(known.entry, "vector=4,a", "e wanted=P got=P"));
	ck_assert(known_covers_verdict(known.entry, VERDICT_CRASH, "vector=4,", "wanted=P|W"));
	ck_assert(!known_covers_verdict(known.entry, VERDICT_CRASH, "", "wanted=P|W"));
	known_free(&known);

	ck_assert(parse(LEAST "verdict: crash\n"));
	ck_assert(!known_covers_check(known.entry, "", ""));
	ck_assert(known_covers_verdict(known.entry, VERDICT_CRASH, "", "x"));
	ck_assert(!known_covers_verdict(known.entry, VERDICT_TIMEOUT, "", "x"));
	known_free(&known);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("known");
	TCase *tests = tcase_create("known");

	tcase_add_test(tests, reads_all_fields);
	tcase_add_loop_test(tests, says_what_is_wrong_where, 0, ARRAY_SIZE(bad));
	tcase_add_test(tests, refuses_a_zero_byte);
	tcase_add_test(tests, survives_every_truncation_and_change);
	tcase_add_test(tests, applies_to_subject_test_options_and_sync);
	tcase_add_test(tests, covers_by_case_and_signature);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
