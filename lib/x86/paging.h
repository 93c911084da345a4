/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of paging: what a memory access does in every paging mode, written
 * from the SDM (vol. 3A, chapter 4; APM vol. 2, chapter 5).  It predicts for
 * one access the fault, its whole error code and CR2, the translation, and the
 * accessed and dirty flags of each entry on the way.  It reads entries through
 * a callback and changes nothing, so that guest and host use the same code.
 *
 * Where the manual leaves a choice to the processor, the model says so
 * (`error_open`, `may_set`) and never guesses.
 */
#ifndef ASSAY_X86_PAGING_H
#define ASSAY_X86_PAGING_H

#include "lib/x86/cpu.h"

enum paging_mode {
	PAGING_32BIT,  /* two levels of 32-bit entries; 4-MByte pages if CR4.PSE */
	PAGING_PAE,    /* PDPTE registers, then two levels of 64-bit entries */
	PAGING_4LEVEL,
	PAGING_5LEVEL,
	PAGING_MODES
};

#define PAGING_LEVELS_MAX 5

/* All that a translation depends on beside memory. */
struct paging {
	enum paging_mode mode;
	unsigned int maxphyaddr; /* M of the manual, 32 to 52 */
	bool pdpe1gb;            /* CPUID: 1-GByte pages */
	bool pse36;              /* CPUID: 4-MByte pages reach above 4 GBytes */
	u64 cr0, cr3, cr4;       /* WP; the root; PSE SMEP SMAP PKE PKS */
	u64 efer;                /* NXE */
	u64 rflags;              /* AC */
	u32 pkru, pkrs;
	u64 pdpte[4]; /* the PDPTE registers of PAE paging */
	/* The entry at a physical address: 8 bytes, 4 in PAGING_32BIT. */
	u64 (*read_entry)(void *context, u64 address);
	void *context;
};

enum paging_kind { PAGING_READ, PAGING_WRITE, PAGING_FETCH };

struct paging_access {
	u64 va;
	unsigned int bytes; /* at least 1; of those behind the first page see paging_cross() */
	enum paging_kind kind;
	bool user;     /* CPL = 3 */
	bool implicit; /* to a descriptor table or TSS: supervisor-mode whatever the CPL (4.6.1) */
};

/* One entry that a walk used, and what may become of its A and D flags. */
struct paging_step {
	u64 address; /* of the entry; meaningless if in_register */
	u64 entry;
	unsigned int level; /* 1: PTE, 2: PDE, 3: PDPTE, 4: PML4E, 5: PML5E */
	bool in_register;   /* a PDPTE of PAE paging: has no flags to set */
	u64 must_set;       /* of PTE_A and PTE_D, those set afterwards */
	u64 may_set;        /* those that may be; all others keep their value */
};

struct paging_walk {
	enum vector vector; /* NONE, PF, or GP for a non-canonical address (SS is the caller's) */
	u64 error_code;     /* of a #PF */
	u64 error_open;     /* its bits that the manual leaves open */
	u64 cr2;            /* after a #PF */
	u64 physical;       /* of the first byte, if there was no fault */
	unsigned int level; /* of the leaf, or where the walk ended */
	u64 page_bytes;     /* the size of the page; 0 if no leaf was reached */
	unsigned int steps;
	struct paging_step step[PAGING_LEVELS_MAX]; /* from the root down */
};

/* Walk for the first byte of an access; its other bytes lie in the same page. */
void paging_walk(const struct paging *p, const struct paging_access *access,
		 struct paging_walk *walk);

/*
 * An access that may reach into the page behind: half[0] and half[1] are what
 * its parts do.  Which half reports when both fault is left to the processor,
 * so that is NULL; else the walk whose fault the access takes, or half[0].  A
 * half that did not fault while the other did only *may* set its flags.
 */
const struct paging_walk *paging_cross(const struct paging *p, const struct paging_access *access,
				       struct paging_walk half[2]);

/* How many levels of tables a mode has, PDPTE registers among them. */
unsigned int paging_levels(enum paging_mode mode);
/* The lowest address bit that the index of a level uses: 12, 21 or 22, 30, 39, 48. */
unsigned int paging_shift(enum paging_mode mode, unsigned int level);
/* Bytes of an entry, entries of a table. */
unsigned int paging_entry_bytes(enum paging_mode mode);
unsigned int paging_entries(enum paging_mode mode);
/* 4-level and 5-level paging: the modes of IA-32e. */
bool paging_64bit(enum paging_mode mode);
/* The table that an entry points to, and the page that a leaf of this level maps. */
u64 paging_table_address(const struct paging *p, u64 entry);
u64 paging_page_address(const struct paging *p, unsigned int level, u64 entry);
/* Does this present entry map a page (4.3 to 4.5)? */
bool paging_is_leaf(const struct paging *p, unsigned int level, u64 entry);
/* The bits of this present entry that must be 0 (4.3 to 4.5). */
u64 paging_reserved(const struct paging *p, unsigned int level, u64 entry);
/* Is the address one that this mode can translate (vol. 1, 3.3.7.1)? */
bool paging_canonical(enum paging_mode mode, u64 va);
/* Can this value be loaded into a PDPTE register, or is it #GP(0) (4.4.1)? */
bool paging_pdpte_valid(const struct paging *p, u64 pdpte);

/* PKRU and IA32_PKRS: two bits for each key (4.6.2). */
#define PKR_AD(key) (1u << (2 * (key)))
#define PKR_WD(key) (2u << (2 * (key)))

#endif
