/* SPDX-License-Identifier: GPL-2.0-only */
/* A run: what was asked for, the plan that follows from it, and what came of each test. */
#ifndef ASSAY_RUN_H
#define ASSAY_RUN_H

#include <pthread.h>

#include "harness/assay/host.h"
#include "harness/assay/outcome.h"
#include "harness/assay/pool.h"

/* Larger tests are cut by case, on every shard, instead of being given to one shard whole. */
#define SHARD_BY_CASE_MIN 100000

/* The options of `assay run`, in the order of its help; what the rest is made of. */
struct run_options {
	struct strings targets;
	struct strings kernels;
	struct strings areas;
	const char *fixes;
	const char *case_name;
	bool cold;
	u64 seed; /* 0: 1 */
	const char *shard_text;
	const char *matrix; /* "pairwise", "sample=N", "full", or NULL */
	const char *at_every_sync;
	u64 repeat; /* 0: once */
	u64 jobs; /* 0: as many as make sense */
	const char *isolation;
	u64 deadline; /* seconds; 0: the driver's own */
	const char *format;
	const char *output;
	const char *resume;
	const char *baseline;
	const char *known;
	bool no_known;

	/* Read from the texts above. */
	u64 shard, shards; /* shards is 1 or more */
	u64 sync;
};

/* Each verdict belongs to one of these; its place in the plan, from 1, is its number. */
struct planned {
	struct picked picked;
	size_t host;
	unsigned int repetition; /* from 1 */
	bool by_case; /* run this shard's cases of it */
	bool taken_over; /* from the run that this one resumes */
	bool done; /* it has its verdict */
};

struct report;
struct comparison;

struct run {
	struct run_options options;
	struct strings globs;
	char *command; /* the command line, quoted */
	struct strings arguments; /* the same in words, without "assay run" */
	bool resumed; /* another run began it */
	size_t taken_over; /* verdicts of that one */
	struct known known;
	struct host *host;
	size_t hosts;
	struct strings not_run; /* default targets that cannot run here, and why */
	struct planned *plan;
	struct outcome *outcome; /* one for each of plan */
	size_t plans;
	struct pool *pool; /* NULL: one target after the other */
	pthread_mutex_t lock; /* of all that follows, while the plan runs */
	size_t done; /* how many have their verdict */
	size_t reported; /* these, the first ones of the plan, are reported */
	u64 count[VERDICT_COUNT];
	time_t began; /* of the calendar */
	double started, ended; /* clock_seconds() */
	_Atomic bool cut_short; /* a signal, or nobody reads our output */
	struct comparison *comparison; /* with --baseline */
	struct report *report;
	size_t reports;
};

static inline const struct image_test *planned_test(const struct planned *p)
{
	return picked_test(&p->picked);
}

static inline struct host *run_host(const struct run *r, size_t plan)
{
	return &r->host[r->plan[plan].host];
}

/* Read the texts of the options; everything that is wrong with them is said here. */
bool run_options_check(struct run_options *o, struct problem *p);

/*
 * Start each target's driver on an image, before anything is planned, so that
 * what it refuses is said before there is any output.  Opens r->pool.  A target
 * for which no test is picked is a problem, unless nobody asked for it.
 */
bool hosts_add(struct run *r, const char *build, const struct picked *picked, size_t count,
	       struct problem *p);

/*
 * The plan: for each host each picked test of its architecture and this shard, each
 * as often as asked for.  Which shard has a test depends on its id alone.
 */
void plan_make(struct run *r, const struct picked *picked, size_t count);
bool shard_has(const struct run_options *o, const char *id);

/* Does a test that is in this shard run only its share of cases? */
bool shard_cuts(const struct run_options *o, const struct image_test *test);

/* The request line for a planned test (doc/stream.md); the caller frees it. */
char *request_line(const struct run *r, size_t plan);

/* "paging/smap", or "paging/smap (run 2)"; the caller frees it. */
char *planned_name(const struct run *r, size_t plan);

/* The one command that runs this test again as it failed; the caller frees it. */
char *reproduce(const struct run *r, size_t plan);

/*
 * Run one test of the plan: its outcome is what the driver said.  Targets may
 * do so at the same time, each its own tests.
 */
void run_test(struct run *r, size_t plan);
/* Tell the reports that a test goes on. */
void run_progress(struct run *r, size_t plan, u64 run, u64 planned);
/* No more requests for a host's driver, if it runs. */
void end_driver(struct host *h);

/* Run the plan; every planned test has its outcome afterwards. */
void run_plan(struct run *r);

/* After all verdicts. */
enum exit_status run_status(const struct run *r);
void run_free(struct run *r);

#endif
