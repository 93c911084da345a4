// SPDX-License-Identifier: GPL-2.0-only
/*
 * The formats of paging structures: which bits of an entry mean what in which
 * mode (SDM vol. 3A, 4.3 to 4.5).
 */
#include "lib/x86/paging.h"

/* The shape of a mode (4.1.1, table 4-1). */
static const struct shape {
	u8 levels, entry_bytes, index_bits, address_bits;
} shapes[PAGING_MODES] = {
	[PAGING_32BIT] = { 2, 4, 10, 32 },
	[PAGING_PAE] = { 3, 8, 9, 32 },
	[PAGING_4LEVEL] = { 4, 8, 9, 48 },
	[PAGING_5LEVEL] = { 5, 8, 9, 57 },
};

unsigned int paging_levels(enum paging_mode mode)
{
	return shapes[mode].levels;
}

unsigned int paging_shift(enum paging_mode mode, unsigned int level)
{
	return 12 + shapes[mode].index_bits * (level - 1);
}

unsigned int paging_entry_bytes(enum paging_mode mode)
{
	return shapes[mode].entry_bytes;
}

unsigned int paging_entries(enum paging_mode mode)
{
	return 1u << shapes[mode].index_bits;
}

bool paging_64bit(enum paging_mode mode)
{
	return mode == PAGING_4LEVEL || mode == PAGING_5LEVEL;
}

/* Outside 64-bit mode linear addresses have 32 bits and none is non-canonical. */
bool paging_canonical(enum paging_mode mode, u64 va)
{
	unsigned int unused = 64 - shapes[mode].address_bits;

	return !paging_64bit(mode) || (u64)((s64)(va << unused) >> unused) == va;
}

/* Is bit 7 of an entry of this level PS, and may it be 1? */
static bool can_be_large(const struct paging *p, unsigned int level)
{
	switch (level) {
	case 2:
		return p->mode != PAGING_32BIT || p->cr4 & CR4_PSE;
	case 3:
		return paging_64bit(p->mode) && p->pdpe1gb;
	default:
		return false;
	}
}

bool paging_is_leaf(const struct paging *p, unsigned int level, u64 entry)
{
	return level == 1 || (can_be_large(p, level) && entry & PTE_PS);
}

/*
 * 4-MByte pages (4.3, table 4-4): bits 13 and up hold address bits 32 and up,
 * as many as PSE-36 and MAXPHYADDR give, at most 40 in all; the rest to bit 21
 * is reserved.  Nothing else is reserved in 32-bit paging.
 */
static unsigned int pse_address_bits(const struct paging *p)
{
	return p->pse36 ? MIN(p->maxphyaddr, 40u) : 32;
}

static u64 reserved_32bit(const struct paging *p, unsigned int level, u64 entry)
{
	return level == 2 && paging_is_leaf(p, level, entry) ? BITS(21, pse_address_bits(p) - 19)
							     : 0;
}

/* PAE paging: 4.4.2; 4-level and 5-level: 4.5. */
u64 paging_reserved(const struct paging *p, unsigned int level, u64 entry)
{
	u64 reserved;

	if (p->mode == PAGING_32BIT)
		return reserved_32bit(p, level, entry);

	/* Bits 51:M everywhere; PAE paging has no ignored bits and no keys above them. */
	reserved = p->mode == PAGING_PAE ? BITS(62, 52) : 0;
	if (p->maxphyaddr < 52)
		reserved |= BITS(51, p->maxphyaddr);
	if (!(p->efer & EFER_NXE))
		reserved |= PTE_NX;
	if (level == 1)
		return reserved;
	if (!can_be_large(p, level))
		return reserved | PTE_PS;
	/* The address bits that a large page does not use, but not bit 12, which is PAT. */
	if (entry & PTE_PS)
		reserved |= BITS(paging_shift(p->mode, level) - 1, 13);
	return reserved;
}

/* A PDPTE register (table 4-8) has no rights, no flags and no PS. */
bool paging_pdpte_valid(const struct paging *p, u64 pdpte)
{
	u64 reserved = BITS(2, 1) | BITS(8, 5) | BITS(63, p->maxphyaddr);

	return !(pdpte & PTE_P) || !(pdpte & reserved);
}

u64 paging_table_address(const struct paging *p, u64 entry)
{
	return p->mode == PAGING_32BIT ? entry & BITS(31, 12) : entry & PTE_ADDRESS;
}

u64 paging_page_address(const struct paging *p, unsigned int level, u64 entry)
{
	u64 address = paging_table_address(p, entry) & ~(BIT(paging_shift(p->mode, level)) - 1);

	if (p->mode == PAGING_32BIT && level == 2 && pse_address_bits(p) > 32)
		address |= (entry & BITS(pse_address_bits(p) - 20, 13)) << (32 - 13);
	return address;
}
