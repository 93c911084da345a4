// SPDX-License-Identifier: GPL-2.0-only
/*
 * TAP version 13 (prove 3.44 fails a passing stream of version 14).  A known
 * deviation is a TODO: it fails, and nobody is to be woken.
 */
#include "harness/assay/report.h"

#include <stdlib.h>

static void begin(struct report *report, const struct run *r)
{
	fprintf(report->out, "TAP version 13\n1..%zu\n", r->plans);
	for (size_t i = 0; i < r->not_run.count; i++) {
		fprintf(report->out, "# not run: ");
		print_clean(report->out, r->not_run.item[i], "");
		putc('\n', report->out);
	}
	for (size_t i = 0; i < r->hosts; i++)
		print_host(report->out, "# ", &r->host[i]);
}

static void print_directive(FILE *out, const struct outcome *o)
{
	if (o->verdict == VERDICT_SKIP)
		fprintf(out, " # SKIP ");
	else if (o->verdict == VERDICT_KNOWN)
		fprintf(out, " # TODO known: ");
	else
		return;
	print_clean(out, verdict_reason(o), "#");
}

static void verdict(struct report *report, const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];
	bool ok = o->verdict == VERDICT_PASS || o->verdict == VERDICT_SKIP;
	char *name = planned_name(r, plan);

	fprintf(report->out, "%sok %zu - ", ok ? "" : "not ", plan + 1);
	print_clean(report->out, run_host(r, plan)->target.text, "#\\");
	putc(' ', report->out);
	print_clean(report->out, name, "#\\");
	print_directive(report->out, o);
	putc('\n', report->out);
	if (!ok && o->verdict != VERDICT_KNOWN) {
		fprintf(report->out, "# %s: ", verdict_word(o->verdict));
		print_clean(report->out, verdict_reason(o), "");
		putc('\n', report->out);
	}
	print_details(report->out, "#   ", r, plan);
	free(name);
}

static void end(struct report *report, const struct run *r)
{
	for (size_t i = 0; i < r->hosts; i++)
		print_flaky(report->out, "# ", r, i);
	print_matrix(report->out, "# ", r);
	fprintf(report->out, "# ");
	print_counts(report->out, r->count);
	putc('\n', report->out);
	print_run_notes(report->out, "# ", r);
}

const struct report_ops report_tap = {
	.name = "tap",
	.begin = begin,
	.verdict = verdict,
	.end = end,
};
