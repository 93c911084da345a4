// SPDX-License-Identifier: GPL-2.0-only
/* From a case of the paging matrix to entries, registers and an access; see paging_case.h. */
#include "lib/x86/paging_case.h"

/* The flags of a level (P W U A NX) where the manual has them in an entry. */
static u64 level_flags(u64 c, unsigned int level)
{
	u64 flags = c >> (5 * (level - 1));

	return (flags & (PTE_P | PTE_W | PTE_U)) | (flags >> 3 & 1 ? PTE_A : 0) |
	       (flags >> 4 & 1 ? PTE_NX : 0);
}

static u64 leaf_flags(u64 c)
{
	return (c & PAGING_BIT(D) ? PTE_D : 0) | (c & PAGING_BIT(KEY) ? PTE_PKEY(1) : 0) |
	       (PAGING_LEAF(c) > 1 ? PTE_PS : 0);
}

static u64 extra_bits(const struct paging_extra *extra, unsigned int maxphyaddr)
{
	switch (extra->kind) {
	case EXTRA_RESERVED_TOP:
		return BIT(51);
	case EXTRA_RESERVED_M:
		return BIT(maxphyaddr);
	default:
		return extra->bits;
	}
}

/* What the CPU lacks for a case, or 0. */
static u64 missing(const struct paging_cpu *cpu, u64 c)
{
	const struct paging_extra *extra = &paging_extra[PAGING_EXTRA(c)];

	if (!cpu->nx && c & (PAGING_NX_BITS | PAGING_BIT(NXE)))
		return NX;
	if (!cpu->smep && c & PAGING_BIT(SMEP))
		return SMEP;
	if (!cpu->smap && c & PAGING_BIT(SMAP))
		return SMAP;
	if (!cpu->pku && c & (PAGING_BIT(PKE) | PAGING_BIT(PKRU_AD) | PAGING_BIT(PKRU_WD)))
		return PKU;
	if (!cpu->pks && c & (PAGING_BIT(PKS) | PAGING_BIT(PKRS_AD) | PAGING_BIT(PKRS_WD)))
		return PKS;
	if (!cpu->pse && c & PAGING_BIT(PSE))
		return PSE;
	if (cpu->maxphyaddr >= 52 &&
	    (extra->kind == EXTRA_RESERVED_TOP || extra->kind == EXTRA_RESERVED_M))
		return PAGING_MISSING_RESERVED;
	return 0;
}

static void set_registers(struct paging *p, const struct paging_cpu *cpu, u64 c)
{
	static const struct {
		u64 flag, cr4;
	} cr4[] = {
		{ PAGING_BIT(SMEP), CR4_SMEP }, { PAGING_BIT(SMAP), CR4_SMAP },
		{ PAGING_BIT(PSE), CR4_PSE },	{ PAGING_BIT(PKE), CR4_PKE },
		{ PAGING_BIT(PKS), CR4_PKS },
	};

	p->mode = cpu->mode;
	p->maxphyaddr = cpu->maxphyaddr;
	p->pdpe1gb = cpu->pdpe1gb;
	p->pse36 = cpu->pse36;
	p->cr0 = c & PAGING_BIT(WP) ? CR0_WP : 0;
	p->cr4 = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(cr4); i++)
		if (c & cr4[i].flag)
			p->cr4 |= cr4[i].cr4;
	p->efer = c & PAGING_BIT(NXE) ? EFER_NXE : 0;
	p->rflags = c & PAGING_BIT(AC) ? RFLAGS_AC : 0;
	p->pkru = (c & PAGING_BIT(PKRU_AD) ? PKR_AD(1) : 0) |
		  (c & PAGING_BIT(PKRU_WD) ? PKR_WD(1) : 0);
	p->pkrs = (c & PAGING_BIT(PKRS_AD) ? PKR_AD(1) : 0) |
		  (c & PAGING_BIT(PKRS_WD) ? PKR_WD(1) : 0);
}

static void set_entries(struct paging_setup *s, const struct paging_place *place, u64 c)
{
	const struct paging_extra *extra = &paging_extra[PAGING_EXTRA(c)];
	unsigned int leaf = PAGING_LEAF(c);

	s->levels = paging_levels(s->paging.mode);
	for (unsigned int level = 1; level <= PAGING_LEVELS_MAX; level++) {
		s->entry[level] = 0;
		if (level < leaf || level > s->levels)
			continue;
		s->entry[level] = level_flags(c, level);
		if (level == leaf)
			s->entry[level] |= leaf_flags(c) | place->page[leaf];
		else
			s->entry[level] |= place->table[level - 1];
	}
	if (extra->level)
		s->entry[extra->level] |= extra_bits(extra, s->paging.maxphyaddr);
}

/* An access that crosses begins in the page before. */
static void set_access(struct paging_setup *s, const struct paging_place *place, u64 c)
{
	const struct paging_access_info *info = &paging_access_info[PAGING_ACCESS(c)];
	bool fetch = info->kind == PAGING_FETCH;

	s->access = (struct paging_access){
		.va = place->va + place->offset[PAGING_LEAF(c)],
		.bytes = fetch						  ? 1
			 : paging_64bit(s->paging.mode) || info->implicit ? 8
									  : 4,
		.kind = info->kind,
		.user = info->user,
		.implicit = info->implicit,
	};
	if (!info->cross)
		return;
	if (fetch)
		s->access.bytes = PAGING_CROSS_FETCH_BYTES;
	s->access.va = place->va - (fetch ? PAGING_CROSS_FETCH_BEFORE : s->access.bytes / 2);
}

void paging_case_setup(const struct paging_cpu *cpu, const struct paging_place *place, u64 c,
		       struct paging_setup *s)
{
	set_registers(&s->paging, cpu, c);
	set_entries(s, place, c);
	set_access(s, place, c);
	s->missing = missing(cpu, c);
}
