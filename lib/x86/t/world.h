/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A little memory for tests of the paging model: one table a level, of which
 * only the entry that the walk should read is there.  Any other read is a
 * mistake of the walk and counted.
 */
#ifndef ASSAY_X86_T_WORLD_H
#define ASSAY_X86_T_WORLD_H

#include "lib/x86/paging_case.h"

struct world {
	struct paging p;
	u64 va;
	u64 entry[PAGING_LEVELS_MAX + 1];
	unsigned int stray_reads;
};

static const u64 world_va[PAGING_MODES] = { 0xc0745678, 0xc0745678, 0xffff923456789abc,
					    0xff92345678abcdef };

/* The table of a level lies at level << 20. */
static inline u64 world_read(void *context, u64 address)
{
	struct world *w = context;
	unsigned int level = address >> 20;
	unsigned int shift = paging_shift(w->p.mode, level);
	u64 index = w->va >> shift & (paging_entries(w->p.mode) - 1);

	if ((address & 0xfffff) != index * paging_entry_bytes(w->p.mode)) {
		w->stray_reads++;
		return 0;
	}
	return w->entry[level];
}

/* Everything permitted by every entry; the page is at 7 GBytes (32-bit paging: at 3). */
static inline void world_init(struct world *w, enum paging_mode mode, unsigned int leaf)
{
	unsigned int levels = paging_levels(mode);

	*w = (struct world){ .va = world_va[mode] };
	w->p = (struct paging){
		.mode = mode,
		.maxphyaddr = 40,
		.pdpe1gb = true,
		.pse36 = true,
		.cr0 = CR0_WP,
		.cr3 = (u64)levels << 20,
		.cr4 = CR4_PSE,
		.efer = EFER_NXE,
		.read_entry = world_read,
		.context = w,
	};
	for (unsigned int level = levels; level >= leaf; level--) {
		w->entry[level] = PTE_P | PTE_W | PTE_U | (u64)(level - 1) << 20;
		if (level > leaf)
			continue;
		w->entry[level] = PTE_P | PTE_W | PTE_U;
		w->entry[level] |= mode == PAGING_32BIT ? 0xc0000000 : 0x1c0000000;
		w->entry[level] |= level > 1 ? PTE_PS : 0;
	}
	if (mode == PAGING_PAE)
		w->entry[3] &= ~(u64)(PTE_W | PTE_U);
	w->p.pdpte[w->va >> 30 & 3] = w->entry[3];
}

static inline struct paging_walk world_walk(struct world *w, enum paging_kind kind, bool user,
					    bool implicit)
{
	struct paging_access access = {
		.va = w->va,
		.bytes = 1,
		.kind = kind,
		.user = user,
		.implicit = implicit,
	};
	struct paging_walk walk;

	if (w->p.mode == PAGING_PAE)
		w->p.pdpte[w->va >> 30 & 3] = w->entry[3];
	paging_walk(&w->p, &access, &walk);
	return walk;
}

#endif
