// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the paging matrix, and which cases are legal; see paging_case.h. */
#include "lib/x86/paging_case.h"

#define FLAG_1(group, word) { group, word },
#define FLAG_2(group, word)
#define FLAG_4(group, word)
#define FLAG_6(group, word)
#define FIELD(NAME, group, word, width) FLAG_##width(group, word)
const struct paging_field paging_field[PAGING_FLAG_COUNT] = { PAGING_FIELDS(FIELD) };
#undef FIELD

#define ACCESS_KIND(NAME, name_, kind_, user_, implicit_, cross_, locked_)                         \
	{ .name = name_,                                                                           \
	  .kind = PAGING_##kind_,                                                                  \
	  .user = user_,                                                                           \
	  .implicit = implicit_,                                                                   \
	  .cross = cross_,                                                                         \
	  .locked = locked_ },
const struct paging_access_info paging_access_info[] = { PAGING_ACCESSES(ACCESS_KIND) };
#undef ACCESS_KIND

#define M32 BIT(PAGING_32BIT)
#define MPAE BIT(PAGING_PAE)
#define M64 (BIT(PAGING_4LEVEL) | BIT(PAGING_5LEVEL))
#define M57 BIT(PAGING_5LEVEL)
#define MPAE64 (MPAE | M64)

/*
 * Bits 11:9 are ignored in every entry and bits 58:52 in those of 4-level and
 * 5-level paging (SDM vol. 3A, 4.3 to 4.5).  Bit 8 is ignored in PDEs that
 * point to tables but not above them: there AMD reserves it (APM vol. 2,
 * chapter 5).  Bit 6 is the dirty flag of leaves, else ignored.  G has no
 * effect while CR4.PGE = 0, and the PAT bit none on what is tested here.
 */
#define IGNORED_LOW BITS(11, 9)
#define IGNORED_HIGH BITS(58, 52)
const struct paging_extra paging_extra[PAGING_EXTRA_MAX] = {
	{ 0 },
	{ M32 | MPAE64, 1, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_LOW, "IGN" },
	{ M64, 1, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_HIGH, "IGNH" },
	{ M32 | MPAE64, 1, EXTRA_ANYWHERE, EXTRA_IGNORED, PTE_G, "G" },
	{ M32 | MPAE64, 1, EXTRA_ANYWHERE, EXTRA_IGNORED, PTE_PAT, "PAT" },
	{ MPAE64, 1, EXTRA_ANYWHERE, EXTRA_RESERVED_TOP, 0, "R51" },
	{ MPAE64, 1, EXTRA_ANYWHERE, EXTRA_RESERVED_M, 0, "RM" },
	{ MPAE, 1, EXTRA_ANYWHERE, EXTRA_RESERVED, BIT(62), "R62" },

	{ M32 | MPAE64, 2, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_LOW, "IGN" },
	{ M64, 2, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_HIGH, "IGNH" },
	{ M32 | MPAE64, 2, EXTRA_IN_LEAF, EXTRA_IGNORED, PTE_G, "G" },
	{ M32 | MPAE64, 2, EXTRA_IN_LEAF, EXTRA_IGNORED, PTE_PAT_LARGE, "PAT" },
	{ M32 | MPAE64, 2, EXTRA_IN_TABLE, EXTRA_IGNORED, PTE_D, "D" },
	{ M32, 2, EXTRA_IN_TABLE, EXTRA_IGNORED_PS, PTE_PS, "PS" },
	{ MPAE64, 2, EXTRA_ANYWHERE, EXTRA_RESERVED_TOP, 0, "R51" },
	{ MPAE64, 2, EXTRA_ANYWHERE, EXTRA_RESERVED_M, 0, "RM" },
	{ MPAE, 2, EXTRA_ANYWHERE, EXTRA_RESERVED, BIT(62), "R62" },
	{ MPAE64, 2, EXTRA_IN_LEAF, EXTRA_RESERVED, BIT(13), "R13" },
	{ MPAE64, 2, EXTRA_IN_LEAF, EXTRA_RESERVED, BIT(20), "R20" },
	{ M32, 2, EXTRA_IN_LEAF, EXTRA_RESERVED, BIT(21), "R21" },

	{ MPAE64, 3, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_LOW, "IGN" },
	{ M64, 3, EXTRA_ANYWHERE, EXTRA_IGNORED, IGNORED_HIGH, "IGNH" },
	{ M64, 3, EXTRA_IN_LEAF, EXTRA_IGNORED, PTE_G, "G" },
	{ M64, 3, EXTRA_IN_LEAF, EXTRA_IGNORED, PTE_PAT_LARGE, "PAT" },
	{ M64, 3, EXTRA_IN_TABLE, EXTRA_IGNORED, PTE_D, "D" },
	{ M64, 3, EXTRA_ANYWHERE, EXTRA_RESERVED_TOP, 0, "R51" },
	{ M64, 3, EXTRA_ANYWHERE, EXTRA_RESERVED_M, 0, "RM" },
	{ M64, 3, EXTRA_IN_LEAF, EXTRA_RESERVED, BIT(13), "R13" },
	{ M64, 3, EXTRA_IN_LEAF, EXTRA_RESERVED, BIT(29), "R29" },

	{ M64, 4, EXTRA_IN_TABLE, EXTRA_IGNORED, IGNORED_LOW, "IGN" },
	{ M64, 4, EXTRA_IN_TABLE, EXTRA_IGNORED, IGNORED_HIGH, "IGNH" },
	{ M64, 4, EXTRA_IN_TABLE, EXTRA_IGNORED, PTE_D, "D" },
	{ M64, 4, EXTRA_IN_TABLE, EXTRA_RESERVED_TOP, 0, "R51" },
	{ M64, 4, EXTRA_IN_TABLE, EXTRA_RESERVED_M, 0, "RM" },
	{ M64, 4, EXTRA_IN_TABLE, EXTRA_RESERVED, PTE_PS, "PS" },

	{ M57, 5, EXTRA_IN_TABLE, EXTRA_IGNORED, IGNORED_LOW, "IGN" },
	{ M57, 5, EXTRA_IN_TABLE, EXTRA_IGNORED, IGNORED_HIGH, "IGNH" },
	{ M57, 5, EXTRA_IN_TABLE, EXTRA_IGNORED, PTE_D, "D" },
	{ M57, 5, EXTRA_IN_TABLE, EXTRA_RESERVED_TOP, 0, "R51" },
	{ M57, 5, EXTRA_IN_TABLE, EXTRA_RESERVED_M, 0, "RM" },
	{ M57, 5, EXTRA_IN_TABLE, EXTRA_RESERVED, PTE_PS, "PS" },
};

bool paging_extra_reserved(unsigned int n)
{
	return paging_extra[n].kind >= EXTRA_RESERVED;
}

bool paging_extra_fits(enum paging_mode mode, unsigned int n, unsigned int leaf, bool pse)
{
	const struct paging_extra *e = &paging_extra[n];

	if (n == 0)
		return true;
	if (!(e->modes & BIT(mode)) || e->level < leaf)
		return false;
	if (e->where == EXTRA_IN_LEAF && e->level != leaf)
		return false;
	if (e->where == EXTRA_IN_TABLE && e->level == leaf)
		return false;
	return e->kind != EXTRA_IGNORED_PS || !pse;
}

/* Flags that every mode has, beside those of the levels. */
#define COMMON_FLAGS                                                                               \
	(PAGING_BIT(D) | PAGING_BIT(WP) | PAGING_BIT(SMEP) | PAGING_BIT(SMAP) | PAGING_BIT(AC) |   \
	 PAGING_BIT(TWICE))
#define KEY_FLAGS                                                                                  \
	(PAGING_BIT(KEY) | PAGING_BIT(PKE) | PAGING_BIT(PKS) | PAGING_BIT(PKRU_AD) |               \
	 PAGING_BIT(PKRU_WD) | PAGING_BIT(PKRS_AD) | PAGING_BIT(PKRS_WD))

u64 paging_case_flags(enum paging_mode mode, unsigned int leaf)
{
	u64 levels = BITS(5 * paging_levels(mode) - 1, 5 * (leaf - 1));

	switch (mode) {
	case PAGING_32BIT:
		return COMMON_FLAGS | PAGING_BIT(PSE) | (levels & ~PAGING_NX_BITS);
	case PAGING_PAE:
		return COMMON_FLAGS | PAGING_BIT(NXE) |
		       (levels & ~(PAGING_LEVEL_BITS(3) & ~PAGING_BIT(PDPTE_P)));
	default:
		return COMMON_FLAGS | KEY_FLAGS | PAGING_BIT(NXE) | levels;
	}
}

static unsigned int highest_leaf(enum paging_mode mode)
{
	return paging_64bit(mode) ? 3 : 2;
}

bool paging_case_legal(enum paging_mode mode, u64 c)
{
	unsigned int leaf = PAGING_LEAF(c), reserved = 0;
	u64 flags = c & (BIT(PAGING_FLAG_COUNT) - 1);

	if (leaf < 1 || leaf > highest_leaf(mode) || c >> (PAGING_EXTRA_SHIFT + 6))
		return false;
	if (PAGING_EXTRA(c) >= ARRAY_SIZE(paging_extra) ||
	    !paging_extra_fits(mode, PAGING_EXTRA(c), leaf, c & PAGING_BIT(PSE)))
		return false;
	if (flags & ~paging_case_flags(mode, leaf))
		return false;
	/* A 4-MByte page takes CR4.PSE. */
	if (mode == PAGING_32BIT && leaf == 2 && !(c & PAGING_BIT(PSE)))
		return false;

	if (!(c & PAGING_BIT(NXE)))
		for (u64 nx = c & PAGING_NX_BITS; nx; nx &= nx - 1)
			reserved++;
	return reserved + paging_extra_reserved(PAGING_EXTRA(c)) <= 1;
}
