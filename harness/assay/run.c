// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the plan: the tests of a target one after the other, up to --jobs targets
 * at the same time.  Whatever comes first, it is reported in the plan's order.
 */
#include "harness/assay/run.h"

#include "harness/assay/compare.h"
#include "harness/assay/judge.h"
#include "harness/assay/report.h"

void run_progress(struct run *r, size_t plan, u64 run, u64 planned)
{
	pthread_mutex_lock(&r->lock);
	reports_progress(r, plan, run, planned);
	pthread_mutex_unlock(&r->lock);
}

/* A test has its verdict; report it, and what waited for it. */
static void finish_test(struct run *r, size_t plan)
{
	pthread_mutex_lock(&r->lock);
	r->plan[plan].done = true;
	r->count[r->outcome[plan].verdict]++;
	r->done++;
	if (!reports_arrival(r, plan))
		r->cut_short = true;
	if (!reports_want_checks(r))
		outcome_trim(&r->outcome[plan], CHECKS_SHOWN);
	for (; r->reported < r->plans && r->plan[r->reported].done; r->reported++) {
		if (!reports_verdict(r, r->reported))
			r->cut_short = true;
		outcome_trim(&r->outcome[r->reported], CHECKS_SHOWN);
	}
	pthread_mutex_unlock(&r->lock);
}

/* All tests of a target; they stand together in the plan. */
static void run_target(void *run, size_t host)
{
	struct run *r = run;
	const struct area *area = NULL;

	for (size_t i = 0; i < r->plans; i++) {
		if (r->plan[i].host != host)
			continue;
		if (r->plan[i].picked.area != area)
			r->host[host].given_up = 0;
		area = r->plan[i].picked.area;
		if (!r->plan[i].taken_over) {
			run_test(r, i);
			judge(r, i);
		}
		finish_test(r, i);
	}
	end_driver(&r->host[host]);
}

void run_plan(struct run *r)
{
	pool_run(r->pool, r->hosts, run_target, r);
}

enum exit_status run_status(const struct run *r)
{
	bool assay = r->cut_short, subject = false;

	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		subject |= r->count[v] && verdict_blames_subject(v);
		assay |= r->count[v] && verdict_blames_assay(v);
	}
	/* What failed before, too, is as expected. */
	if (r->comparison)
		subject = diff_status(&r->comparison->diff) == EXIT_SUBJECT;
	if (subject)
		return EXIT_SUBJECT;
	for (size_t i = 0; i < r->hosts; i++)
		assay |= *host_missing(&r->host[i]) != 0;
	return assay ? EXIT_LAB : EXIT_EXPECTED;
}
