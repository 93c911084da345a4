// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host with shadow page tables may keep few of them, and builds anew what it had
 * to drop.  The guest sees nothing of that: in several address spaces, each of far
 * more tables than the host may keep, every access finds its page, and what the
 * guest itself changes in a table counts.
 */
#include "x86/boot/x86.h"

enum { PAGE_BYTES = 4096, SPACES = 3, TABLES = 800, ROUNDS = 3 };

/* KVM keeps no less than 64, and takes a smaller number as that. */
#define LIMIT 64
#define BASE 0x490000000000ull
#define ROOT_SLOT 146

/* For each space a root, a PDPT and two directories; the tables are of all. */
#define ROOT(space) ((u64 *)(TEST_MEMORY + (space)*0x4000ull))
#define PDPT(space) ((u64 *)(TEST_MEMORY + (space)*0x4000ull + 0x1000))
#define DIRECTORIES(space) ((u64 *)(TEST_MEMORY + (space)*0x4000ull + 0x2000))
#define TABLE(n) ((u64 *)(TEST_MEMORY + 0x100000 + (n)*0x1000ull))
#define PAGE(n) (TEST_MEMORY + 0x800000 + (n)*0x1000ull)
#define RW (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

/* The spaces have the same tables in another order: region n of space s is table (n + 7 s). */
static unsigned int table_of(unsigned int space, unsigned int region)
{
	return (region + 7 * space) % TABLES;
}

static void build(void)
{
	for (unsigned int n = 0; n < TABLES; n++) {
		memset(TABLE(n), 0, PAGE_BYTES);
		TABLE(n)[n % 512] = PAGE(n) | RW;
		*(volatile u64 *)PAGE(n) = PAGE(n);
	}
	for (unsigned int s = 0; s < SPACES; s++) {
		memcpy(ROOT(s), boot_pml4, PAGE_BYTES);
		memset(PDPT(s), 0, 3 * PAGE_BYTES);
		ROOT(s)[ROOT_SLOT] = (u64)PDPT(s) | RW;
		PDPT(s)[0] = (u64)DIRECTORIES(s) | RW;
		PDPT(s)[1] = ((u64)DIRECTORIES(s) + PAGE_BYTES) | RW;
		for (unsigned int r = 0; r < TABLES; r++)
			DIRECTORIES(s)[r] = (u64)TABLE(table_of(s, r)) | RW;
	}
}

static u64 address(unsigned int space, unsigned int region)
{
	return BASE + ((u64)region << 21) + (u64)(table_of(space, region) % 512) * PAGE_BYTES;
}

/* How many regions do not give their page; each is written to as well. */
static unsigned int wrong(unsigned int space)
{
	unsigned int count = 0;

	for (unsigned int r = 0; r < TABLES; r++) {
		volatile u64 *page = (volatile u64 *)address(space, r);

		count += page[0] != PAGE(table_of(space, r));
		page[1] = r;
		count += ((volatile u64 *)PAGE(table_of(space, r)))[1] != r;
	}
	heartbeat();
	return count;
}

/* Exchange the pages of two tables by the guest's own hand. */
static void exchange(unsigned int a, unsigned int b)
{
	u64 pa = TABLE(a)[a % 512], pb = TABLE(b)[b % 512];

	TABLE(a)[a % 512] = pb;
	TABLE(b)[b % 512] = pa;
}

TEST(few_shadow_pages,
     "a guest with far more page tables than its host may keep in shadow sees nothing of it",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_NR_MMU_PAGES"), ACTIONS(LIMIT_MMU_PAGES),
     CASES(ROUNDS *SPACES))
{
	u64 cr3 = read_cr3();

	build();
	sync(LIMIT_MMU_PAGES, .limit_mmu_pages = { LIMIT });
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int s = 0; s < SPACES; s++)
			CASE ("round=%u,space=%u", round, s) {
				write_cr3((u64)ROOT(s));
				EXPECT_EQ(0, wrong(s));
				/* And back: what is exchanged twice is as it was. */
				exchange(3, 400);
				exchange(3, 400);
			}
	write_cr3(cr3);
}
