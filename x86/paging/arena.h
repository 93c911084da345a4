/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables under test in the 64-bit modes.  The address under test is
 * the first of a slot of the root table, so that the page before it, which
 * accesses that cross need, is mapped by other entries at every level:
 *
 *	root[0], [128]          the runtime's: identity and USER_ALIAS
 *	before the slot         one page with every right (U/S as the access wants)
 *	the slot                one chain of tables: what a case says
 */
#ifndef ASSAY_X86_PAGING_ARENA_H
#define ASSAY_X86_PAGING_ARENA_H

#include "lib/x86/paging_case.h"
#include "x86/boot/x86.h"

/* Physical memory: large pages first, then tables.  The 1-GByte page is that at 0. */
#define ARENA_LARGE_PAGE TEST_MEMORY
#define ARENA_TABLES (TEST_MEMORY + 0x400000)
#define ARENA_PAGE (ARENA_TABLES + 0x20000)
#define ARENA_PAGE_BEFORE (ARENA_TABLES + 0x21000)
/* Where in its page the access goes. */
#define ARENA_OFFSET 0x6a8

/*
 * What lies there: a data segment's descriptor whose first byte is RET, so that
 * it can be read, executed and loaded.  The second byte is the leaf's level.
 */
#define ARENA_CONTENT(level) (0x00cff300000000c3ull | (u64)(level) << 8)
/*
 * The operand of what crosses: four bytes at the end of the page before, four
 * at the page's start.  From the third on it is MOV $..., %eax; RET.
 */
#define ARENA_CONTENT_CROSSING(level) (0xc300000044b80000ull | (u64)(level) << 32)

/* The bits of control registers that cases set; all others stay as they are. */
struct arena_registers {
	u64 cr0, cr4, efer;
	u32 pkru, pkrs;
};

struct arena {
	struct paging_cpu cpu;
	struct paging_place place;
	u64 root;                           /* for CR3 */
	u64 *entry[PAGING_LEVELS_MAX + 1];  /* of the address under test */
	u64 *leaf_before;                   /* the leaf of the page before */
	struct arena_registers base, now;
	u64 last_cr2;
	u64 *low_word[2];  /* the words of low memory that the 1-GByte page gives, */
	u64 low_memory[2]; /* and what they were before */
	bool mmio; /* leaves lead to the local APIC; accesses have 32 bits */
};

/* What this CPU has, from CPUID. */
struct paging_cpu arena_cpu(enum paging_mode mode);

void arena_init(struct arena *a, enum paging_mode mode);
/* Let the leaves lead to a register of the local APIC instead. */
void arena_use_mmio(struct arena *a);
void arena_leave(struct arena *a);

/* Write a case's entries and registers and flush; before an access. */
void arena_set(struct arena *a, const struct paging_setup *setup);

/* The machine as it was before the first case, in these page tables. */
void arena_default(struct arena *a);
/* Make root a copy of the arena's in which CPL 3 has the first GiB as it is, and load it. */
void arena_user_identity(struct arena *a, u64 *root);

#endif
