// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pairwise and the random walk of the paging matrix; see paging_case.h.
 *
 * One wrong bit easily hides another: most random cases end at the first entry
 * that is not present.  So both walks start from bases in which an access
 * succeeds, and deviate from them in few places.
 */
#include "lib/x86/paging_case.h"

#define EVERY_P                                                                                    \
	(PAGING_BIT(PTE_P) | PAGING_BIT(PDE_P) | PAGING_BIT(PDPTE_P) | PAGING_BIT(PML4E_P) |       \
	 PAGING_BIT(PML5E_P))
#define EVERY_W (EVERY_P << 1)
#define EVERY_U (EVERY_P << 2)
#define PKU_FLAGS (PAGING_BIT(PKE) | PAGING_BIT(KEY) | PAGING_BIT(PKRU_AD) | PAGING_BIT(PKRU_WD))
#define PKS_FLAGS (PAGING_BIT(PKS) | PAGING_BIT(KEY) | PAGING_BIT(PKRS_AD) | PAGING_BIT(PKRS_WD))
#define KEY_FLAGS (PKU_FLAGS | PKS_FLAGS)
#define NORMAL (PAGING_BIT(WP) | PAGING_BIT(NXE) | PAGING_BIT(PSE))
#define ALL_FLAGS (BIT(PAGING_FLAG_COUNT) - 1)

enum base_for { ANYONE, SUPERVISOR_ONLY };

/*
 * Permissive settings.  Only deviations in `pool` are made, and of a pair (or
 * a single one) at least one is in `focus`: another base has the others.
 */
static const struct base {
	u64 flags, pool, focus;
	enum base_for whom;
	bool outside; /* deviates in leaf and extra too */
} bases[] = {
	/* A user-mode address: everything but keys. */
	{ EVERY_P | EVERY_W | EVERY_U | NORMAL, ALL_FLAGS & ~KEY_FLAGS, ALL_FLAGS, ANYONE, true },
	/* A supervisor-mode address, as kernels use it. */
	{ EVERY_P | EVERY_W | NORMAL | PAGING_BIT(SMEP) | PAGING_BIT(SMAP), ALL_FLAGS & ~KEY_FLAGS,
	  EVERY_U | PAGING_BIT(SMEP) | PAGING_BIT(SMAP) | PAGING_BIT(AC), SUPERVISOR_ONLY, false },
	/* Keys of user-mode addresses, then of supervisor-mode addresses. */
	{ EVERY_P | EVERY_W | EVERY_U | NORMAL | PAGING_BIT(PKE) | PAGING_BIT(KEY), ALL_FLAGS,
	  PKU_FLAGS, ANYONE, true },
	{ EVERY_P | EVERY_W | NORMAL | PAGING_BIT(PKS) | PAGING_BIT(KEY), ALL_FLAGS, PKS_FLAGS,
	  SUPERVISOR_ONLY, true },
};

/*
 * These deviate in single fields only: for paging they are the same as another
 * access, and only instructions and their emulators can tell them apart.
 */
#define SINGLE_ACCESSES                                                                            \
	((PAGING_ALL_ACCESSES & ~BITS(PAGING_SUPER_IMPLICIT, 0)) | BIT(PAGING_USER_IMPLICIT))
/* So do these flags: one that is already set only spares the processor its work. */
#define SINGLE_FLAGS (EVERY_P << 3)

/* Deviations by number: 0 is none, then flags, leaves 2 and 3, extras. */
#define FIRST_LEAF (1 + PAGING_FLAG_COUNT)
#define FIRST_EXTRA (FIRST_LEAF + 2)
#define DEVIATIONS (FIRST_EXTRA + PAGING_EXTRA_MAX - 1)

static u64 flag_of(unsigned int deviation)
{
	return deviation && deviation < FIRST_LEAF ? BIT(deviation - 1) : 0;
}

static unsigned int extra_of(unsigned int deviation)
{
	return deviation < FIRST_EXTRA ? 0 : deviation - FIRST_EXTRA + 1;
}

static u64 set_leaf(enum paging_mode mode, u64 c, unsigned int leaf)
{
	c &= ~(3ull << PAGING_LEAF_SHIFT);
	c |= (u64)leaf << PAGING_LEAF_SHIFT;
	return c & (paging_case_flags(mode, leaf) | ~ALL_FLAGS);
}

static u64 deviate(enum paging_mode mode, u64 c, unsigned int deviation)
{
	if (deviation < FIRST_LEAF)
		return c ^ flag_of(deviation);
	if (deviation < FIRST_EXTRA)
		return set_leaf(mode, c, deviation - FIRST_LEAF + 2);
	return c | (u64)extra_of(deviation) << PAGING_EXTRA_SHIFT;
}

static u64 base_case(enum paging_mode mode, const struct base *base, u64 access)
{
	return set_leaf(mode, base->flags, 1) | access << PAGING_ACCESS_SHIFT;
}

static bool base_fits(enum paging_mode mode, const struct base *base, unsigned int access)
{
	if (base->whom == SUPERVISOR_ONLY && paging_access_info[access].user &&
	    !paging_access_info[access].implicit)
		return false;
	/* Keys exist in the 64-bit modes only. */
	return paging_64bit(mode) || !(base->flags & PAGING_BIT(KEY));
}

static bool deviation_fits(enum paging_mode mode, const struct base *base, unsigned int deviation)
{
	if (deviation >= FIRST_LEAF)
		return base->outside;
	return !deviation || flag_of(deviation) & base->pool & paging_case_flags(mode, 1);
}

/* 5-level paging is 4-level paging below its root: pairs are about that root. */
static bool about_root(unsigned int deviation)
{
	unsigned int extra = extra_of(deviation);

	return flag_of(deviation) & PAGING_LEVEL_BITS(5) ||
	       (extra && paging_extra[extra].level == 5);
}

/* Is a pair (single: first = 0) one of a base's? */
static bool pair_wanted(enum paging_mode mode, const struct base *base, unsigned int first,
			unsigned int second)
{
	if (!second)
		return true;
	if (base->focus != ALL_FLAGS && !((flag_of(first) | flag_of(second)) & base->focus))
		return false;
	if (!first)
		return true;
	if ((flag_of(first) | flag_of(second)) & SINGLE_FLAGS)
		return false;
	if (mode == PAGING_5LEVEL && !about_root(first) && !about_root(second))
		return false;
	/* What is ignored hides nothing: alone is enough. */
	return !extra_of(second) || paging_extra[extra_of(second)].kind != EXTRA_IGNORED;
}

void paging_pairs_begin(struct paging_pairs *walk, enum paging_mode mode, u64 accesses)
{
	*walk = (struct paging_pairs){ .mode = mode, .accesses = accesses, .number = ~0ull };
}

/* Step to the next quadruple of base, access and two deviations; false at the end. */
static bool step(struct paging_pairs *walk)
{
	const struct base *base;

	if (++walk->second >= DEVIATIONS) {
		do {
			walk->first++;
		} while (walk->first < FIRST_EXTRA &&
			 !deviation_fits(walk->mode, &bases[walk->base], walk->first));
		walk->second = walk->first + 1;
	}
	if (walk->first < FIRST_EXTRA &&
	    (walk->first == 0 || !(SINGLE_ACCESSES & BIT(walk->access))))
		return true;
	walk->first = walk->second = 0;
	do {
		if (++walk->access >= PAGING_ACCESS_COUNT) {
			walk->access = 0;
			if (++walk->base >= ARRAY_SIZE(bases))
				return false;
		}
		base = &bases[walk->base];
	} while (!(walk->accesses & BIT(walk->access)) ||
		 !base_fits(walk->mode, base, walk->access));
	return true;
}

bool paging_pairs_next(struct paging_pairs *walk, u64 *c)
{
	bool more = true;

	/* The very first is the base itself. */
	if (walk->number != ~0ull)
		more = step(walk);
	for (; more; more = step(walk)) {
		const struct base *base = &bases[walk->base];

		if (!(walk->accesses & BIT(walk->access)) ||
		    !deviation_fits(walk->mode, base, walk->second) ||
		    !pair_wanted(walk->mode, base, walk->first, walk->second))
			continue;
		*c = base_case(walk->mode, base, walk->access);
		/* Leaf and extra first: a flag below the new leaf then makes the case illegal. */
		*c = deviate(walk->mode, *c, walk->second);
		*c = deviate(walk->mode, *c, walk->first);
		if (!paging_case_legal(walk->mode, *c))
			continue;
		walk->number++;
		return true;
	}
	return false;
}

static u64 random_below(u64 *seed, u64 n)
{
	u64 x = *seed;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*seed = x;
	return (x * 0x2545f4914f6cdd1dull >> 16) % n;
}

/* One more deviation half of the time: most cases have one to three. */
static u64 random_walk(enum paging_mode mode, u64 accesses, u64 *seed)
{
	const struct base *base;
	unsigned int access;
	u64 c;

	do {
		base = &bases[random_below(seed, ARRAY_SIZE(bases))];
		access = random_below(seed, PAGING_ACCESS_COUNT);
	} while (!(accesses & BIT(access)) || !base_fits(mode, base, access));

	c = base_case(mode, base, access);
	do {
		c = deviate(mode, c, random_below(seed, FIRST_EXTRA));
		if (random_below(seed, 4) == 0 && !PAGING_EXTRA(c))
			c = deviate(mode, c,
				    FIRST_EXTRA + random_below(seed, PAGING_EXTRA_MAX - 1));
	} while (random_below(seed, 2));
	return c;
}

u64 paging_case_random(enum paging_mode mode, u64 accesses, u64 *seed)
{
	u64 c;

	/* Now and then any case at all. */
	if (random_below(seed, 8) == 0)
		return paging_case_number(mode, accesses,
					  random_below(seed, paging_case_count(mode, accesses)));
	do {
		c = random_walk(mode, accesses, seed);
	} while (!paging_case_legal(mode, c));
	return c;
}
