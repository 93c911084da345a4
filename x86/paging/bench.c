// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a law: the same number of faults as the default walk of 4-level paging
 * takes accesses, with nothing set, predicted or compared.  What the matrix
 * costs beyond this is ours.
 */
#include "lib/x86/paging_case.h"
#include "x86/paging/probe.h"

TEST(bench_faults, "page faults alone, as many as paging/access-4level has cases",
     FLAGS(TEST_INTERNAL))
{
	struct arena a;

	probe_begin(&a);
	*probe_entry(&a, 1) = 0;
	for (unsigned int i = 0; i < PAGING_PAIRS_4LEVEL; i++) {
		write_cr3(a.root);
		probe(&a, CODE_READ, i & 1);
		if (!(i & 63))
			heartbeat();
	}
	arena_leave(&a);
}
