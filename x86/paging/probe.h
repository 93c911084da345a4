/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single accesses for the laws that are not a matter of one setting but of what
 * happens between two accesses: no entry, register or TLB is touched here but
 * where a function says so.
 */
#ifndef ASSAY_X86_PAGING_PROBE_H
#define ASSAY_X86_PAGING_PROBE_H

#include "x86/paging/arena.h"

/* 4-level paging; the address under test a 4-KByte page with every right, A and D set. */
void probe_begin(struct arena *a);
/* The same entries again, and a flush. */
void probe_restore(struct arena *a);
/* The entry of a level, to be edited. */
u64 *probe_entry(const struct arena *a, unsigned int level);

/* Access the address under test, or another. */
struct attempt probe(const struct arena *a, enum access_code code, bool user);
struct attempt probe_at(const struct arena *a, enum access_code code, bool user, u64 va);

/* Wanted: an error code, or no fault at all.  A #PF must also give the access's address in CR2. */
#define NO_FAULT (~0ull)
#define EXPECT_ACCESS(wanted, got) expect_access(EXPECTATION_(#got), wanted, &(got))
bool expect_access(const struct expectation *e, u64 wanted, const struct attempt *got);

#define PROBE_RIGHTS (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

/* A flag that can be taken away, which access then faults, and how. */
struct right {
	const char *name;
	u64 set, clear;        /* what to do to the entry */
	enum access_code code; /* a user-mode access that then... */
	u64 error;             /* ...faults so */
};
#define RIGHTS 4
extern const struct right probe_right[RIGHTS];

extern const char *const probe_level[PAGING_LEVELS_MAX + 1];

#endif
