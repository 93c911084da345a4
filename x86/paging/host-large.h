/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Large pages of the host's behind guest memory.  KVM may map one for the guest in one
 * piece, and must give that up for each part that is not like the rest: a page that is
 * taken away, protected, moved, watched, or that holds a page table which it shadows.
 * To the guest all of this is invisible: every page keeps what was written to it.
 *
 * A test that never had a large page mapped has shown nothing; the host's own count of
 * them is the window.
 */
#ifndef ASSAY_X86_PAGING_HOST_LARGE_H
#define ASSAY_X86_PAGING_HOST_LARGE_H

#include "x86/boot/x86.h"

enum { PAGE_BYTES = 4096, LARGE_BYTES = 2 << 20, PAGES = LARGE_BYTES / PAGE_BYTES };

/* A slot of the root table for its own, and a large page of memory for each case. */
#define BASE 0x490000000000ull
#define ROOT_SLOT 146
#define PDPT ((u64 *)TEST_MEMORY)
#define DIRECTORY ((u64 *)(TEST_MEMORY + 0x1000))
#define TABLE ((u64 *)(TEST_MEMORY + 0x2000))
#define LARGE(n) (TEST_MEMORY + 0x400000 + (u64)(n)*LARGE_BYTES)
/* Where memory is moved to, with the same place in a large page. */
#define HOLE(gpa) (0x70000000ull + (gpa))
#define MIDDLE 200
#define RW (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

/* Around a test: skip it where the host maps no large page; report the window. */
void large_begin(void);
void large_end(void);

/* LARGE_BYTES from BASE on, by one entry or by as many as there are pages. */
void large_map(u64 gpa, bool large);
/* The word of a page, through that mapping. */
volatile u64 *large_word(unsigned int page);
void large_stamp(u64 mark);
void expect_large_stamps(u64 mark, unsigned int except);
void large_read(void);

/* Let the host back it by a large page, and touch it, so that it can be mapped. */
void large_merge(u64 gpa);
/* Away and back: a slot of its own then. */
void large_move(u64 gpa);

#endif
