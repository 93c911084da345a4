// SPDX-License-Identifier: GPL-2.0-only
/*
 * One JSON object a line (doc/results.md): for a reader, in the plan's order, and
 * as the journal of a result folder, in which each verdict stands as soon as it
 * is there, so that a run that is killed can go on (resume.h).
 */
#include "harness/assay/report.h"

#include <unistd.h>

#include "harness/assay/json.h"
#include "harness/assay/record.h"

#define SYNC_SECONDS 1.0 /* what a loss of power may cost */

static void begin(struct report *report, const struct run *r)
{
	json_print_line(report->out, record_run(r));
}

static void verdict(struct report *report, const struct run *r, size_t plan)
{
	json_print_line(report->out, record_verdict(r, plan));
}

static void end(struct report *report, const struct run *r)
{
	json_print_line(report->out, record_end(r));
}

const struct report_ops report_jsonl = {
	.name = "jsonl",
	.all_checks = true,
	.begin = begin,
	.verdict = verdict,
	.end = end,
};

/* --- the journal; what a resumed run took over stands there already --- */

static void journal_begin(struct report *report, const struct run *r)
{
	if (!r->resumed)
		begin(report, r);
}

static void journal_arrival(struct report *report, const struct run *r, size_t plan)
{
	double now = clock_seconds();

	if (r->plan[plan].taken_over)
		return;
	verdict(report, r, plan);
	if (fflush(report->out) || now - report->last < SYNC_SECONDS)
		return;
	report->last = now;
	fdatasync(fileno(report->out));
}

const struct report_ops report_journal = {
	.name = "journal",
	.begin = journal_begin,
	.arrival = journal_arrival,
	.end = end,
};
