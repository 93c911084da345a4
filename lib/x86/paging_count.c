// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many legal cases the paging matrix has, and the n-th of them, without
 * walking to it.  The rules of paging_case.h couple only the leaf, CR4.PSE,
 * EFER.NXE, NX and the extra: with the first three given (a block), every other
 * flag is free, and NX and extra together have a short list of combinations.
 */
#include "lib/x86/paging_case.h"

struct block {
	unsigned int leaf;
	bool pse, nxe;
	u64 free; /* flags that vary alone */
	u64 nx; /* flags of which at most one may be set, for lack of NXE */
	unsigned int extras; /* that fit */
	unsigned int harmless; /* of these: not reserved */
};

#define BLOCKS 12

static unsigned int count_bits(u64 word)
{
	unsigned int n = 0;

	for (; word; word &= word - 1)
		n++;
	return n;
}

/* Block number n of a mode; false if it has none. */
static bool get_block(enum paging_mode mode, unsigned int n, struct block *b)
{
	u64 flags;

	*b = (struct block){ .leaf = 1 + n / 4, .pse = n & 1, .nxe = n >> 1 & 1 };
	if (b->leaf > (paging_64bit(mode) ? 3 : 2))
		return false;
	flags = paging_case_flags(mode, b->leaf);
	if (b->pse && !(flags & PAGING_BIT(PSE)))
		return false;
	if (b->nxe && !(flags & PAGING_BIT(NXE)))
		return false;
	if (mode == PAGING_32BIT && b->leaf == 2 && !b->pse)
		return false;

	b->free = flags & ~(PAGING_BIT(PSE) | PAGING_BIT(NXE));
	if (!b->nxe) {
		b->nx = b->free & PAGING_NX_BITS;
		b->free &= ~PAGING_NX_BITS;
	}
	for (unsigned int i = 0; i < PAGING_EXTRA_MAX; i++) {
		if (!paging_extra_fits(mode, i, b->leaf, b->pse))
			continue;
		b->extras++;
		b->harmless += !paging_extra_reserved(i);
	}
	return true;
}

/* No NX and any extra, or one NX and an extra that is not reserved. */
static u64 combinations(const struct block *b)
{
	return b->extras + (u64)count_bits(b->nx) * b->harmless;
}

static u64 block_size(const struct block *b, u64 accesses)
{
	return combinations(b) * count_bits(accesses) << count_bits(b->free);
}

u64 paging_case_count(enum paging_mode mode, u64 accesses)
{
	struct block b;
	u64 count = 0;

	for (unsigned int n = 0; n < BLOCKS; n++)
		if (get_block(mode, n, &b))
			count += block_size(&b, accesses);
	return count;
}

/* Spread the low bits of a number over the bits of a mask; returns what is left of it. */
static u64 deposit(u64 number, u64 mask, u64 *c)
{
	for (; mask; mask &= mask - 1) {
		if (number & 1)
			*c |= mask & -mask;
		number >>= 1;
	}
	return number;
}

static u64 nth_bit(u64 mask, unsigned int n)
{
	while (n--)
		mask &= mask - 1;
	return mask & -mask;
}

/* The n-th extra that fits a block, of all or of those that are not reserved. */
static u64 nth_extra(enum paging_mode mode, const struct block *b, bool harmless, unsigned int n)
{
	for (u64 i = 0; i < PAGING_EXTRA_MAX; i++) {
		if (!paging_extra_fits(mode, i, b->leaf, b->pse))
			continue;
		if (harmless && paging_extra_reserved(i))
			continue;
		if (n-- == 0)
			return i << PAGING_EXTRA_SHIFT;
	}
	return 0;
}

static u64 combination(enum paging_mode mode, const struct block *b, unsigned int n)
{
	if (n < b->extras)
		return nth_extra(mode, b, false, n);
	n -= b->extras;
	return nth_bit(b->nx, n / b->harmless) | nth_extra(mode, b, true, n % b->harmless);
}

u64 paging_case_number(enum paging_mode mode, u64 accesses, u64 number)
{
	struct block b;
	u64 c = 0;

	for (unsigned int n = 0; n < BLOCKS; n++) {
		if (!get_block(mode, n, &b))
			continue;
		if (number < block_size(&b, accesses))
			break;
		number -= block_size(&b, accesses);
	}
	number = deposit(number, b.free, &c);
	for (u64 bit = nth_bit(accesses, number % count_bits(accesses)); bit > 1; bit >>= 1)
		c += BIT(PAGING_ACCESS_SHIFT);
	c |= combination(mode, &b, number / count_bits(accesses));
	c |= (u64)b.leaf << PAGING_LEAF_SHIFT;
	c |= (b.pse ? PAGING_BIT(PSE) : 0) | (b.nxe ? PAGING_BIT(NXE) : 0);
	return c;
}
