// SPDX-License-Identifier: GPL-2.0-only
/*
 * L1 in PAE paging: a #VMEXIT loads L1's four PDPTEs again, from memory that L2 may have
 * written.  One that is illegal is a shutdown, and L1 never goes on with half a state
 * (APM vol. 2, #VMEXIT).
 */
#include "x86/nested/svm.h"

void pae_host_run(u64 vmcb, const u64 *pdpt, u64 *entry, u64 value);

/* The same bytes in 32-bit mode. */
L2_CODE(write_entry, "", "mov %esi, (%rdi); mov %ebx, 4(%rdi)", "");

enum { ATTRIB_L = BIT(9), ATTRIB_DB = BIT(10) };
enum { LAST = 3 }; /* the entry of the last GiB, where nothing is that runs here */

/* The first 4 GiB onto themselves. */
static u64 pointers[4] __attribute__((aligned(32)));

struct row {
	const char *name;
	u64 clear, set; /* bits of the entry */
};

static const struct row legal[] = {
	{ "as-before", 0, 0 },
	{ "P=0", PTE_P, 0 },
	{ "PWT=1,PCD=1", 0, PTE_PWT | PTE_PCD },
	{ "AVL=7", 0, BITS(11, 9) },
	{ "P=0,reserved=1", PTE_P, BITS(2, 1) | BITS(8, 5) | BIT(63) },
};

static const struct row illegal[] = {
	{ "bit-1", 0, BIT(1) }, { "bit-2", 0, BIT(2) },	  { "bit-5", 0, BIT(5) },
	{ "bit-8", 0, BIT(8) }, { "bit-52", 0, BIT(52) }, { "bit-63", 0, BIT(63) },
};

/* L2 without paging, in legacy mode: it writes where it wants. */
static void begin(void)
{
	const u64 *pdpt = (const u64 *)(boot_pml4[0] & PTE_ADDRESS);
	struct vmcb_save *s;

	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++)
		pointers[i] = (pdpt[i] & PTE_ADDRESS) | PTE_P;
	l2_begin();
	s = &l2.vmcb->save;
	s->cr0 &= ~(u64)CR0_PG;
	s->efer &= ~(u64)(EFER_LME | EFER_LMA);
	s->cs.attrib = (u16)((s->cs.attrib & ~ATTRIB_L) | ATTRIB_DB);
	s->rip = (u64)write_entry.begin;
}

static void leave_l2(const struct row *row)
{
	pae_host_run((u64)l2.vmcb, pointers, &pointers[LAST],
		     (pointers[LAST] & ~row->clear) | row->set);
}

#define WHERE "APM vol. 2, #VMEXIT; PAE Paging"

TEST(pae_host, "L1 in PAE paging goes on behind a #VMEXIT, whatever its PDPTEs are that is legal",
     LAW(WHERE), NEEDS(SVM), CASES(ARRAY_SIZE(legal)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(legal); i++)
		CASE ("entry=%s", legal[i].name) {
			begin();
			leave_l2(&legal[i]);
			EXPECT_EQ(SVM_EXIT_VMMCALL, l2.vmcb->control.exitcode);
			EXPECT_EQ((u64)write_entry.end, l2.vmcb->save.rip);
			EXPECT_EQ(boot_pml4, read_cr3());
		}
}

TEST(pae_host_shuts_down, "a #VMEXIT to an L1 in PAE paging with an illegal PDPTE is a shutdown",
     LAW(WHERE), NEEDS(SVM), ACTIONS(EXPECT_SHUTDOWN | RESET), CASES(ARRAY_SIZE(illegal)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(illegal); i++)
		CASE ("entry=%s", illegal[i].name) {
			if (case_was_run())
				continue;
			begin();
			sync(EXPECT_SHUTDOWN);
			leave_l2(&illegal[i]);
			expect_failed(EXPECTATION_("#VMEXIT"), "shutdown", "L1 goes on");
			sync(RESET);
		}
}
