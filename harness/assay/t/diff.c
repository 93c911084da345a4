// SPDX-License-Identifier: GPL-2.0-only
/* Reading results, classes of a diff, and which target is compared with which. */
#include "harness/assay/diff.h"
#include "lib/t/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct problem problem;

/* A result of these targets and lines, each without its record and target. */
static struct result make(const char *targets, const char *settings, const char *lines)
{
	struct strings target = strings_split(targets, ' '), line = strings_split(lines, ';');
	struct result r;
	json_t *list = json_array(), *head, *record;

	result_init(&r, "made");
	for (size_t i = 0; i < target.count; i++)
		json_array_append_new(list, json_pack("{s:s}", "target", target.item[i]));
	head = json_loads(settings, 0, NULL);
	ck_assert_ptr_nonnull(head);
	json_object_set_new(head, "record", json_string("run"));
	json_object_set_new(head, "version", json_integer(1));
	json_object_set_new(head, "planned", json_integer((json_int_t)line.count));
	json_object_set_new(head, "targets", list);
	ck_assert_msg(result_record(&r, head, 1, &problem), "%s", problem.text);
	json_decref(head);
	for (size_t i = 0; i < line.count; i++) {
		record = json_loads(line.item[i], 0, NULL);
		ck_assert_msg(record != NULL, "%s", line.item[i]);
		json_object_set_new(record, "record", json_string("verdict"));
		if (!json_object_get(record, "target"))
			json_object_set_new(record, "target", json_string(target.item[0]));
		if (!json_object_get(record, "id"))
			json_object_set_new(record, "id", json_string("a/b"));
		ck_assert_msg(result_record(&r, record, i + 2, &problem), "%s", problem.text);
		json_decref(record);
	}
	result_finish(&r);
	strings_free(&target);
	strings_free(&line);
	return r;
}

/* The result as a baseline file says it. */
static struct result through_baseline(const struct result *r)
{
	struct result copy;
	char *text, *line;
	size_t size, n = 0;
	FILE *out = open_memstream(&text, &size);

	baseline_write(out, r);
	fclose(out);
	result_init(&copy, "baseline");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(result_line(&copy, line, strlen(line), ++n, &problem), "%s",
			      problem.text);
	result_finish(&copy);
	free(text);
	return copy;
}

#define PASS "{'verdict':'pass'}"
#define PASS_9 "{'verdict':'pass','cases':{'run':9}}"
#define FAIL "{'verdict':'fail','reason':'r'}"
#define CRASH "{'verdict':'crash','reason':'r'}"
#define SKIP "{'verdict':'skip','reason':'s'}"
#define ERROR "{'verdict':'error','reason':'e'}"
#define CHECK(c, got) "{'case':'" c "','expression':'x','wanted':'w','got':'" got "'}"
#define CASES(verdict, n, checks)                                                                  \
	"{'verdict':'" verdict "','cases':{'run':9,'failed':" #n "},'checks':[" checks "]}"
#define FAIL_1 CASES("fail", 1, CHECK("c1", "1"))
#define FAIL_12 CASES("fail", 2, CHECK("c1", "1") "," CHECK("c2", "1"))
#define FAIL_2 CASES("fail", 1, CHECK("c2", "1"))
#define FAIL_1_AT CASES("fail", 1, CHECK("c1", "#UD at rip=0x11f705"))
#define FAIL_1_ELSEWHERE CASES("fail", 1, CHECK("c1", "#UD at rip=0x11f8a0"))
#define FAIL_1_OTHER CASES("fail", 1, CHECK("c1", "2"))
#define KNOWN_1                                                                                    \
	"{'verdict':'known','known':{'said':'fail'},'cases':{'run':9,'failed':1},"                 \
	"'checks':[" CHECK("c1", "1") "]}"
#define LISTED_FLAKY                                                                               \
	"{'verdict':'known','known':{'said':'fail','flaky':true},'cases':{'run':9,'failed':1},"    \
	"'checks':[" CHECK("c1", "1") "]}"
#define DIED_IN_3 "{'verdict':'crash','case':'c3','reason':'r'}"

static const struct {
	const char *name, *a, *b;
	enum diff_class class;
	const char *words;
	size_t cases;
	bool other_cases; /* the sides walk different ones */
} rows[] = {
	{ "pass", PASS, PASS, DIFF_SAME, "", 0, false },
	{ "pass, fixed", PASS, "{'verdict':'fixed'}", DIFF_SAME, "", 0, false },
	{ "fell", PASS, FAIL, DIFF_REGRESSION, "r", 0, false },
	{ "fell in cases", PASS_9, FAIL_12, DIFF_REGRESSION, "", 2, false },
	{ "fell, other cases", PASS_9, FAIL_12, DIFF_CHANGED, "may not have walked", 2, true },
	{ "fell, other cases, but has none", PASS, FAIL, DIFF_REGRESSION, "r", 0, true },
	{ "fell as listed", PASS_9, KNOWN_1, DIFF_CHANGED, "as the known deviations", 1, false },
	{ "rose", FAIL, PASS, DIFF_FIXED, "", 0, false },
	{ "rose from known", KNOWN_1, PASS_9, DIFF_FIXED, "", 0, false },
	{ "rose, other cases", FAIL_1, PASS_9, DIFF_CHANGED, "may not have walked", 0, true },
	{ "rose from a crash", CRASH, PASS, DIFF_FIXED, "", 0, false },
	{ "failed the same", FAIL_1, FAIL_1, DIFF_SAME, "", 0, false },
	{ "failed the same, of another build", FAIL_1_AT, FAIL_1_ELSEWHERE, DIFF_SAME, "", 0, false },
	{ "failed otherwise", FAIL_1, FAIL_1_OTHER, DIFF_CHANGED, "otherwise", 0, false },
	{ "a case more", FAIL_1, FAIL_12, DIFF_REGRESSION, "1 more case fails", 1, false },
	{ "another case", FAIL_1, FAIL_2, DIFF_REGRESSION, "1 more case fails", 1, false },
	{ "a case more, other cases", FAIL_1, FAIL_12, DIFF_CHANGED, "may not have", 1, true },
	{ "a case less", FAIL_12, FAIL_1, DIFF_CHANGED, "1 of the 2 cases", 0, false },
	{ "a case more than listed", KNOWN_1, FAIL_12, DIFF_REGRESSION, "1 more", 1, false },
	{ "listed no more", KNOWN_1, FAIL_1, DIFF_CHANGED, "no known deviation now", 0, false },
	{ "listed now", FAIL_1, KNOWN_1, DIFF_CHANGED, "a known deviation now", 0, false },
	{ "dies now", FAIL_1, CRASH, DIFF_REGRESSION, "it dies now", 0, false },
	{ "died otherwise", CRASH, "{'verdict':'timeout','reason':'t'}", DIFF_CHANGED, "otherwise",
	  0, false },
	{ "died, comes further", DIED_IN_3, FAIL_1, DIFF_CHANGED, "did not come to", 1, false },
	{ "skip", SKIP, SKIP, DIFF_SAME, "", 0, false },
	{ "skipped now", PASS, SKIP, DIFF_NOT_RUN, "s", 0, false },
	{ "failed, skipped now", FAIL, SKIP, DIFF_NOT_RUN, "s", 0, false },
	{ "runs now", SKIP, PASS, DIFF_NOT_RUN, "s", 0, false },
	{ "runs now, and fails", SKIP, FAIL, DIFF_NOT_RUN, "s", 0, false },
	{ "fewer cases", "{'verdict':'pass','cases':{'run':12}}", PASS_9, DIFF_NOT_RUN, "3 of 12",
	  0, false },
	{ "more cases", PASS_9, "{'verdict':'pass','cases':{'run':12}}", DIFF_SAME, "", 0, false },
	{ "error now", PASS, ERROR, DIFF_INFRASTRUCTURE, "e", 0, false },
	{ "error before", ERROR, FAIL, DIFF_INFRASTRUCTURE, "e", 0, false },
	{ "error both times", ERROR, ERROR, DIFF_INFRASTRUCTURE, "e", 0, false },
	{ "error and skip", ERROR, SKIP, DIFF_INFRASTRUCTURE, "e", 0, false },
	{ "an error among passes hides no fall", PASS, FAIL ";" ERROR, DIFF_REGRESSION, "", 0,
	  false },
	{ "flaky now", PASS, PASS ";" FAIL, DIFF_FLAKY, "", 0, false },
	{ "flaky before", FAIL ";" PASS, FAIL, DIFF_FLAKY, "", 0, false },
	{ "listed as flaky", LISTED_FLAKY, PASS_9, DIFF_FLAKY, "listed", 0, false },
	{ "listed as flaky, fails again", LISTED_FLAKY, LISTED_FLAKY, DIFF_SAME, "", 0, false },
};

static char *with_quotes(const char *text)
{
	char *copy = new_string(text);

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	return copy;
}

static void classify(int row, bool baseline)
{
	char *lines_a = with_quotes(rows[row].a), *lines_b = with_quotes(rows[row].b);
	struct result a = make("t", "{}", lines_a), from = a;
	struct result b = make("t", rows[row].other_cases ? "{\"seed\":2}" : "{}", lines_b);
	struct diff_item *item;
	struct diff d;
	char *got;

	if (baseline)
		a = through_baseline(&from);
	diff_make(&d, &a, &b, "kernel", false);
	ck_assert_uint_eq(1, d.pairs);
	ck_assert_uint_eq(1, d.pair[0].items);
	item = &d.pair[0].item[0];
	got = diff_story(item);
	ck_assert_msg(item->class == rows[row].class && strstr(item->words, rows[row].words) &&
			      item->cases.count == rows[row].cases,
		      "%s: got %s, '%s', %zu cases", rows[row].name, diff_word(item->class), got,
		      item->cases.count);
	ck_assert_int_eq(rows[row].class == DIFF_REGRESSION, diff_status(&d));
	free(got);
	diff_free(&d);
	if (baseline)
		result_free(&from);
	result_free(&a);
	result_free(&b);
	free(lines_a);
	free(lines_b);
}

START_TEST(classifies)
{
	classify(_i, false);
}
END_TEST

START_TEST(classifies_against_a_baseline)
{
	classify(_i, true);
}
END_TEST

/* More failing cases than a baseline names: numbers and a digest say what can be said. */
static struct result with_cases(unsigned int from, unsigned int count)
{
	char *text, *lines;
	size_t size;
	struct result r;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "{'verdict':'fail','cases':{'run':9999,'failed':%u},'checks':[", count);
	for (unsigned int i = from; i < from + count; i++)
		fprintf(out, "%s{'case':'c%04u'}", i > from ? "," : "", i);
	fprintf(out, "]}");
	fclose(out);
	lines = with_quotes(text);
	r = make("t", "{}", lines);
	free(lines);
	free(text);
	return r;
}

static const struct {
	unsigned int from, count;
	enum diff_class class;
} many[] = {
	{ 0, 500, DIFF_SAME },
	{ 0, 501, DIFF_REGRESSION },
	{ 1, 500, DIFF_REGRESSION },
	{ 0, 499, DIFF_CHANGED },
};

START_TEST(compares_with_cases_that_have_no_names)
{
	struct result whole = with_cases(0, 500), a = through_baseline(&whole);
	struct result b = with_cases(many[_i].from, many[_i].count);
	struct diff d;

	ck_assert_uint_eq(0, a.test[0].failing.count);
	diff_make(&d, &a, &b, "kernel", false);
	ck_assert_int_eq(many[_i].class, d.pair[0].item[0].class);
	diff_free(&d);
	result_free(&whole);
	result_free(&a);
	result_free(&b);
}
END_TEST

/* --- targets --- */

static const struct {
	const char *target, *option, *without;
} cuts[] = {
	{ "kvm", "kernel", "kvm" },
	{ "kvm@lab,kernel=debian:6.1", "kernel", "kvm@lab" },
	{ "kvm,npt=0@lab,kernel=/a/b,machine=q35", "kernel", "kvm,npt=0@lab,machine=q35" },
	{ "kvm,npt=0@lab,kernel=x", "npt", "kvm@lab,kernel=x" },
	{ "kvm@lab,kernels=x", "kernel", "kvm@lab,kernels=x" },
};

START_TEST(cuts_an_option)
{
	char *got = target_without(cuts[_i].target, cuts[_i].option);

	ck_assert_str_eq(cuts[_i].without, got);
	free(got);
}
END_TEST

/* "A:B" for each pair, by numbers of the lists; - for none. */
static const struct {
	const char *a, *b, *pairs;
	size_t notes;
} matches[] = {
	{ "x y", "y x", "1:0 0:1 ", 0 },
	{ "x", "y", "-:0 0:- ", 0 },
	{ "x@lab,kernel=1", "x@lab,kernel=2", "0:0 ", 0 },
	{ "x@lab,kernel=1", "x@lab,kernel=2 x@lab,kernel=3", "0:0 0:1 ", 0 },
	{ "x@lab,kernel=1 x@lab,kernel=2", "x@lab,kernel=2 x@lab,kernel=3", "1:0 0:1 ", 0 },
	{ "x@lab,kernel=1 x@lab,kernel=2", "x@lab,kernel=3", "-:0 0:- 1:- ", 1 },
	{ "x@lab,kernel=1", "y@lab,kernel=1", "-:0 0:- ", 0 },
};

static char *pairs_of(const struct diff *d)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < d->pairs; i++) {
		const size_t targets[] = { d->pair[i].target_a, d->pair[i].target_b };

		for (size_t j = 0; j < 2; j++)
			if (targets[j] == NO_TARGET)
				fprintf(out, j ? "- " : "-:");
			else
				fprintf(out, j ? "%zu " : "%zu:", targets[j]);
	}
	fclose(out);
	return text;
}

START_TEST(matches_targets)
{
	struct result a = make(matches[_i].a, "{}", ""), b = make(matches[_i].b, "{}", "");
	struct diff d;
	char *got;

	diff_make(&d, &a, &b, "kernel", false);
	got = pairs_of(&d);
	ck_assert_str_eq(matches[_i].pairs, got);
	ck_assert_uint_eq(matches[_i].notes, d.notes.count);
	free(got);
	diff_free(&d);
	result_free(&a);
	result_free(&b);
}
END_TEST

START_TEST(compares_within_one_result)
{
	struct result r = make("x@lab,kernel=1 y x@lab,kernel=2 x@lab,kernel=3", "{}", "");
	struct diff d;
	char *got;

	ck_assert(diff_within(&d, &r, "kernel", &problem));
	got = pairs_of(&d);
	ck_assert_str_eq("0:2 0:3 ", got);
	free(got);
	diff_free(&d);
	ck_assert(!diff_within(&d, &r, "machine", &problem));
	ck_assert(strstr(problem.text, "differ only in machine"));
	diff_free(&d);
	result_free(&r);
}
END_TEST

START_TEST(new_and_gone)
{
	struct result a = make("t", "{}",
			       "{\"id\":\"a/1\",\"verdict\":\"pass\"};"
			       "{\"id\":\"a/2\",\"verdict\":\"fail\"}");
	struct result b = make("t", "{}",
			       "{\"id\":\"a/2\",\"verdict\":\"fail\"};"
			       "{\"id\":\"a/3\",\"verdict\":\"fail\"}");
	struct diff d;

	diff_make(&d, &a, &b, "kernel", false);
	ck_assert_uint_eq(1, d.count[DIFF_NEW]);
	ck_assert_uint_eq(1, d.count[DIFF_GONE]);
	ck_assert_uint_eq(1, d.count[DIFF_SAME]);
	ck_assert_int_eq(EXIT_EXPECTED, diff_status(&d));
	diff_free(&d);
	result_free(&a);
	result_free(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tests = tcase_create("diff");

	tcase_add_loop_test(tests, classifies, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(tests, classifies_against_a_baseline, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(tests, compares_with_cases_that_have_no_names, 0, ARRAY_SIZE(many));
	tcase_add_loop_test(tests, cuts_an_option, 0, ARRAY_SIZE(cuts));
	tcase_add_loop_test(tests, matches_targets, 0, ARRAY_SIZE(matches));
	tcase_add_test(tests, compares_within_one_result);
	tcase_add_test(tests, new_and_gone);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
