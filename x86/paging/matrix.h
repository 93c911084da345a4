/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loop over the paging matrix.  Cases come in batches: first all of a batch
 * are made and predicted, then all are run.  The first part runs at CPL 3, for
 * there are hosts that emulate every instruction at CPL 0 and run CPL 3 at full
 * speed; and modes outside 64-bit mode are entered once a batch.
 */
#ifndef ASSAY_X86_PAGING_MATRIX_H
#define ASSAY_X86_PAGING_MATRIX_H

#include "x86/paging/source.h"
#include "x86/paging/trial.h"

#define BATCH_TRIALS 64

struct batch {
	struct source source;
	struct arena *arena;
	enum route route;
	unsigned int count;
	struct trial trial[BATCH_TRIALS];
};

struct matrix {
	u64 accesses; /* bit n: access n */
	u64 pairs;    /* how many cases the pairwise walk then has */
	enum route route;
	/* Run the trials of a batch, each between case_begin_numbered() and case_end(). */
	void (*run)(struct batch *b);
};

/* Walk as run_request() says; what this CPU cannot express is counted by what it lacks. */
void matrix_run(struct arena *a, const struct matrix *m);

/* Begin the case of a trial, by number and name. */
bool trial_begin(const struct trial *t);

/* The way to run a batch in the 64-bit modes. */
void batch_run(struct batch *b);

#endif
