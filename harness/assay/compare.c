// SPDX-License-Identifier: GPL-2.0-only
/* Gathers a run's verdicts as they come, and compares them; see compare.h. */
#include "harness/assay/compare.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/record.h"
#include "harness/assay/report.h"

bool compare_open(struct comparison *c, const char *path, struct problem *p)
{
	return result_read(&c->baseline, path, p);
}

/* Our own records are in order. */
static void take(struct result *r, json_t *record)
{
	struct problem p;

	result_record(r, record, 1, &p);
	json_decref(record);
}

static bool has_pair(const struct diff *d)
{
	for (size_t i = 0; i < d->pairs; i++)
		if (d->pair[i].target_a != NO_TARGET && d->pair[i].target_b != NO_TARGET)
			return true;
	return false;
}

/* Did someone ask for less than all tests?  Then those that are not there are not gone. */
static bool is_part(const struct run *r)
{
	const struct run_options *o = &r->options;

	return r->globs.count || o->areas.count || o->fixes || o->shards > 1;
}

bool compare_begin(struct comparison *c, const struct run *r, struct problem *p)
{
	struct strings names = { 0 };
	char *all;
	bool ok;

	result_init(&c->current, "this run");
	take(&c->current, record_run(r));
	diff_make(&c->diff, &c->baseline, &c->current, "kernel", is_part(r));
	ok = has_pair(&c->diff);
	diff_free(&c->diff);
	if (ok)
		return true;
	for (size_t i = 0; i < c->baseline.targets; i++)
		strings_add(&names, c->baseline.target[i].text);
	all = strings_join(&names, ", ");
	problem_set(p, EXIT_USAGE, "--baseline %s: has none of the targets of this run; it has: %s",
		    c->baseline.path, all);
	free(all);
	strings_free(&names);
	return false;
}

void compare_end(struct comparison *c, const struct run *r)
{
	result_finish(&c->current);
	diff_make(&c->diff, &c->baseline, &c->current, "kernel", is_part(r));
}

void compare_close(struct comparison *c)
{
	diff_free(&c->diff);
	result_free(&c->current);
	result_free(&c->baseline);
}

/* --- as a report, it hears of every verdict with all its checks --- */

static void arrival(struct report *report, const struct run *r, size_t plan)
{
	(void)report;
	take(&r->comparison->current, record_verdict(r, plan));
}

const struct report_ops report_compare = {
	.name = "compare",
	.arrival = arrival,
};
