// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address of a 4-MByte page (SDM vol. 3A, 4.3, table 4-4): bits 20:13 of its
 * entry are the bits 39:32, of which a processor has as many as PSE-36 and
 * MAXPHYADDR give.  The guest's memory ends far below, so what such a page leads
 * to is nobody's, and never the memory at the low 32 bits of its address.
 */
#include "x86/paging/probe.h"

enum { FIRST = 13, LAST = 20 };

static struct attempt run(const struct arena *a, enum access_code code)
{
	struct attempt got = {
		.code = (u64)a->code[code],
		.va = a->place.va + ARENA_OFFSET,
		.operand = ~(u32)ARENA_CONTENT(2),
		.rflags = RFLAGS_FIXED,
		.cr0 = a->base.cr0 | CR0_WP,
		.cr3 = a->root,
		.cr4 = a->base.cr4 | CR4_PSE,
	};

	attempt32(&got);
	return got;
}

static volatile u32 *low_memory(const struct arena *a)
{
	return (u32 *)(a->place.page[2] + ARENA_OFFSET);
}

static void set_page(const struct arena *a, u64 high)
{
	*(u32 *)a->entry[2] = (u32)(a->place.page[2] | high << FIRST | PROBE_RIGHTS | PTE_PS);
	*low_memory(a) = (u32)ARENA_CONTENT(2);
}

static void check_low(const struct arena *a)
{
	struct attempt got;

	set_page(a, 0);
	got = run(a, CODE_READ);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ((u32)ARENA_CONTENT(2), (u32)got.result);
	got = run(a, CODE_WRITE);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ((u32)got.operand, *low_memory(a));
}

static void check_high(const struct arena *a, u64 high)
{
	struct attempt got;

	set_page(a, high);
	got = run(a, CODE_READ);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT((u32)got.result != (u32)ARENA_CONTENT(2));
	got = run(a, CODE_WRITE);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ((u32)ARENA_CONTENT(2), *low_memory(a));
}

TEST(address_of_4mbyte_page, "bits 20:13 of a 4-MByte page's entry are its address bits 39:32",
     LAW("SDM vol. 3A, 4.3, table 4-4"), NEEDS(PSE | PSE36), CASES(2 + LAST - FIRST + 1))
{
	unsigned int bits;
	struct arena a;

	arena_init_legacy(&a, PAGING_32BIT);
	attempt_prepare();
	bits = a.cpu.maxphyaddr < 32 ? 0 : MIN(a.cpu.maxphyaddr, 40u) - 32;
	CASE ("address[39:32]=0")
		check_low(&a);
	for (unsigned int i = 0; i < bits; i++)
		CASE ("address[39:32]=%#llx", BIT(i))
			check_high(&a, BIT(i));
	/* All at once, where that is another case. */
	if (bits > 1)
		CASE ("address[39:32]=%#llx", BIT(bits) - 1)
			check_high(&a, BIT(bits) - 1);
	if (bits < LAST - FIRST + 1)
		cases_not_covered(LAST - FIRST + 1 - bits + (bits < 2),
				  "physical addresses have %u bits", a.cpu.maxphyaddr);
	arena_leave(&a);
}
