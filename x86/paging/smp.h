/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two CPUs on the same page tables: the boot CPU edits entries while CPU 1, the
 * walker, accesses what they map at CPL 3, where some hosts run guests natively.
 *
 * What an access may find depends on what the editor had done when it began and
 * when it ended.  The editor says so in `epoch`: it counts up before it begins to
 * change something and again when the change has reached the walker.  An access
 * between two equal, settled epochs has one right answer; others have two.
 */
#ifndef ASSAY_X86_PAGING_SMP_H
#define ASSAY_X86_PAGING_SMP_H

#include "x86/boot/x86.h"

/* An own slot of the root table; its entries from the root's (4) to the page's (1). */
#define SMP_VA 0x410000000000ull
#define SMP_TABLE(number) ((u64 *)(TEST_MEMORY + (number) * 0x1000ull))
#define SMP_PAGE(number) (TEST_MEMORY + 0x100000 + (number) * 0x1000ull)
#define SMP_RIGHTS (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
enum { SMP_LEVELS = 4, SMP_TABLES_EACH = 8 };

/* Map pages from SMP_VA on to SMP_PAGE(0), SMP_PAGE(1), ... by tables 1 to 3. */
void smp_map(unsigned int pages);
/* The entry of a level for SMP_VA. */
u64 *smp_entry(unsigned int level);

/* Take the translations of SMP_VA away from CPU 1: an IPI whose handler does INVLPG. */
void smp_shootdown(void);
/* Make ready for it; before the walker starts. */
void smp_listen(void);
/* On the walker, at CPL 0: take the interrupts that are due. */
void smp_take_interrupts(void);

/* Some turns of doing nothing, from a seed's stream. */
void smp_dawdle(u64 *random);
/* All that was done before is done, for the other CPU too, when what follows begins. */
static inline void smp_fence(void)
{
	asm volatile("lock; orq $0, (%%rsp)" ::: "memory", "cc");
}

#endif
