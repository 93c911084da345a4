// SPDX-License-Identifier: GPL-2.0-only
/* A page table in memory with a large page of the host's behind it. */
#include "x86/paging/host-large.h"

#define SECOND (BASE + LARGE_BYTES) /* what that table maps */
#define PAGE_A (TEST_MEMORY + 0x10000)
#define PAGE_B (TEST_MEMORY + 0x11000)

static u64 second_word(void)
{
	u64 got = 0;
	struct fault f = TRY("mov (%1), %0", : "+&r"(got) : "r"(SECOND));

	return EXPECT_NO_FAULT(f) ? got : 0;
}

static bool second_writes(void)
{
	struct fault f = TRY("movq %0, (%1)", : : "r"(*(volatile u64 *)PAGE_A), "r"(SECOND));

	return f.vector != VECTOR_PF;
}

/* The entry as the large mapping sees it: no host knows it for a page table's by its address. */
static void edit(unsigned int page, u64 entry)
{
	*(volatile u64 *)(BASE + page * (u64)PAGE_BYTES) = entry;
}

static void table_inside(u64 gpa, unsigned int page, bool used_first, bool large)
{
	volatile u64 *a = (u64 *)PAGE_A, *b = (u64 *)PAGE_B;

	*a = 0xaaaa;
	*b = 0xbbbb;
	memset((void *)gpa, 0, LARGE_BYTES);
	large_map(gpa, large);
	DIRECTORY[1] = (gpa + page * (u64)PAGE_BYTES) | RW;
	edit(page, PAGE_A | RW);
	if (used_first)
		EXPECT_EQ(0xaaaa, second_word());
	large_merge(gpa);
	EXPECT_EQ(0xaaaa, second_word());
	edit(page, PAGE_B | RW);
	invlpg(SECOND);
	EXPECT_EQ(0xbbbb, second_word());
	edit(page, PAGE_A | (RW & ~(u64)PTE_W));
	invlpg(SECOND);
	EXPECT(!second_writes());
	edit(page, PAGE_A | RW);
	EXPECT(second_writes()); /* more rights need no invalidation */
	edit(page, 0);
	invlpg(SECOND);
	EXPECT_FAULT(PF, TRY("testb $1, (%0)", : : "r"(SECOND)));
	edit(page, PAGE_B | RW);
	EXPECT_EQ(0xbbbb, second_word());
	DIRECTORY[1] = 0;
	invlpg(SECOND);
	large_merge(gpa);
}

TEST(host_large_pages_hold_tables,
     "a page table in memory behind which the host has a large page is edited through any mapping",
     LAW("SDM vol. 3A, Paging; Invalidation of TLBs and Paging-Structure Caches"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES), CASES(3 * 2 * 2), FLAGS(TEST_HAS_WINDOW))
{
	static const unsigned int pages[] = { 0, MIDDLE, PAGES - 1 };

	large_begin();
	for (unsigned int i = 0; i < 3 * 2 * 2; i++) {
		unsigned int page = pages[i / 4];
		bool used_first = i / 2 % 2, large = i % 2;

		CASE ("table=%u,used=%s,mapped=%s", page, used_first ? "before" : "after",
		      large ? "2m" : "4k")
			table_inside(LARGE(i), page, used_first, large);
	}
	large_end();
}
