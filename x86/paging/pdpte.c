// SPDX-License-Identifier: GPL-2.0-only
/* The PDPTE registers of PAE paging (SDM vol. 3A, 4.4.1). */
#include "x86/paging/probe.h"

/* A second page-directory-pointer table, like the first. */
#define OTHER_TABLE ((u64 *)ARENA_TABLE(60))
/* Entry 3 maps the address under test. */
#define TESTED 3

static void begin(struct arena *a)
{
	arena_init_legacy(a, PAGING_PAE);
	attempt_prepare();
	for (unsigned int level = 1; level <= 2; level++)
		*probe_entry(a, level) = PROBE_RIGHTS |
					 (level > 1 ? a->place.table[1] : a->place.page[1]);
	*probe_entry(a, 3) = a->place.table[2] | PTE_P;
	*(u64 *)(ARENA_PAGE + ARENA_OFFSET) = ARENA_CONTENT(1);
	memcpy(OTHER_TABLE, (void *)a->root, 32);
}

static struct attempt run(const struct arena *a, const u8 *code, u64 va, u64 operand)
{
	struct attempt got = {
		.code = (u64)code,
		.va = va,
		.operand = operand,
		.rflags = RFLAGS_FIXED,
		.cr0 = a->base.cr0 | CR0_WP,
		.cr3 = a->root,
		.cr4 = a->base.cr4,
		.efer = a->cpu.nx ? EFER_NXE : 0,
	};

	attempt32(&got);
	return got;
}

static bool is_reserved(const struct arena *a, unsigned int bit)
{
	struct paging p = { .mode = PAGING_PAE, .maxphyaddr = a->cpu.maxphyaddr };

	return !paging_pdpte_valid(&p, PTE_P | BIT(bit));
}

static unsigned int count_reserved(const struct arena *a)
{
	unsigned int n = 0;

	for (unsigned int bit = 1; bit < 64; bit++)
		n += is_reserved(a, bit);
	return n;
}

/*
 * AMD's processors read PDPTEs from memory while nested paging is on, so that
 * they find reserved bits only in a walk (APM vol. 2, 15.25.10).  There the
 * entry of the address under test is the only one that can be tried.
 */
static void check_reserved(const struct arena *a, unsigned int i, unsigned int bit)
{
	u64 good = OTHER_TABLE[i];
	struct attempt got;

	OTHER_TABLE[i] = good | PTE_P | BIT(bit);
	got = run(a, access32_load_and_read, (u64)OTHER_TABLE, a->place.va + ARENA_OFFSET);
	OTHER_TABLE[i] = good;
	if (!vendor_is_intel() && got.vector == VECTOR_PF) {
		EXPECT_FLAGS(pf_error_names, PF_P | PF_RSVD, got.error_code);
		return;
	}
	EXPECT_EQ("#GP", vector_name(got.vector));
	EXPECT_EQ(0, got.error_code);
}

TEST(pdpte_reserved, "a present PDPTE with a reserved bit makes MOV to CR3 #GP(0)",
     LAW("SDM vol. 3A, 4.4.1; APM vol. 2, 15.25.10"), CASES(64 * 4))
{
	unsigned int first = vendor_is_intel() ? 0 : TESTED;
	unsigned int reserved;
	struct arena a;

	begin(&a);
	reserved = count_reserved(&a);
	cases_planned(4ull * reserved);
	if (first)
		cases_not_covered(3ull * reserved, "CPUID.0: not Intel's, PDPTEs may be walked");
	for (unsigned int bit = 1; bit < 64; bit++)
		for (unsigned int i = first; is_reserved(&a, bit) && i < 4; i++)
			CASE ("pdpte=%u,bit=%u", i, bit)
				check_reserved(&a, i, bit);
	arena_leave(&a);
}

TEST(pdpte_not_reserved, "MOV to CR3 takes PDPTEs with PWT, PCD and ignored bits, and absent ones",
     LAW("SDM vol. 3A, 4.4.1"), CASES(6))
{
	struct arena a;

	begin(&a);
	for (unsigned int bit = 3; bit < 12; bit = bit == 4 ? 9 : bit + 1) {
		CASE ("bit=%u", bit) {
			OTHER_TABLE[TESTED] |= BIT(bit);
			EXPECT_EQ("none",
				  vector_name(
					  run(&a, access32_load_cr3, (u64)OTHER_TABLE, 0).vector));
			OTHER_TABLE[TESTED] &= ~BIT(bit);
		}
	}
	CASE ("bit=0") {
		OTHER_TABLE[TESTED] = 0;
		EXPECT_EQ("none",
			  vector_name(run(&a, access32_load_cr3, (u64)OTHER_TABLE, 0).vector));
	}
	arena_leave(&a);
}

TEST(pdpte_registers, "a PDPTE that changes in memory has no effect until it is loaded",
     LAW("SDM vol. 3A, 4.4.1"))
{
	struct arena a;
	struct attempt got;

	if (!vendor_is_intel())
		skip("a law for Intel's processors; CPUID.0:EBX is another vendor's");
	begin(&a);
	got = run(&a, access32_clear_and_read, a.place.va + ARENA_OFFSET,
		  a.root + TESTED * sizeof(u64));
	EXPECT_EQ("none", vector_name(got.vector));
	EXPECT_EQ((u32)ARENA_CONTENT(1), got.result);
	arena_leave(&a);
}
