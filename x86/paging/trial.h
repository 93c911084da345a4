/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trial is a case of the matrix made ready to run: what to set, which
 * instruction to execute, and all that the model says will be seen.
 */
#ifndef ASSAY_X86_PAGING_TRIAL_H
#define ASSAY_X86_PAGING_TRIAL_H

#include "x86/paging/arena.h"

/* Everything that a case lets one see, one word each. */
enum seen {
	SEEN_VECTOR,
	SEEN_ERROR,
	SEEN_CR2,    /* unchanged if there was no #PF */
	SEEN_RIP,    /* as pushed; 0 without a fault */
	SEEN_RFLAGS, /* likewise */
	SEEN_RESULT, /* what was read; 0 with a fault */
	SEEN_MEMORY, /* what lies at the operand afterwards */
	SEEN_ENTRY,  /* the entry of level 1, then those above */
	SEEN_COUNT = SEEN_ENTRY + PAGING_LEVELS_MAX
};

struct trial {
	u64 number, c;
	struct paging_setup setup;
	struct attempt attempt;
	u64 memory;  /* the operand's content before */
	u64 *operand[2]; /* where it lies: 8 bytes, or `half` in the page before and in the other */
	unsigned int half; /* 4 or 2 bytes: what crosses; 0 if nothing does */
	u64 wanted[SEEN_COUNT];
	u64 open[SEEN_COUNT]; /* bits that the manual leaves to the processor */
};

/* Make a trial of case c.  Pure: also runs at CPL 3. */
void trial_prepare(struct trial *t, const struct arena *a, u64 c);
/* Predict again, for entries as they are now in t->setup. */
void trial_predict(struct trial *t, const struct arena *a);
/* Set everything, do the access, compare, report. */
void trial_run(struct trial *t, struct arena *a);

/* Report what differs, by field names. */
void trial_report(const struct trial *t, const u64 got[SEEN_COUNT]);

#endif
