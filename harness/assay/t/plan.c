// SPDX-License-Identifier: GPL-2.0-only
/* Selecting, sharding, planning, judging: on a catalog made here. */
#include "harness/assay/judge.h"
#include "harness/assay/run.h"
#include "lib/sync.h"
#include "lib/t/tap.h"
#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

static struct image_test paging[] = {
	{ .id = (char *)"paging/access", .fixes = "", .cases = SHARD_BY_CASE_MIN + 1 },
	{ .id = (char *)"paging/smap", .fixes = "abcdef0123456789 one\n1234567890ab two\n" },
	{ .id = (char *)"paging/smep", .fixes = "", .cases = 3 },
};
static struct image_test self[] = {
	{ .id = (char *)"self/inner", .fixes = "", .flags = TEST_INTERNAL }
};
static struct area areas[] = {
	{ .name = (char *)"paging", .image = { .test = paging, .tests = ARRAY_SIZE(paging) } },
	{ .name = (char *)"self", .image = { .test = self, .tests = ARRAY_SIZE(self) } },
};
static const struct catalog catalog = { areas, ARRAY_SIZE(areas) };
static struct problem problem;

/* --- selecting --- */

static const struct {
	const char *globs, *areas, *fixes;
	const char *ids; /* NULL: a problem */
	const char *problem;
} selections[] = {
	{ "", "", NULL, "paging/access paging/smap paging/smep", NULL },
	{ "*", "", NULL, "paging/access paging/smap paging/smep", NULL },
	{ "paging/sm*", "", NULL, "paging/smap paging/smep", NULL },
	{ "paging/smep paging/sm*", "", NULL, "paging/smap paging/smep", NULL },
	{ "self/*", "", NULL, "self/inner", NULL },
	{ "self/inner", "", NULL, "self/inner", NULL },
	{ "*/inner", "", NULL, NULL, "no test matches '*/inner'" },
	{ "", "self", NULL, "self/inner", NULL },
	{ "*", "self", NULL, "self/inner", NULL },
	{ "", "self paging", NULL, "paging/access paging/smap paging/smep self/inner", NULL },
	{ "paging/*", "self", NULL, NULL, "no selected test matches 'paging/*'" },
	{ "", "", "abcdef0", "paging/smap", NULL },
	{ "", "", "ABCDEF0123456789aaaa", "paging/smap", NULL },
	{ "", "", "1234567", "paging/smap", NULL },
	{ "", "", "1234568", NULL, "no test guards the fix 1234568" },
	{ "", "", "123456", NULL, "is not a commit id" },
	{ "", "", "1234567x", NULL, "is not a commit id" },
	{ "paging/smapp", "", NULL, NULL, "did you mean 'paging/smap'?" },
	{ "paging/smap nothing/*", "", NULL, NULL, "no test matches 'nothing/*'" },
	{ "", "pagign", NULL, NULL, "unknown area 'pagign'; did you mean 'paging'?" },
};

START_TEST(selects)
{
	struct strings globs = strings_split(selections[_i].globs, ' ');
	struct strings names = strings_split(selections[_i].areas, ' ');
	struct strings ids = { 0 };
	struct selection s = { &globs, &names, selections[_i].fixes };
	struct picked *picked;
	size_t count;
	bool ok = catalog_select(&catalog, &s, &picked, &count, &problem);

	if (!selections[_i].ids) {
		ck_assert(!ok);
		ck_assert_msg(strstr(problem.text, selections[_i].problem), "%s", problem.text);
	} else {
		char *joined;

		ck_assert_msg(ok, "%s", problem.text);
		for (size_t i = 0; i < count; i++)
			strings_add(&ids, picked_test(&picked[i])->id);
		joined = strings_join(&ids, " ");
		ck_assert_str_eq(selections[_i].ids, joined);
		free(joined);
	}
	free(picked);
	strings_free(&ids);
	strings_free(&globs);
	strings_free(&names);
}
END_TEST

START_TEST(finds_what_stands_twice)
{
	struct image_test test[] = {
		{ .id = (char *)"a/one", .sentence = "One.", .file = "a.c", .line = 1 },
		{ .id = (char *)"a/two", .sentence = "Two.", .file = "a.c", .line = 2 },
	};
	struct area a = { .name = (char *)"a", .image = { .test = test, .tests = 2 } };
	struct catalog c = { &a, 1 };

	ck_assert(catalog_check_unique(&c, &problem));
	test[1].sentence = "One.";
	ck_assert(!catalog_check_unique(&c, &problem));
	ck_assert(strstr(problem.text, "have the same sentence, \"One.\""));
	test[1].sentence = "Two.";
	test[1].id = (char *)"a/one";
	ck_assert(!catalog_check_unique(&c, &problem));
	ck_assert(strstr(problem.text, "two tests have the id a/one, in a.c:"));
}
END_TEST

/* --- planning --- */

static struct run run;
static struct host hosts[2];

static void plan(struct run_options options)
{
	static const struct picked picked[] = { { &areas[0], 0 },
						{ &areas[0], 1 },
						{ &areas[0], 2 } };

	hosts[0].target.text = (char *)"kvm,a=b";
	hosts[1].target.text = (char *)"qemu";
	run = (struct run){ .options = options, .host = hosts, .hosts = 2 };
	ck_assert_msg(run_options_check(&run.options, &problem), "%s", problem.text);
	plan_make(&run, picked, ARRAY_SIZE(picked));
}

static void plan_drop(void)
{
	run.host = NULL;
	run.hosts = 0;
	run_free(&run);
}

START_TEST(plans_each_test_on_each_host)
{
	plan((struct run_options){ .repeat = 2 });
	ck_assert_uint_eq(2 * 3 * 2, run.plans);
	ck_assert_str_eq("paging/access", planned_test(&run.plan[0])->id);
	ck_assert_uint_eq(2, run.plan[1].repetition);
	ck_assert_str_eq("paging/smap", planned_test(&run.plan[2])->id);
	ck_assert_uint_eq(1, run.plan[6].host);
	ck_assert_int_eq(VERDICT_ERROR, run.outcome[11].verdict);
	plan_drop();
}
END_TEST

/* Every test on one shard alone, but the large one on all, by case. */
START_TEST(shards)
{
	unsigned int seen[3] = { 0 };

	for (int i = 0; i < 4; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%d/4", i);
		plan((struct run_options){ .shard_text = text });
		for (size_t n = 0; n < run.plans; n++) {
			seen[run.plan[n].picked.index] += run.plan[n].host == 0;
			ck_assert(run.plan[n].by_case == (run.plan[n].picked.index == 0));
		}
		plan_drop();
	}
	ck_assert_uint_eq(4, seen[0]);
	ck_assert_uint_eq(1, seen[1]);
	ck_assert_uint_eq(1, seen[2]);
	/* The distribution is part of the interface: results of shards are merged later. */
	ck_assert_uint_eq(0xaf63dc4c8601ec8cull, hash_bytes("a", 1));
}
END_TEST

START_TEST(writes_requests)
{
	char *line;

	plan((struct run_options){ 0 });
	line = request_line(&run, 1);
	ck_assert_str_eq("run test=2 index=1 seed=1", line);
	free(line);
	plan_drop();

	plan((struct run_options){ .seed = 5,
				   .matrix = "sample=9",
				   .at_every_sync = "RESTORE,save",
				   .deadline = 7,
				   .shard_text = "1/2",
				   .case_name = "a=b,c=d" });
	line = request_line(&run, 0);
	ck_assert_str_eq("run test=1 index=0 seed=5 matrix=sample:9 shard=1/2 sync=save,restore "
			 "deadline=7 case=a=b,c=d",
			 line);
	free(line);
	plan_drop();
}
END_TEST

START_TEST(writes_the_command_that_reproduces)
{
	struct check check = { .case_name = (char *)"a='b'" };
	char *line;

	plan((struct run_options){ .seed = 5,
				   .matrix = "full",
				   .shard_text = "1/2",
				   .at_every_sync = "restore-xstate,save",
				   .isolation = "test" });
	line = reproduce(&run, 0);
	ck_assert_str_eq("./assay run --target kvm,a=b paging/access --seed 5 --matrix full "
			 "--shard 1/2 --at-every-sync=save,restore-xstate --isolation test",
			 line);
	free(line);
	run.outcome[0].check = &check;
	run.outcome[0].checks = 1;
	line = reproduce(&run, 0);
	ck_assert_str_eq("./assay run --target kvm,a=b paging/access --case 'a='\\''b'\\''' "
			 "--seed 5 --matrix full --at-every-sync=save,restore-xstate "
			 "--isolation test",
			 line);
	free(line);
	run.outcome[0].check = NULL;
	run.outcome[0].checks = 0;
	plan_drop();
}
END_TEST

/* --- judging --- */

#define ENTRY(rest) "subject: *\nwhat: W\nwhy: Y\nsince: 2026-11-21\n" rest "\n\n"

/* What a driver said of paging/smep (three cases), what the list says, what becomes of it. */
static const struct {
	const char *name;
	enum verdict verdict;
	const char *reason;
	u64 planned, ran, failed, checks_seen;
	const char *cases; /* of failed checks, each "wanted=1 got=2" */
	const char *known;
	const char *only_case;
	enum verdict wanted;
} judgements[] = {
	{ "plain pass", VERDICT_PASS, "", 3, 3, 0, 0, "", "", NULL, VERDICT_PASS },
	{ "nothing ran", VERDICT_PASS, "", 3, 0, 0, 0, "", "", NULL, VERDICT_SKIP },
	{ "no such case", VERDICT_PASS, "", 3, 0, 0, 0, "", "", "x", VERDICT_ERROR },
	{ "plain fail", VERDICT_FAIL, "", 3, 3, 1, 1, "a", "", NULL, VERDICT_FAIL },
	{ "all listed", VERDICT_FAIL, "", 3, 3, 2, 2, "a b",
	  ENTRY("test: paging/*\ncase: a") ENTRY("test: *\ncase: b"), NULL, VERDICT_KNOWN },
	{ "one not listed", VERDICT_FAIL, "", 3, 3, 2, 2, "a b", ENTRY("test: *\ncase: a"), NULL,
	  VERDICT_FAIL },
	{ "another test's", VERDICT_FAIL, "", 3, 3, 1, 1, "a", ENTRY("test: paging/smap"), NULL,
	  VERDICT_FAIL },
	{ "signature", VERDICT_FAIL, "", 3, 3, 1, 1, "a",
	  ENTRY("test: *\nsignature: value wanted=1 got=2"), NULL, VERDICT_KNOWN },
	{ "other signature", VERDICT_FAIL, "", 3, 3, 1, 1, "a", ENTRY("test: *\nsignature: *got=3"),
	  NULL, VERDICT_FAIL },
	{ "more failed than reported", VERDICT_FAIL, "", 3, 3, 2, 1, "a", ENTRY("test: *"), NULL,
	  VERDICT_FAIL },
	{ "more reported than kept", VERDICT_FAIL, "", 3, 3, 1, 9, "a", ENTRY("test: *"), NULL,
	  VERDICT_FAIL },
	{ "fail by its reason", VERDICT_FAIL, "SAVE: EINVAL", 3, 3, 0, 0, "",
	  ENTRY("test: *\nsignature: SAVE*"), NULL, VERDICT_KNOWN },
	{ "crash", VERDICT_CRASH, "internal error", 3, 1, 0, 0, "",
	  ENTRY("test: *\nsignature: internal*"), NULL, VERDICT_KNOWN },
	{ "crash, listed as timeout", VERDICT_CRASH, "internal error", 3, 1, 0, 0, "",
	  ENTRY("test: *\nverdict: timeout"), NULL, VERDICT_CRASH },
	{ "crash after a failure not listed", VERDICT_CRASH, "x", 3, 1, 0, 1, "a",
	  ENTRY("test: *\nverdict: crash"), NULL, VERDICT_CRASH },
	{ "timeout", VERDICT_TIMEOUT, "x", 3, 1, 0, 0, "", ENTRY("test: *\nverdict: timeout"), NULL,
	  VERDICT_KNOWN },
	{ "errors are never known", VERDICT_ERROR, "x", 3, 1, 0, 0, "", ENTRY("test: *"), NULL,
	  VERDICT_ERROR },
	{ "skips are never fixed", VERDICT_SKIP, "x", 0, 0, 0, 0, "", ENTRY("test: *"), NULL,
	  VERDICT_SKIP },
	{ "fixed", VERDICT_PASS, "", 3, 3, 0, 0, "", ENTRY("test: *"), NULL, VERDICT_FIXED },
	{ "fixed in its case", VERDICT_PASS, "", 3, 3, 0, 0, "", ENTRY("test: *\ncase: a"), NULL,
	  VERDICT_FIXED },
	{ "not all cases ran", VERDICT_PASS, "", 3, 2, 0, 0, "", ENTRY("test: *\ncase: a"), NULL,
	  VERDICT_PASS },
	{ "flaky", VERDICT_PASS, "", 3, 3, 0, 0, "", ENTRY("test: *\nflaky: yes"), NULL,
	  VERDICT_PASS },
	{ "this very case", VERDICT_PASS, "", 3, 1, 0, 0, "", ENTRY("test: *\ncase: a*"), "ab",
	  VERDICT_FIXED },
	{ "another case", VERDICT_PASS, "", 3, 1, 0, 0, "", ENTRY("test: *\ncase: a*"), "b",
	  VERDICT_PASS },
	{ "one case of any", VERDICT_PASS, "", 3, 1, 0, 0, "", ENTRY("test: *"), "b",
	  VERDICT_PASS },
};

START_TEST(judges)
{
	struct outcome *o;
	struct strings cases = strings_split(judgements[_i].cases, ' ');

	plan((struct run_options){ .case_name = judgements[_i].only_case });
	ck_assert_msg(known_parse(&run.known, "k", judgements[_i].known,
				  strlen(judgements[_i].known), &problem),
		      "%s", problem.text);
	o = &run.outcome[2];
	outcome_set(o, judgements[_i].verdict, judgements[_i].reason);
	o->planned = judgements[_i].planned;
	o->run = judgements[_i].ran;
	o->failed = judgements[_i].failed;
	o->checks_seen = judgements[_i].checks_seen;
	for (size_t i = 0; i < cases.count; i++) {
		o->check = grow(o->check, o->checks, sizeof(*o->check));
		o->check[o->checks++] = (struct check){
			new_string(cases.item[i]), new_string("f.c"), new_string("value"),
			new_string("1"),	   new_string("2"),   1,
		};
	}
	judge(&run, 2);
	ck_assert_msg(o->verdict == judgements[_i].wanted, "%s: wanted %s, got %s",
		      judgements[_i].name, verdict_word(judgements[_i].wanted),
		      verdict_word(o->verdict));
	ck_assert(!o->known == (o->verdict != VERDICT_KNOWN && o->verdict != VERDICT_FIXED));
	strings_free(&cases);
	plan_drop();
}
END_TEST

/* --- statuses --- */

START_TEST(exit_status)
{
	run = (struct run){ 0 };
	run.count[VERDICT_PASS] = run.count[VERDICT_SKIP] = run.count[VERDICT_KNOWN] = 1;
	ck_assert_int_eq(EXIT_EXPECTED, run_status(&run));
	run.count[VERDICT_ERROR] = 1;
	ck_assert_int_eq(EXIT_LAB, run_status(&run));
	run.count[VERDICT_FIXED] = 1;
	ck_assert_int_eq(EXIT_SUBJECT, run_status(&run));
	run = (struct run){ .cut_short = true };
	ck_assert_int_eq(EXIT_LAB, run_status(&run));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tests = tcase_create("plan");

	tcase_add_loop_test(tests, selects, 0, ARRAY_SIZE(selections));
	tcase_add_test(tests, finds_what_stands_twice);
	tcase_add_test(tests, plans_each_test_on_each_host);
	tcase_add_test(tests, shards);
	tcase_add_test(tests, writes_requests);
	tcase_add_test(tests, writes_the_command_that_reproduces);
	tcase_add_loop_test(tests, judges, 0, ARRAY_SIZE(judgements));
	tcase_add_test(tests, exit_status);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
