/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run that was cut off goes on: its journal (run.jsonl of the unfinished
 * folder) says how it was called, what it judged and which verdicts there are.
 * They are only taken over if everything that they depend on is still the same.
 */
#ifndef ASSAY_RESUME_H
#define ASSAY_RESUME_H

#include "harness/assay/arguments.h"
#include "harness/assay/run.h"

struct resume {
	char *folder; /* that the result becomes */
	char *partial; /* that holds the journal: the same if that run was interrupted */
	char *path; /* of the journal, for messages */
	FILE *journal; /* locked: nobody else writes to it */
	long keep; /* so many bytes of it are whole records */
	json_t *head; /* its first record */
};

/* Find and lock the journal, given the folder of --output or its DIR.partial-XXXXXX. */
bool resume_open(struct resume *z, const char *folder, struct problem *p);

/* The words of its command line, without `assay run`. */
struct strings resume_arguments(const struct resume *z);

/*
 * Check that the run, planned anew, is the one of the journal, and take its
 * verdicts over: all but those of tests that an interruption kept from running.
 */
bool resume_take(struct resume *z, struct run *r, struct problem *p);

void resume_close(struct resume *z);

#endif
