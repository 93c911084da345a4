/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder of --output: run.jsonl and the same as reports (doc/results.md).
 * It is written beside its place and moved there at the end, so that it is
 * there whole or not at all.  What a run that dies leaves behind is for
 * --resume (resume.h).
 */
#ifndef ASSAY_STORE_H
#define ASSAY_STORE_H

#include "harness/assay/report.h"
#include "harness/assay/resume.h"

#define STORE_FILES 4

struct store {
	char *folder; /* where it will be */
	char *partial; /* where it is written */
	FILE *file[STORE_FILES];
	struct report report[STORE_FILES]; /* to be run's */
};

#define JOURNAL_NAME "run.jsonl"

/*
 * Opens everything before a run: a place that is taken or cannot be written is
 * a problem with status EXIT_USAGE.
 */
bool store_open(struct store *s, const char *folder, struct problem *p);

/* The same for a run that goes on: its journal is cut to what is whole. */
bool store_resume(struct store *s, struct resume *z, struct problem *p);

/* Move it to its place; on failure it stays where it was written. */
bool store_commit(struct store *s, size_t planned, struct problem *p);

/* Verdicts come in any order; put those of a journal into that of the plan. */
bool journal_order(const char *path, size_t planned);

#endif
