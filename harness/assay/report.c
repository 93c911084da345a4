// SPDX-License-Identifier: GPL-2.0-only
/* All outputs of a run get the same; see report.h. */
#include "harness/assay/report.h"

#include <string.h>

static const struct report_ops *const all[] = { &report_summary, &report_tap, &report_ktap,
						&report_jsonl, &report_junit };

const struct report_ops *report_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

void reports_begin(struct run *r)
{
	for (size_t i = 0; i < r->reports; i++) {
		if (r->report[i].ops->begin)
			r->report[i].ops->begin(&r->report[i], r);
		fflush(r->report[i].out);
	}
}

static bool still_written(const struct report *report)
{
	return !ferror(report->out) || report->optional;
}

bool reports_arrival(struct run *r, size_t plan)
{
	bool ok = true;

	for (size_t i = 0; i < r->reports; i++) {
		struct report *report = &r->report[i];

		if (report->ops->arrival && !ferror(report->out))
			report->ops->arrival(report, r, plan);
		ok &= still_written(report);
	}
	return ok;
}

bool reports_verdict(struct run *r, size_t plan)
{
	bool ok = true;

	for (size_t i = 0; i < r->reports; i++) {
		struct report *report = &r->report[i];

		if (!report->ops->verdict || ferror(report->out))
			continue;
		report->ops->verdict(report, r, plan);
		/* Who watches wants to see it now; files are for later. */
		if (report->out == stdout)
			fflush(report->out);
		ok &= still_written(report);
	}
	return ok;
}

bool reports_want_checks(const struct run *r)
{
	for (size_t i = 0; i < r->reports; i++)
		if (r->report[i].ops->all_checks)
			return true;
	return false;
}

bool reports_tick(const struct run *r)
{
	for (size_t i = 0; i < r->reports; i++)
		if (r->report[i].ops->progress)
			return true;
	return false;
}

void reports_progress(struct run *r, size_t plan, u64 run, u64 planned)
{
	for (size_t i = 0; i < r->reports; i++)
		if (r->report[i].ops->progress)
			r->report[i].ops->progress(&r->report[i], r, plan, run, planned);
}

void reports_end(struct run *r)
{
	for (size_t i = 0; i < r->reports; i++) {
		if (ferror(r->report[i].out))
			continue;
		if (r->report[i].ops->end)
			r->report[i].ops->end(&r->report[i], r);
		fflush(r->report[i].out);
	}
}
