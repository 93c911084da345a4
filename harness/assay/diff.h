/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two results side by side: what became of each test, in one class each.  Not
 * run, flaky and Assay's own errors are held apart from pass and fail: none of
 * them says anything about the subject.
 */
#ifndef ASSAY_DIFF_H
#define ASSAY_DIFF_H

#include "harness/assay/result.h"

/* DIFF(NAME, word, meaning), the most important first; the order of every output */
#define DIFF_CLASSES(DIFF)                                                                         \
	DIFF(REGRESSION, "regression", "fails where it passed, or worse, or in more cases")        \
	DIFF(FIXED, "fixed", "passes where it failed")                                             \
	DIFF(CHANGED, "changed", "fails in both, but otherwise; or as known deviations say")       \
	DIFF(FLAKY, "flaky", "passes and fails on one side, or is listed so")                      \
	DIFF(INFRASTRUCTURE, "infrastructure", "Assay or the lab failed on one side")              \
	DIFF(NOT_RUN, "not run", "skipped, or run with fewer cases, on one side only")             \
	DIFF(NEW, "new", "only in B")                                                              \
	DIFF(GONE, "gone", "only in A")                                                            \
	DIFF(SAME, "same", "as before")

enum diff_class {
#define DIFF(NAME, word, meaning) DIFF_##NAME,
	DIFF_CLASSES(DIFF)
#undef DIFF
		DIFF_COUNT
};

const char *diff_word(enum diff_class c);

struct diff_item {
	enum diff_class class;
	const struct result_test *a, *b; /* one of them may be NULL */
	char *words; /* what changed, beyond the two verdicts; "" */
	struct strings cases; /* that fail now and did not before; names */
};

/* One target of A against one of B. */
struct diff_pair {
	const struct result *a, *b;
	size_t target_a, target_b; /* NO_TARGET: nothing to compare it with */
	struct diff_item *item; /* by class, then by id */
	size_t items;
	u64 count[DIFF_COUNT];
};

#define NO_TARGET ((size_t)-1)

struct diff {
	struct diff_pair *pair;
	size_t pairs;
	u64 count[DIFF_COUNT];
	struct strings notes; /* why a comparison may mislead */
};

/*
 * Compare the targets of two results.  Targets are matched by their text; what
 * is left then by their text without the option `by` ("kernel"), where that is
 * clear.  If B is only a part, what is not in it is not gone.
 */
void diff_make(struct diff *d, const struct result *a, const struct result *b, const char *by,
	       bool b_is_part);

/*
 * Compare targets of one result that differ only in the option `by`: the first
 * of each group with each of the others.  False if there is no such group.
 */
bool diff_within(struct diff *d, const struct result *r, const char *by, struct problem *p);
void diff_free(struct diff *d);

/* 1 if there is a regression, else 0. */
enum exit_status diff_status(const struct diff *d);

/* The text of a target without an option of its host or place; the caller frees it. */
char *target_without(const char *target, const char *option);

/* --- one test (diff-classify.c) --- */

/* Do both sides walk the same cases of a matrix? */
bool diff_same_cases(const struct result *a, const struct result *b);
/* a or b may be NULL.  Fills all of *item. */
void diff_classify(struct diff_item *item, const struct result_test *a, const struct result_test *b,
		   bool same_cases);

/* --- outputs (diff-text.c, diff-formats.c) --- */

struct diff_format {
	const char *name;
	void (*print)(FILE *out, const struct diff *d);
};
extern const struct diff_format diff_text, diff_jsonl, diff_tap, diff_markdown;

/* The text with something before each line. */
void diff_print_text(FILE *out, const char *prefix, const struct diff *d);
/* An object of the counts by class. */
json_t *diff_counts(const struct diff *d);
/* "2 regressions, 1 fixed, 30 same" */
void diff_print_counts(FILE *out, const u64 count[DIFF_COUNT]);
/* "pass", "2 pass, 1 fail", "-" */
char *diff_verdicts(const struct result_test *t);
/* What changed in words, with the first cases; the caller frees it. */
char *diff_story(const struct diff_item *item);

#endif
