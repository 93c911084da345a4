/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder of --output: run.jsonl and the same as reports (doc/results.md).
 * It is written beside its place and moved there at the end, so that it is
 * there whole or not at all.
 */
#ifndef ASSAY_STORE_H
#define ASSAY_STORE_H

#include "harness/assay/report.h"

#define STORE_FILES 4

struct store {
	char *folder; /* where it will be */
	char *partial; /* where it is written */
	FILE *file[STORE_FILES];
	struct report report[STORE_FILES]; /* to be run's */
};

/*
 * Opens everything before a run: a place that is taken or cannot be written is
 * a problem with status EXIT_USAGE.
 */
bool store_open(struct store *s, const char *folder, struct problem *p);

/* Move it to its place; on failure nothing of it is left. */
bool store_commit(struct store *s, struct problem *p);

/* Take it away again. */
void store_abandon(struct store *s);

#endif
