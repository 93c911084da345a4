// SPDX-License-Identifier: GPL-2.0-only
/* What became of one test between two results; see diff.h. */
#include "harness/assay/diff.h"

#include <stdlib.h>
#include <string.h>

#define number(n) ((unsigned long long)(n))

/* How often a side said which kind of thing. */
struct side {
	u64 good, bad, known, skip, error, all;
};

static struct side side_of(const struct result_test *t)
{
	const u64 *n = t->count;
	struct side s = {
		.good = n[VERDICT_PASS] + n[VERDICT_FIXED],
		.known = n[VERDICT_KNOWN],
		.bad = n[VERDICT_FAIL] + n[VERDICT_CRASH] + n[VERDICT_TIMEOUT] + n[VERDICT_KNOWN],
		.skip = n[VERDICT_SKIP],
		.error = n[VERDICT_ERROR],
	};

	s.all = s.good + s.bad + s.skip + s.error;
	return s;
}

bool diff_same_cases(const struct result *a, const struct result *b)
{
	return a->seed == b->seed && !strcmp(a->matrix, b->matrix) &&
	       !strcmp(a->case_name, b->case_name) && a->shard == b->shard &&
	       a->shards == b->shards;
}

static void set(struct diff_item *item, enum diff_class class, const char *words)
{
	item->class = class;
	free(item->words);
	item->words = new_string(words);
}

/* Names of b that a does not have; both ascend. */
static void add_new_cases(struct diff_item *item, const struct strings *a, const struct strings *b)
{
	size_t i = 0;

	for (size_t j = 0; j < b->count; j++) {
		while (i < a->count && strcmp(a->item[i], b->item[j]) < 0)
			i++;
		if (i == a->count || strcmp(a->item[i], b->item[j]))
			strings_add(&item->cases, b->item[j]);
	}
}

/* How many cases fail that did not before, at least; names of them where A has names. */
static u64 more_failures(struct diff_item *item)
{
	const struct result_test *a = item->a, *b = item->b;

	if (a->all_named) {
		add_new_cases(item, &a->failing, &b->failing);
		return item->cases.count;
	}
	if (b->failed > a->failed)
		return b->failed - a->failed;
	/* As many, but others: one of them at least is new. */
	return b->failed == a->failed && a->cases_digest && b->cases_digest &&
	       a->cases_digest != b->cases_digest;
}

/* Both fail with no new case: the same way? */
static void compare_ways(struct diff_item *item, bool known_a, bool known_b)
{
	const struct result_test *a = item->a, *b = item->b;
	char *words = NULL;

	if (b->failed < a->failed)
		words = new_format("%llu of the %llu cases still fail", number(b->failed),
				   number(a->failed));
	else if (a->signature != b->signature || a->died != b->died)
		words = new_string("fails otherwise");
	else if (known_a != known_b)
		words = new_string(known_b ? "a known deviation now" : "no known deviation now");
	set(item, words ? DIFF_CHANGED : DIFF_SAME, words ? words : "");
	free(words);
}

static void compare_failures(struct diff_item *item, const struct side *a, const struct side *b,
			     bool same_cases)
{
	u64 more = more_failures(item);
	char *words;

	if (item->b->died && !item->a->died) {
		set(item, DIFF_REGRESSION, "it dies now");
	} else if (!more) {
		compare_ways(item, a->known == a->bad, b->known == b->bad);
	} else if (b->known == b->bad) {
		set(item, DIFF_CHANGED, "more cases fail, as the known deviations say");
	} else if (item->a->died) {
		set(item, DIFF_CHANGED, "fails in cases that A did not come to");
	} else if (!same_cases) {
		set(item, DIFF_CHANGED, "fails in cases that A may not have walked");
	} else {
		words = new_format("%llu more case%s", number(more),
				   more == 1 ? " fails" : "s fail");
		set(item, DIFF_REGRESSION, words);
		free(words);
	}
}

static void compare_passes(struct diff_item *item, bool same_cases)
{
	const struct result_test *a = item->a, *b = item->b;
	char *words;

	set(item, DIFF_SAME, "");
	if (!same_cases || b->run >= a->run)
		return;
	words = new_format("%llu of %llu cases run no more", number(a->run - b->run),
			   number(a->run));
	set(item, DIFF_NOT_RUN, words);
	free(words);
}

/* It passed, and fails now. */
static void compare_fall(struct diff_item *item, const struct side *b, bool same_cases)
{
	add_new_cases(item, &(struct strings){ 0 }, &item->b->failing);
	if (b->known == b->bad)
		set(item, DIFF_CHANGED, "fails as the known deviations say");
	else if (!same_cases && item->b->failing.count)
		set(item, DIFF_CHANGED, "fails in cases that A may not have walked");
	else
		set(item, DIFF_REGRESSION, item->b->reason ? item->b->reason : "");
}

static void compare_rise(struct diff_item *item, bool same_cases)
{
	if (!same_cases && item->a->failing.count)
		set(item, DIFF_CHANGED, "passes, but B may not have walked the cases that failed");
	else
		set(item, DIFF_FIXED, "");
}

static const char *reason_of(const struct result_test *t)
{
	return t->reason ? t->reason : "";
}

void diff_classify(struct diff_item *item, const struct result_test *a, const struct result_test *b,
		   bool same_cases)
{
	struct side x, y;

	*item = (struct diff_item){ .a = a, .b = b, .words = new_string("") };
	if (!a || !b) {
		set(item, a ? DIFF_GONE : DIFF_NEW, a ? "" : reason_of(b));
		return;
	}
	x = side_of(a);
	y = side_of(b);
	if ((x.good && x.bad) || (y.good && y.bad))
		set(item, DIFF_FLAKY, "");
	else if ((a->flaky || b->flaky) && ((x.good && y.bad) || (x.bad && y.good)))
		set(item, DIFF_FLAKY, "listed as flaky");
	else if (x.good && y.bad)
		compare_fall(item, &y, same_cases);
	else if (x.bad && y.bad)
		compare_failures(item, &x, &y, same_cases);
	else if (y.error || x.error == x.all)
		set(item, DIFF_INFRASTRUCTURE, reason_of(y.error ? b : a));
	else if (x.bad && y.good)
		compare_rise(item, same_cases);
	else if (x.good && y.good)
		compare_passes(item, same_cases);
	else if (x.skip == x.all && y.skip == y.all)
		set(item, DIFF_SAME, "");
	else
		set(item, DIFF_NOT_RUN, reason_of(y.skip ? b : a));
}
