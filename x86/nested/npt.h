/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nested paging for L2, and L2's own tables under it.  Nested tables map the first
 * 4 GiB onto themselves.  One address of L2's is under test:
 *
 *	NPT_VA --L2's PML4, PDPT, PD, PT--> NPT_GPA --nested chain--> NPT_PAGE
 *
 * Every entry of both chains is to be edited.  The pages of L2's tables have nested
 * entries of 4 KBytes of their own; NPT_GPA has a chain of its own from the root.
 */
#ifndef ASSAY_X86_NESTED_NPT_H
#define ASSAY_X86_NESTED_NPT_H

#include "x86/nested/svm.h"

#define NPT_VA (131ull << 39)
#define NPT_GPA BIT(39)
#define NPT_PAGE (TEST_MEMORY + 0x3ff000)
/* Where in the page the access goes. */
#define NPT_OFFSET 0x5a8
/* What lies there: RET, so that it can be executed. */
#define NPT_CONTENT 0x1122334455667ac3ull

#define NPT_RIGHTS (PTE_P | PTE_W | PTE_U)

struct npt {
	u64 *nested[5];	      /* of NPT_GPA, by level: 1 the PTE, 4 the PML4E */
	u64 *guest[5];	      /* L2's own entries of NPT_VA */
	u64 *nested_table[5]; /* the nested PTE of the page that holds guest[level] */
};

/* A fresh L2 (l2_begin()) with nested paging; all entries present with every right, A = D = 0. */
void npt_begin(struct npt *n);

#endif
