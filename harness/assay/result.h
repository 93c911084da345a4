/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run, or a baseline made of one, says of each test: as much as it takes
 * to compare two of them.  The files are those of doc/results.md; they may come
 * from anywhere, and nothing in them is trusted.
 */
#ifndef ASSAY_RESULT_H
#define ASSAY_RESULT_H

#include <jansson.h>

#include "harness/assay/basics.h"
#include "lib/verdict.h"

#define RESULTS_VERSION 1
#define BASELINE_VERSION 1

/* More failing cases than this are a number and a digest in a baseline, no names. */
#define BASELINE_CASES_MAX 200

struct result_target {
	char *text;
	char *subject;
};

/* One test on one target; with --repeat all runs of it together. */
struct result_test {
	size_t target;
	char *id;
	u64 count[VERDICT_COUNT];
	bool died; /* crash or timeout, as said before the known deviations were looked at */
	bool flaky; /* listed as a deviation that may pass */
	u64 run, failed; /* cases: the most of any repetition */
	struct strings failing; /* names of the failing cases, ascending, each once */
	bool all_named; /* nothing failed that has no name in `failing` */
	u64 cases_digest; /* of their names; 0 if not all were known */
	u64 signature; /* digest of everything that went wrong; 0: nothing */
	char *reason; /* of the first verdict that has one */

	/* While it is being read: what went wrong, hashed, any number of times. */
	u64 *seen;
	size_t seens;
};

struct result {
	char *path; /* as it was named */
	bool is_baseline;
	bool whole; /* a run: its end was there; a baseline: always */
	u64 planned; /* a run: how many verdicts there are if it is whole */
	u64 verdicts; /* how many there were */
	/* What decides which cases a test walks. */
	u64 seed, shard, shards;
	char *matrix, *at_every_sync, *case_name;
	struct result_target *target;
	size_t targets;
	struct result_test *test;
	size_t tests;
	json_t *index; /* "target\nid" to a place in `test` */
};

/* A folder of `assay run --output`, a run.jsonl or a baseline; one clear line if it is not. */
bool result_read(struct result *r, const char *path, struct problem *p);

/*
 * The same in steps: each line in its order, the first one included, then the
 * end.  `number` is for messages.
 */
void result_init(struct result *r, const char *path);
bool result_line(struct result *r, const char *line, size_t length, size_t number,
		 struct problem *p);
bool result_record(struct result *r, const json_t *record, size_t number, struct problem *p);
void result_finish(struct result *r);
void result_free(struct result *r);

/* NULL if there is none. */
const struct result_test *result_find(const struct result *r, size_t target, const char *id);

/* Write it as a baseline: by target, by id, the same bytes for the same result. */
void baseline_write(FILE *out, const struct result *r);

#endif
