/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The matrix of paging: one case is one access under one setting of every bit
 * that a translation depends on.  A case is packed into 64 bits, its fields
 * are data (paging_field[]), and it has a name that can be read back:
 *
 *	pte=P.W.U.A,pde=P.W.U,pdpte=P.W.U,pml4e=P.W.U,cr0=WP,cr4=SMEP,efer=NXE,access=user-write
 *
 * What is not named is 0.  A leaf above the PTE is named by PS, the entries
 * below it do not exist.
 *
 * Legal cases, those that the whole matrix has:
 *  - what the mode has not (NX in 32-bit paging, rights in a PDPTE register)
 *    is 0, and so are the flags of levels below the leaf;
 *  - at most one extra: a bit that is ignored, or reserved, or has no effect
 *    here, in one entry;
 *  - at most one reserved bit, where NX with EFER.NXE = 0 is one too (as in
 *    kvm-unit-tests' access, to keep the matrix finite in practice: a walk
 *    ends at the first one).
 */
#ifndef ASSAY_X86_PAGING_CASE_H
#define ASSAY_X86_PAGING_CASE_H

#include "lib/text.h"
#include "lib/x86/features.h"
#include "lib/x86/paging.h"

/* FIELD(NAME, group in the name, word in the name, width).  Level 1 is the PTE. */
#define PAGING_LEVEL_FIELDS(FIELD, LEVEL, group)                                                   \
	FIELD(LEVEL##_P, group, "P", 1)                                                            \
	FIELD(LEVEL##_W, group, "W", 1)                                                            \
	FIELD(LEVEL##_U, group, "U", 1)                                                            \
	FIELD(LEVEL##_A, group, "A", 1)                                                            \
	FIELD(LEVEL##_NX, group, "NX", 1)
#define PAGING_FIELDS(FIELD)                                                                       \
	PAGING_LEVEL_FIELDS(FIELD, PTE, "pte")                                                     \
	PAGING_LEVEL_FIELDS(FIELD, PDE, "pde")                                                     \
	PAGING_LEVEL_FIELDS(FIELD, PDPTE, "pdpte")                                                 \
	PAGING_LEVEL_FIELDS(FIELD, PML4E, "pml4e")                                                 \
	PAGING_LEVEL_FIELDS(FIELD, PML5E, "pml5e")                                                 \
	/* Of the leaf, whatever its level; KEY is protection key 1. */                            \
	FIELD(D, "leaf", "D", 1)                                                                   \
	FIELD(KEY, "leaf", "K1", 1)                                                                \
	FIELD(WP, "cr0", "WP", 1)                                                                  \
	FIELD(SMEP, "cr4", "SMEP", 1)                                                              \
	FIELD(SMAP, "cr4", "SMAP", 1)                                                              \
	FIELD(PSE, "cr4", "PSE", 1)                                                                \
	FIELD(PKE, "cr4", "PKE", 1)                                                                \
	FIELD(PKS, "cr4", "PKS", 1)                                                                \
	FIELD(NXE, "efer", "NXE", 1)                                                               \
	FIELD(AC, "rflags", "AC", 1)                                                               \
	/* Of key 1; key 0 has all rights. */                                                      \
	FIELD(PKRU_AD, "pkru", "AD", 1)                                                            \
	FIELD(PKRU_WD, "pkru", "WD", 1)                                                            \
	FIELD(PKRS_AD, "pkrs", "AD", 1)                                                            \
	FIELD(PKRS_WD, "pkrs", "WD", 1)                                                            \
	/* The same access again at once. */                                                       \
	FIELD(TWICE, "repeat", "1", 1)                                                             \
	/* Fields of more than one bit are not flags: see paging_case_name(). */                   \
	FIELD(LEAF, "", "", 2)                                                                     \
	FIELD(ACCESS, "access", "", 4)                                                             \
	FIELD(EXTRA, "", "", 6)

enum paging_field_index {
#define FIELD(NAME, group, word, width) PAGING_FIELD_##NAME,
	PAGING_FIELDS(FIELD)
#undef FIELD
	PAGING_FIELD_COUNT,
	PAGING_FLAG_COUNT = PAGING_FIELD_LEAF
};

/* The flags come first, one bit each: PAGING_BIT(PTE_NX). */
#define PAGING_BIT(NAME) BIT(PAGING_FIELD_##NAME)
#define PAGING_LEVEL_BITS(level) BITS(5 * (level) - 1, 5 * ((level) - 1))
#define PAGING_LEAF_SHIFT PAGING_FLAG_COUNT
#define PAGING_ACCESS_SHIFT (PAGING_LEAF_SHIFT + 2)
#define PAGING_EXTRA_SHIFT (PAGING_ACCESS_SHIFT + 4)

struct paging_field {
	const char *group, *word;
};
extern const struct paging_field paging_field[PAGING_FLAG_COUNT];

/* One case, packed: flags, then LEAF (1 to 3), ACCESS, EXTRA. */
#define PAGING_LEAF(c) ((unsigned int)((c) >> PAGING_LEAF_SHIFT & 3))
#define PAGING_ACCESS(c) ((unsigned int)((c) >> PAGING_ACCESS_SHIFT & 15))
#define PAGING_EXTRA(c) ((unsigned int)((c) >> PAGING_EXTRA_SHIFT & 63))

/* The accesses: ACCESS_KIND(NAME, name, kind, CPL 3, implicit, crossing, locked) */
#define PAGING_ACCESSES(ACCESS_KIND)                                                               \
	ACCESS_KIND(USER_READ, "user-read", READ, 1, 0, 0, 0)                                      \
	ACCESS_KIND(USER_WRITE, "user-write", WRITE, 1, 0, 0, 0)                                   \
	ACCESS_KIND(USER_FETCH, "user-fetch", FETCH, 1, 0, 0, 0)                                   \
	ACCESS_KIND(USER_IMPLICIT, "user-implicit", READ, 1, 1, 0, 0)                              \
	ACCESS_KIND(SUPER_READ, "super-read", READ, 0, 0, 0, 0)                                    \
	ACCESS_KIND(SUPER_WRITE, "super-write", WRITE, 0, 0, 0, 0)                                 \
	ACCESS_KIND(SUPER_FETCH, "super-fetch", FETCH, 0, 0, 0, 0)                                 \
	ACCESS_KIND(SUPER_IMPLICIT, "super-implicit", READ, 0, 1, 0, 0)                            \
	ACCESS_KIND(USER_LOCKED, "user-locked", WRITE, 1, 0, 0, 1)                                 \
	ACCESS_KIND(SUPER_LOCKED, "super-locked", WRITE, 0, 0, 0, 1)                               \
	ACCESS_KIND(USER_READ_CROSS, "user-read-cross", READ, 1, 0, 1, 0)                          \
	ACCESS_KIND(USER_WRITE_CROSS, "user-write-cross", WRITE, 1, 0, 1, 0)                       \
	ACCESS_KIND(USER_FETCH_CROSS, "user-fetch-cross", FETCH, 1, 0, 1, 0)                       \
	ACCESS_KIND(SUPER_READ_CROSS, "super-read-cross", READ, 0, 0, 1, 0)                        \
	ACCESS_KIND(SUPER_WRITE_CROSS, "super-write-cross", WRITE, 0, 0, 1, 0)                     \
	ACCESS_KIND(SUPER_FETCH_CROSS, "super-fetch-cross", FETCH, 0, 0, 1, 0)

enum paging_access_index {
#define ACCESS_KIND(NAME, name, kind, user, implicit, cross, locked) PAGING_##NAME,
	PAGING_ACCESSES(ACCESS_KIND)
#undef ACCESS_KIND
	PAGING_ACCESS_COUNT
};

struct paging_access_info {
	const char *name;
	enum paging_kind kind;
	bool user, implicit;
	bool cross;  /* begins in the page before, which has every right */
	bool locked; /* a locked read-modify-write: for paging it is a write */
};
extern const struct paging_access_info paging_access_info[PAGING_ACCESS_COUNT];

/* An extra: a bit of one entry that has no field of its own. */
enum paging_extra_kind {
	EXTRA_IGNORED,      /* the bits have no effect */
	EXTRA_IGNORED_PS,   /* PS, as long as CR4.PSE = 0 */
	EXTRA_RESERVED,     /* the bits are reserved */
	EXTRA_RESERVED_TOP, /* the highest reserved address bit */
	EXTRA_RESERVED_M,   /* the lowest: bit MAXPHYADDR */
};

enum paging_extra_where { EXTRA_ANYWHERE, EXTRA_IN_TABLE, EXTRA_IN_LEAF };

struct paging_extra {
	u8 modes; /* bit n: enum paging_mode n */
	u8 level;
	u8 where; /* enum paging_extra_where */
	u8 kind;  /* enum paging_extra_kind */
	u64 bits;
	const char *word;
};
#define PAGING_EXTRA_MAX 64
extern const struct paging_extra paging_extra[PAGING_EXTRA_MAX]; /* number 0 is none */

/* The flags that can be 1 in a mode with this leaf; others are 0. */
u64 paging_case_flags(enum paging_mode mode, unsigned int leaf);
/* Is extra number n possible in this mode with this leaf and CR4.PSE? */
bool paging_extra_fits(enum paging_mode mode, unsigned int n, unsigned int leaf, bool pse);
bool paging_extra_reserved(unsigned int n);
bool paging_case_legal(enum paging_mode mode, u64 c);

#define PAGING_NX_BITS                                                                             \
	(PAGING_BIT(PTE_NX) | PAGING_BIT(PDE_NX) | PAGING_BIT(PDPTE_NX) | PAGING_BIT(PML4E_NX) |  \
	 PAGING_BIT(PML5E_NX))

/* Names; paging_case_parse() returns false on anything that is not a legal case's name. */
void paging_case_name(struct text *t, enum paging_mode mode, u64 c);
bool paging_case_parse(enum paging_mode mode, const char *name, u64 *c);

/*
 * How many legal cases a mode has with these accesses (bit n: access n), and
 * number n of them.
 */
#define PAGING_ALL_ACCESSES (BIT(PAGING_ACCESS_COUNT) - 1)
#define PAGING_DATA_ACCESSES                                                                       \
	(BIT(PAGING_USER_READ) | BIT(PAGING_USER_WRITE) | BIT(PAGING_SUPER_READ) |                 \
	 BIT(PAGING_SUPER_WRITE))
/* What INS and OUTS do: of two accesses, an eighth of the cases. */
#define PAGING_STRING_ACCESSES (BIT(PAGING_SUPER_READ) | BIT(PAGING_SUPER_WRITE))
u64 paging_case_count(enum paging_mode mode, u64 accesses);
u64 paging_case_number(enum paging_mode mode, u64 accesses, u64 n);
/* The counts with all accesses as constants, for CASES(); of 4 accesses they are a quarter. */
#define PAGING_CASES_32BIT 3489792ull
#define PAGING_CASES_PAE 42565632ull
#define PAGING_CASES_4LEVEL 3957107720192ull
#define PAGING_CASES_5LEVEL 147608362287104ull

/*
 * The pairwise walk: permissive bases for each access, every deviation of one
 * field from them, and every pair of deviations.
 */
struct paging_pairs {
	enum paging_mode mode;
	u64 accesses;
	unsigned int base, access, first, second;
	u64 number; /* of the case that was given last */
};
void paging_pairs_begin(struct paging_pairs *walk, enum paging_mode mode, u64 accesses);
bool paging_pairs_next(struct paging_pairs *walk, u64 *c);
/* How many cases it has with all accesses, and with the others' sets. */
#define PAGING_PAIRS_32BIT 1236
#define PAGING_PAIRS_PAE 2464
#define PAGING_PAIRS_4LEVEL 6832
#define PAGING_PAIRS_5LEVEL 3313
#define PAGING_PAIRS_4LEVEL_DATA 3488
#define PAGING_PAIRS_4LEVEL_STRING 2044

/* A random legal case, biased to few deviations; *seed is xorshift64* state, not 0. */
u64 paging_case_random(enum paging_mode mode, u64 accesses, u64 *seed);

/* Where the cases of a walk lie. */
struct paging_place {
	u64 va;                            /* a multiple of the largest leaf's size */
	u64 table[PAGING_LEVELS_MAX + 1];  /* table[n] holds the entries of level n */
	u64 page[4];                       /* page[n] is the page of a leaf of level n */
	u64 offset[4];                     /* where in it the access goes */
};

/* No CPU feature: all physical address bits exist, so none is reserved. */
#define PAGING_MISSING_RESERVED BIT(63)

/* A case made concrete. */
struct paging_setup {
	struct paging paging; /* without read_entry */
	struct paging_access access;
	unsigned int levels;                   /* entries 1..levels are set; 0 where there is none */
	u64 entry[PAGING_LEVELS_MAX + 1];      /* of level n */
	u64 missing; /* what this CPU lacks to express the case: enum cpu_feature, or... */
};

/* A fetch that crosses is one instruction of this length, this many bytes in the page before. */
#define PAGING_CROSS_FETCH_BYTES 5
#define PAGING_CROSS_FETCH_BEFORE 2

/* `cpu` gives what is the CPU's: mode, maxphyaddr, pdpe1gb, pse36, and the features below. */
struct paging_cpu {
	enum paging_mode mode;
	unsigned int maxphyaddr;
	bool pdpe1gb, pse36, nx, smep, smap, pku, pks, pse;
};
void paging_case_setup(const struct paging_cpu *cpu, const struct paging_place *place, u64 c,
		       struct paging_setup *setup);

#endif
