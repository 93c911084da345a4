// SPDX-License-Identifier: GPL-2.0-only
/* The two chains of tables; see npt.h. */
#include "x86/nested/npt.h"

/* Pages of the test's memory, by number from TEST_MEMORY. */
enum { ROOT, PDPT, PD, SMALL = PD + 4, CHAIN, TABLES = 0x200 /* a 2-MByte page of its own */ };
#define TABLE(number) ((u64 *)(TEST_MEMORY + (number) * 0x1000ull))

_Static_assert(NPT_PAGE > TEST_MEMORY + (TABLES + 4) * 0x1000, "the page lies behind the tables");

static void map_identity(void)
{
	TABLE(ROOT)[0] = (u64)TABLE(PDPT) | NPT_RIGHTS;
	for (u64 i = 0; i < 4; i++)
		TABLE(PDPT)[i] = (u64)TABLE(PD + i) | NPT_RIGHTS;
	for (u64 i = 0; i < 4 * 512; i++)
		TABLE(PD)[i] = i << 21 | NPT_RIGHTS | PTE_PS;
}

/* L2's tables have small pages. */
static void split(struct npt *n)
{
	u64 base = (u64)TABLE(TABLES);

	for (u64 i = 0; i < 512; i++)
		TABLE(SMALL)[i] = (base + (i << 12)) | NPT_RIGHTS;
	TABLE(PD)[base >> 21] = (u64)TABLE(SMALL) | NPT_RIGHTS;
	for (unsigned int level = 1; level <= 4; level++)
		n->nested_table[level] = &TABLE(SMALL)[4 - level];
}

static void map_nested(struct npt *n)
{
	n->nested[4] = &TABLE(ROOT)[NPT_GPA >> 39];
	for (unsigned int level = 3; level >= 1; level--)
		n->nested[level] = &TABLE(CHAIN + 3 - level)[0];
	for (unsigned int level = 4; level > 1; level--)
		*n->nested[level] = (u64)n->nested[level - 1] | NPT_RIGHTS;
	*n->nested[1] = NPT_PAGE | NPT_RIGHTS;
}

/* The runtime's tables and, at NPT_VA, a chain from page TABLES on. */
static void map_guest(struct npt *n)
{
	memcpy(TABLE(TABLES), boot_pml4, 0x1000);
	n->guest[4] = &TABLE(TABLES)[NPT_VA >> 39];
	for (unsigned int level = 3; level >= 1; level--)
		n->guest[level] = TABLE(TABLES + 4 - level);
	for (unsigned int level = 4; level > 1; level--)
		*n->guest[level] = (u64)n->guest[level - 1] | NPT_RIGHTS;
	*n->guest[1] = NPT_GPA | NPT_RIGHTS;
}

void npt_begin(struct npt *n)
{
	l2_begin();
	memset(TABLE(ROOT), 0, (CHAIN + 3) * 0x1000);
	memset(TABLE(TABLES), 0, 4 * 0x1000);
	map_identity();
	split(n);
	map_nested(n);
	map_guest(n);
	*(u64 *)(NPT_PAGE + NPT_OFFSET) = NPT_CONTENT;
	l2.vmcb->control.np_enable = 1;
	l2.vmcb->control.n_cr3 = (u64)TABLE(ROOT);
	/* What earlier tables have left in the TLB goes with every VMRUN. */
	l2.vmcb->control.tlb_control = 1;
	l2.vmcb->save.cr3 = (u64)TABLE(TABLES);
}
