// SPDX-License-Identifier: GPL-2.0-only
/*
 * What beside MOV to CR3 loads the PDPTE registers of PAE paging: a MOV to CR0
 * that modifies CD, NW or PG, a MOV to CR4 that modifies PAE, PGE, PSE or SMEP,
 * and no other MOV to them (SDM vol. 3A, 4.4.1).  A law for Intel's processors;
 * AMD's may read PDPTEs from memory in each walk (APM vol. 2, 15.25.10).
 */
#include "x86/paging/probe.h"

/* Entry 3 maps the address under test. */
#define TESTED 3
/* A page directory that maps the address under test to the large page. */
#define OTHER_DIRECTORY ((u64 *)ARENA_TABLE(59))
/* For the time in which CR4.PAE is 0: a table of 32-bit paging. */
#define TABLE32 ((u32 *)ARENA_TABLE(61))

/* The operand of access32_toggle_*. */
struct pdpte_edit {
	u32 address, low, high; /* of the entry, and what to write there */
	u32 flip[2]; /* in the register, one after the other */
	u32 va; /* to be read */
};

static const struct load {
	const char *name;
	unsigned int reg; /* CR0 or CR4 */
	u64 before; /* set in it beforehand, beside what the mode needs */
	u64 flip[2];
	bool loads;
	bool without_pae; /* 32-bit paging between the two */
	u64 needs;
} loads[] = {
	{ "CR0.CD=1", 0, 0, { CR0_CD }, true, false, 0 },
	{ "CR0.CD=0", 0, CR0_CD, { CR0_CD }, true, false, 0 },
	{ "CR0.NW=1", 0, CR0_CD, { CR0_NW }, true, false, 0 },
	{ "CR0.NW=0", 0, CR0_CD | CR0_NW, { CR0_NW }, true, false, 0 },
	{ "CR0.PG=0,PG=1", 0, 0, { CR0_PG, CR0_PG }, true, false, 0 },
	{ "CR4.PGE=1", 4, 0, { CR4_PGE }, true, false, PGE },
	{ "CR4.PGE=0", 4, CR4_PGE, { CR4_PGE }, true, false, PGE },
	{ "CR4.PSE=1", 4, 0, { CR4_PSE }, true, false, PSE },
	{ "CR4.PSE=0", 4, CR4_PSE, { CR4_PSE }, true, false, PSE },
	{ "CR4.SMEP=1", 4, 0, { CR4_SMEP }, true, false, SMEP },
	{ "CR4.SMEP=0", 4, CR4_SMEP, { CR4_SMEP }, true, false, SMEP },
	{ "CR4.PAE=0,PAE=1", 4, 0, { CR4_PAE, CR4_PAE }, true, true, 0 },
	{ "CR0", 0, 0, { 0 }, false, false, 0 },
	{ "CR0.TS=1", 0, 0, { CR0_TS }, false, false, 0 },
	{ "CR0.WP=0", 0, 0, { CR0_WP }, false, false, 0 },
	{ "CR0.AM=1", 0, 0, { CR0_AM }, false, false, 0 },
	{ "CR4", 4, 0, { 0 }, false, false, 0 },
	{ "CR4.TSD=1", 4, 0, { CR4_TSD }, false, false, 0 },
	{ "CR4.DE=1", 4, 0, { CR4_DE }, false, false, 0 },
	{ "CR4.SMAP=1", 4, 0, { CR4_SMAP }, false, false, SMAP },
};

static void begin(struct arena *a)
{
	if (!vendor_is_intel())
		skip("a law for Intel's processors; CPUID.0:EBX is another vendor's");
	arena_init_legacy(a, PAGING_PAE);
	attempt_prepare();
}

static void set_tables(const struct arena *a)
{
	for (unsigned int level = 1; level <= 2; level++)
		*probe_entry(a, level) = PTE_P | PTE_W | PTE_A | PTE_D |
					 (level > 1 ? a->place.table[1] : a->place.page[1]);
	*probe_entry(a, 3) = a->place.table[2] | PTE_P;
	OTHER_DIRECTORY[0] = ARENA_LARGE_PAGE | PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS;
}

/*
 * With PAE = 0 what CR3 points to is a page directory.  Its first 8 entries are
 * the PDPTEs, which get no A flag if nobody uses them: the code is executed
 * where CPL 3 has it, by a table of 32-bit paging.
 */
static u64 code_without_pae(const struct arena *a, const u8 *code)
{
	u64 va = (u64)code + USER_ALIAS32, first = (u64)code & ~(BIT(22) - 1);

	for (unsigned int i = 0; i < 1024; i++)
		TABLE32[i] = (u32)(first + i * 0x1000 + (PTE_P | PTE_W | PTE_A | PTE_D));
	((u32 *)a->root)[va >> 22] = (u32)((u64)TABLE32 | PTE_P | PTE_W | PTE_A);
	return va;
}

static struct attempt run(const struct arena *a, const struct load *l, unsigned int pdpte,
			  u64 value)
{
	const u8 *code = l->reg ? access32_toggle_cr4 : access32_toggle_cr0;
	struct pdpte_edit edit = {
		.address = (u32)(a->root + pdpte * sizeof(u64)),
		.low = (u32)value,
		.high = (u32)(value >> 32),
		.flip = { (u32)l->flip[0], (u32)l->flip[1] },
		.va = (u32)(a->place.va + ARENA_OFFSET),
	};
	struct attempt got = {
		.code = l->without_pae ? code_without_pae(a, code) : (u64)code,
		.va = (u64)&edit,
		.rflags = RFLAGS_FIXED,
		.cr0 = a->base.cr0 | CR0_WP | (l->reg ? 0 : l->before),
		.cr3 = a->root,
		.cr4 = a->base.cr4 | (l->reg ? l->before : 0),
		.efer = a->cpu.nx ? EFER_NXE : 0,
	};

	attempt32(&got);
	return got;
}

static bool covered(const struct load *l, u64 cases)
{
	char fact[128];
	struct text text = text_into(fact, sizeof(fact));

	if (!l->needs || has_feature(l->needs))
		return true;
	machine_missing(&text, l->needs);
	cases_not_covered(cases, "%s: %s", l->name, fact);
	return false;
}

TEST(pdpte_loads,
     "MOV to CR0 or CR4 loads the PDPTEs if it modifies a bit that says so, and only then",
     LAW("SDM vol. 3A, 4.4.1"), CASES(ARRAY_SIZE(loads)))
{
	struct arena a;

	begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++) {
		const struct load *l = &loads[i];

		if (!covered(l, 1))
			continue;
		CASE ("write=%s", l->name) {
			struct attempt got;

			set_tables(&a);
			got = run(&a, l, TESTED, (u64)OTHER_DIRECTORY | PTE_P);
			EXPECT_EQ("none", vector_name(got.vector));
			EXPECT_EQ((u32)ARENA_CONTENT(l->loads ? 2 : 1), got.result);
		}
	}
	arena_leave(&a);
}

/* The lowest reserved bit of a PDPTE, two of those behind its flags, and the highest. */
static const unsigned int reserved[] = { 1, 5, 8, 63 };
/* Not those by which code and data are there: one that nobody uses, and that of the address. */
static const unsigned int pdptes[] = { 2, TESTED };

static void check_refused(struct arena *a, const struct load *l, unsigned int pdpte,
			  unsigned int bit)
{
	u64 *entry = (u64 *)a->root + pdpte;
	u64 good = *entry;
	struct attempt got = run(a, l, pdpte, (u64)OTHER_DIRECTORY | PTE_P | BIT(bit));

	*entry = good;
	EXPECT_EQ(l->loads ? "#GP" : "none", vector_name(got.vector));
	EXPECT_EQ(0, got.error_code);
}

/*
 * After a #GP while CR4.PAE = 0 there are no tables to take it by, so that the
 * toggle of PAE is not among these.
 */
TEST(pdpte_loads_reserved, "a MOV to CR0 or CR4 that loads a PDPTE with a reserved bit is #GP(0)",
     LAW("SDM vol. 3A, 4.4.1"),
     CASES((ARRAY_SIZE(loads) - 1) * ARRAY_SIZE(pdptes) * ARRAY_SIZE(reserved)))
{
	struct arena a;

	begin(&a);
	set_tables(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(loads); i++) {
		const struct load *l = &loads[i];

		if (l->without_pae || !covered(l, ARRAY_SIZE(pdptes) * ARRAY_SIZE(reserved)))
			continue;
		for (unsigned int n = 0; n < ARRAY_SIZE(pdptes) * ARRAY_SIZE(reserved); n++) {
			unsigned int pdpte = pdptes[n / ARRAY_SIZE(reserved)];
			unsigned int bit = reserved[n % ARRAY_SIZE(reserved)];

			CASE ("write=%s,pdpte=%u,bit=%u", l->name, pdpte, bit)
				check_refused(&a, l, pdpte, bit);
		}
	}
	arena_leave(&a);
}
