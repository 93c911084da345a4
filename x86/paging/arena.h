/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables under test.  The address under test is the first of a slot of
 * the root table, so that the page before it, which accesses that cross need,
 * is mapped by other entries at every level:
 *
 *	the image               onto itself, and for CPL 3 at an alias
 *	before the slot         one page with every right (U/S as the access wants)
 *	the slot                one chain of tables: what a case says
 */
#ifndef ASSAY_X86_PAGING_ARENA_H
#define ASSAY_X86_PAGING_ARENA_H

#include "lib/x86/paging_case.h"
#include "x86/paging/attempt.h"

/* Physical memory: large pages first, then tables.  The 1-GByte page is that at 0. */
#define ARENA_LARGE_PAGE TEST_MEMORY
#define ARENA_TABLES (TEST_MEMORY + 0x400000)
#define ARENA_PAGE (ARENA_TABLES + 0x40000)
#define ARENA_PAGE_BEFORE (ARENA_TABLES + 0x41000)
/* Tables 0 to 5: the root, then those of levels 1 to 4 by their level. */
#define ARENA_TABLE(number) ((u64 *)(ARENA_TABLES + (number) * 0x1000ull))
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

/* The registers that cases change; all other bits of them stay as they are. */
struct arena_registers {
	u64 cr0, cr4, efer;
	u32 pkru, pkrs;
};

struct arena {
	struct paging_cpu cpu;
	struct paging_place place;
	const u8 *const *code; /* the accesses: enum access_code */
	u64 user_alias;        /* where CPL 3 finds them */
	u64 prefix;            /* bytes before the instruction that accesses */
	u64 root;              /* for CR3 */
	void *entry[PAGING_LEVELS_MAX + 1]; /* of the address under test */
	void *leaf_before;                  /* the leaf of the page before */
	struct arena_registers base, now;
	u64 last_cr2;
	u64 *low_word[2];  /* the words of low memory that the 1-GByte page gives, */
	u64 low_memory[2]; /* and what they were before */
	bool mmio; /* leaves lead to the local APIC; accesses have 32 bits */
	bool nobody; /* there is no local APIC: what is read is anything */
	bool string; /* accesses are OUTS and INS: a byte, from and to a port */
};

/* What this CPU has, from CPUID. */
struct paging_cpu arena_cpu(enum paging_mode mode);

/* 4-level paging or, by way of paging turned off, 5-level paging. */
void arena_init(struct arena *a, enum paging_mode mode);
/* PAE or 32-bit paging; the CPU stays in 64-bit mode until attempt32(). */
void arena_init_legacy(struct arena *a, enum paging_mode mode);
/* Let the leaves lead to a register of the local APIC instead. */
void arena_use_mmio(struct arena *a);
void arena_leave(struct arena *a);

/* Write a case's entries and registers and flush; before an access. */
void arena_set(struct arena *a, const struct paging_setup *setup);
/* The entry of a level as it is now. */
u64 arena_entry(const struct arena *a, unsigned int level);

/* The machine as it was before the first case, in these page tables. */
void arena_default(struct arena *a);
/* Make root a copy of the arena's in which CPL 3 has the first GiB as it is, and load it. */
void arena_user_identity(struct arena *a, u64 *root);

/* For arena_init*(): what all modes share. */
void arena_begin(struct arena *a, enum paging_mode mode, u64 va);
void arena_map_page_before(struct arena *a);
void arena_fill_pages(struct arena *a);
/* Of the 64-bit modes: write only what changes. */
void arena_set_registers(struct arena *a, const struct paging *p);

#endif
