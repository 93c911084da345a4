/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loop over the paging matrix.  Cases come in batches: first all of a batch
 * are made and predicted, then all are run.  The first part runs at CPL 3, for
 * there are hosts that emulate every instruction at CPL 0 and run CPL 3 at full
 * speed.
 */
#ifndef ASSAY_X86_PAGING_MATRIX_H
#define ASSAY_X86_PAGING_MATRIX_H

#include "x86/paging/source.h"
#include "x86/paging/trial.h"

#define BATCH_TRIALS 64

struct batch {
	struct source source;
	struct arena *arena;
	unsigned int count;
	struct trial trial[BATCH_TRIALS];
};

/*
 * Walk as run_request() says; what this CPU cannot express is counted by what
 * it lacks.  accesses: bit n is access n; pairs: how many cases the pairwise
 * walk then has.
 */
void matrix_run(struct arena *a, u64 accesses, u64 pairs);

#endif
