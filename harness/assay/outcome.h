/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of one planned test: everything its events said, and the verdict. */
#ifndef ASSAY_OUTCOME_H
#define ASSAY_OUTCOME_H

#include "harness/assay/event.h"
#include "harness/assay/known.h"
#include "lib/verdict.h"

/* "pass" and the others; VERDICT_COUNT for an unknown word. */
const char *verdict_word(enum verdict v);
enum verdict verdict_parse(const char *word);
/* Is it the subject's failure; is it Assay's? */
bool verdict_blames_subject(enum verdict v);
bool verdict_blames_assay(enum verdict v);

/* An expectation that failed. */
struct check {
	char *case_name;
	char *file;
	char *expression;
	char *wanted;
	char *got;
	u64 line;
};

struct not_covered {
	u64 cases;
	char *fact;
};

struct window {
	char *name;
	u64 hits;
};

/*
 * More checks than this are counted, not kept: a test that breaks in every one
 * of millions of cases must not take the machine's memory.
 */
#define CHECKS_KEPT_MAX 250000
#define LOG_LINES_MAX 1000

struct outcome {
	enum verdict verdict;
	enum verdict said; /* before the known deviations were looked at */
	char *reason; /* a sentence; "" for pass */
	char *case_name; /* that was running when the guest died; "" */
	u64 planned, run, failed, not_covered_cases;
	double seconds;
	struct check *check;
	size_t checks; /* kept */
	u64 checks_seen;
	struct not_covered *not_covered;
	size_t not_covereds;
	struct window *window;
	size_t windows;
	struct strings log; /* what the test, the driver or a console wrote */
	unsigned int infrastructure; /* failures before the payload's first word */
	const struct known_entry *known; /* the first entry that covered something */
	bool hello; /* the payload spoke */
};

void outcome_init(struct outcome *o);
void outcome_set(struct outcome *o, enum verdict v, const char *reason);
/* Take in an event of this test (not `start`); false with a reason if it makes no sense. */
bool outcome_event(struct outcome *o, const struct event *e, char *reason, size_t reason_size);
void outcome_log(struct outcome *o, const char *line);
/*
 * Make it what a verdict record of run.jsonl says; false if that makes no sense, or
 * names a known deviation that is not in `k`.
 */
bool outcome_restore(struct outcome *o, const json_t *record, const struct known *k);
/* Forget all but the first `keep` checks; checks_seen stays. */
void outcome_trim(struct outcome *o, size_t keep);
void outcome_free(struct outcome *o);

#endif
