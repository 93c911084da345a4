// SPDX-License-Identifier: GPL-2.0-only
/*
 * The matrix: every flag of every entry, every bit of CR0, CR4, EFER, RFLAGS
 * and the protection-key registers that paging looks at, every kind of access;
 * each case against the model (lib/x86/paging.h).
 */
#include "x86/paging/matrix.h"

TEST(access_4level,
     "in 4-level paging every access faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.5 to 4.8"), CASES(PAGING_CASES_4LEVEL))
{
	struct arena a;

	arena_init(&a, PAGING_4LEVEL);
	matrix_run(&a, &(struct matrix){
			       .accesses = PAGING_ALL_ACCESSES,
			       .pairs = PAGING_PAIRS_4LEVEL,
			       .run = batch_run,
		       });
}
