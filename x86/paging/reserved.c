// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every reserved bit of every entry, one at a time.  The matrix has one or two
 * of each kind; masks that begin or end one bit off are found here.
 */
#include "x86/paging/probe.h"

/* An entry and the leaf below or at it. */
static const struct place {
	const char *name;
	unsigned int level, leaf;
} places[] = {
	{ "pte", 1, 1 },   { "pde", 2, 1 },   { "pde-2m", 2, 2 },
	{ "pdpte", 3, 1 }, { "pml4e", 4, 1 }, { "pdpte-1g", 3, 3 },
};

#define BITS_OF_ENTRY 64

static void check_bit(struct arena *a, const struct place *place, unsigned int bit)
{
	u64 va = a->place.va + ARENA_OFFSET;
	struct attempt got;

	probe_restore(a);
	if (place->leaf > 1)
		*probe_entry(a, place->leaf) = a->place.page[place->leaf] | PROBE_RIGHTS | PTE_PS;
	*probe_entry(a, place->level) |= BIT(bit);
	write_cr3(a->root);
	got = probe_at(a, CODE_READ, true, va);
	EXPECT_ACCESS(PF_P | PF_U | PF_RSVD, got);
	got = probe_at(a, CODE_WRITE, false, va);
	EXPECT_ACCESS(PF_P | PF_W | PF_RSVD, got);
	/* Not present: nothing is reserved. */
	*probe_entry(a, place->level) &= ~(u64)PTE_P;
	write_cr3(a->root);
	got = probe_at(a, CODE_READ, true, va);
	EXPECT_ACCESS(PF_U, got);
}

TEST(reserved_bits, "each reserved bit of a present entry faults with P and RSVD",
     LAW("SDM vol. 3A, 4.5 and 4.7"), CASES(ARRAY_SIZE(places) * BITS_OF_ENTRY))
{
	u64 reserved, cases = 0;
	struct paging p;
	struct arena a;

	probe_begin(&a);
	p = (struct paging){
		.mode = PAGING_4LEVEL,
		.maxphyaddr = a.cpu.maxphyaddr,
		.pdpe1gb = a.cpu.pdpe1gb,
		.efer = EFER_NXE,
	};
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		reserved = paging_reserved(&p, places[i].level,
					   places[i].leaf == places[i].level ? PTE_PS : 0);
		for (unsigned int bit = 0; bit < BITS_OF_ENTRY; bit++) {
			if (!(reserved & BIT(bit)))
				continue;
			cases++;
			CASE ("entry=%s,bit=%u", places[i].name, bit)
				check_bit(&a, &places[i], bit);
		}
	}
	/* How many bits are reserved depends on MAXPHYADDR. */
	cases_planned(cases);
	arena_leave(&a);
}
