/* SPDX-License-Identifier: GPL-2.0-only */
/* The cases of the paging matrix, one after the other, as the plan wants them. */
#ifndef ASSAY_X86_PAGING_SOURCE_H
#define ASSAY_X86_PAGING_SOURCE_H

#include "lib/wire.h"
#include "lib/x86/paging_case.h"

struct source {
	enum paging_mode mode;
	u64 accesses;              /* bit n: access n */
	const struct wire_run *request;
	struct paging_pairs pairs; /* MATRIX_PAIRWISE */
	u64 seed;                  /* MATRIX_SAMPLE */
	u64 next, end;             /* numbers */
};

/* `pairs`: how many cases the pairwise walk has with these accesses. */
void source_begin(struct source *s, enum paging_mode mode, u64 accesses, u64 pairs,
		  const struct wire_run *request);
/* The next case of this shard; false at the end. */
bool source_next(struct source *s, u64 *number, u64 *c);
/* How many cases source_next() gives in all. */
u64 source_size(const struct source *s);

#endif
