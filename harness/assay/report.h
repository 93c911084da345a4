/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outputs of a run.  A report hears of the plan, of each verdict as it comes
 * and of the end; it may not change anything.  Adding a format is one file and
 * one row in report.c.
 */
#ifndef ASSAY_REPORT_H
#define ASSAY_REPORT_H

#include "harness/assay/run.h"

/* Failed expectations shown for a test in texts; all of them are in run.jsonl. */
#define CHECKS_SHOWN 10

struct report;

/* What is NULL is not wanted. */
struct report_ops {
	const char *name;
	bool all_checks; /* verdict() wants all failed expectations, not only the first */
	void (*begin)(struct report *report, const struct run *r);
	/* A verdict is there, with all its checks: in any order, as they come. */
	void (*arrival)(struct report *report, const struct run *r, size_t plan);
	/* The same, in the order of the plan. */
	void (*verdict)(struct report *report, const struct run *r, size_t plan);
	/* The test `plan` runs; cases run and planned where a heartbeat told, else 0. */
	void (*progress)(struct report *report, const struct run *r, size_t plan, u64 run,
			 u64 planned);
	void (*end)(struct report *report, const struct run *r);
};

struct report {
	const struct report_ops *ops;
	FILE *out;
	bool optional; /* nobody minds if it cannot be written any more: another one is kept */
	size_t area_start; /* ktap: the first planned test of the area under way */
	double last; /* live: when the line was drawn; journal: when it went to the disk */
	struct under_way *under_way; /* live: what each host does */
};

extern const struct report_ops report_tap, report_ktap, report_jsonl, report_journal, report_junit,
	report_summary, report_live, report_compare;

/* By the name of a format; NULL if there is none. */
const struct report_ops *report_find(const char *name);

void reports_begin(struct run *r);
/* These return false if a report cannot be written any more, so that going on is in vain. */
bool reports_arrival(struct run *r, size_t plan);
bool reports_verdict(struct run *r, size_t plan);
/* Does a report want all checks of a verdict? */
bool reports_want_checks(const struct run *r);
/* Does a report want to draw something now and then? */
bool reports_tick(const struct run *r);
void reports_progress(struct run *r, size_t plan, u64 run, u64 planned);
void reports_end(struct run *r);

/* --- for the texts (report-text.c); `prefix` begins every line --- */

/* How the target was judged: its text, its subject, its facts. */
void print_host(FILE *out, const char *prefix, const struct host *h);
/* What is to be said below a verdict: reason, checks, windows, not covered, how to reproduce. */
void print_details(FILE *out, const char *prefix, const struct run *r, size_t plan);
/* "a, b" of what is not 0: "12 pass, 1 fail". */
void print_counts(FILE *out, const u64 count[VERDICT_COUNT]);
/* Infrastructure failures, default targets that could not run, being cut short. */
void print_run_notes(FILE *out, const char *prefix, const struct run *r);
/* Tests of a target whose repetitions differ (report-matrix.c). */
void print_flaky(FILE *out, const char *prefix, const struct run *r, size_t host);
/* Several targets: a row for each test on which they differ, or which failed. */
void print_matrix(FILE *out, const char *prefix, const struct run *r);
/* By target: every verdict but pass and skip (in full: with its details), and the sums. */
void print_summary(FILE *out, const struct run *r, bool in_full);
/* The reason of a verdict, on the line of the verdict itself; "" if there is none. */
const char *verdict_reason(const struct outcome *o);

#endif
