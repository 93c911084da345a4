// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables that one of the two worlds uses and the other edits: a host that keeps shadows
 * of them sees edits from system-management mode too, and the other way round (SDM vol. 3C,
 * SMM, Using Paging; vol. 3A, Invalidation of TLBs).
 */
#include "x86/boot/smm.h"

#define PAGE __attribute__((aligned(4096)))
/* Below PML4 entry 140, which tests have for themselves. */
#define VA (140ull << 39 | 1ull << 30 | 2ull << 21 | 3ull << 12)

enum { LEVELS = 4 };

static u64 pml4[512] PAGE, pdpt[2][512] PAGE, pd[2][512] PAGE, pt[2][512] PAGE;
static u64 page[2][512] PAGE;

/* Two ways down from each level: the entry that chooses is of number `level`. */
static u64 *entry_of(unsigned int level)
{
	u64 *const entry[LEVELS + 1] = { NULL, &pt[0][3], &pd[0][2], &pdpt[0][1], &pml4[140] };

	return entry[level];
}

static u64 below(unsigned int level, unsigned int way)
{
	const void *const table[LEVELS + 1] = { NULL, page[way], pt[way], pd[way], pdpt[way] };

	return (u64)table[level] | 0x63;
}

/* By way 0 everything leads to page[0]; by way 1 of any level, to page[1]. */
static void lay(void)
{
	memcpy(pml4, boot_pml4, sizeof(pml4));
	memset(pdpt, 0, sizeof(pdpt));
	memset(pd, 0, sizeof(pd));
	memset(pt, 0, sizeof(pt));
	pml4[140] = below(4, 0);
	for (unsigned int way = 0; way < 2; way++) {
		pdpt[way][1] = below(3, way);
		pd[way][2] = below(2, way);
		pt[way][3] = below(1, way);
		page[way][0] = 0x1000 + way;
	}
}

static u64 look(void)
{
	return *(volatile u64 *)VA;
}

static void flush(bool by_cr3)
{
	if (by_cr3)
		write_cr3(read_cr3());
	else
		asm volatile("invlpg (%0)" ::"r"(VA) : "memory");
}

static bool edits, uses, flush_by_cr3;
static unsigned int level, way;
static u64 looked[2];

static void in_handler(void)
{
	if (uses) {
		write_cr3((u64)pml4);
		flush(flush_by_cr3);
		looked[smm.entries - 1] = look();
	}
	if (edits)
		*(volatile u64 *)entry_of(level) = below(level, way);
}

#define EACH(variable_level, variable_flush)                                                       \
	for (variable_level = 1; variable_level <= LEVELS; variable_level++)                       \
		for (unsigned int variable_flush = 0; variable_flush < 2; variable_flush++)

TEST(edits_from_smm, "edits of page tables by an SMI handler count for who uses them, after a flush",
     LAW("SDM vol. 3A, Invalidation of TLBs; vol. 3C, SMM"), ACTIONS(INJECT_SMI),
     CASES(LEVELS * 2))
{
	EACH(level, by_cr3)
		CASE ("level=%u,flush=%s", level, by_cr3 ? "cr3" : "invlpg") {
			lay();
			edits = true;
			uses = false;
			way = 1;
			smm_open(in_handler);
			write_cr3((u64)pml4);
			EXPECT_EQ(0x1000, look());
			smm_raise();
			flush(by_cr3);
			EXPECT_EQ(0x1001, look());
			way = 0;
			smm_raise();
			flush(by_cr3);
			EXPECT_EQ(0x1000, look());
			write_cr3((u64)boot_pml4);
			EXPECT_EQ(2, smm.entries);
		}
}

TEST(edits_for_smm, "edits of page tables count for an SMI handler that uses them, after a flush",
     LAW("SDM vol. 3A, Invalidation of TLBs; vol. 3C, SMM"), ACTIONS(INJECT_SMI),
     CASES(LEVELS * 2))
{
	EACH(level, by_cr3)
		CASE ("level=%u,flush=%s", level, by_cr3 ? "cr3" : "invlpg") {
			lay();
			edits = false;
			uses = true;
			flush_by_cr3 = by_cr3;
			smm_open(in_handler);
			smm_raise();
			*(volatile u64 *)entry_of(level) = below(level, 1);
			smm_raise();
			EXPECT_EQ(0x1000, looked[0]);
			EXPECT_EQ(0x1001, looked[1]);
		}
}

TEST(shared_tables, "page tables that both use, edited by an SMI handler, lead both to the new page",
     LAW("SDM vol. 3A, Invalidation of TLBs; vol. 3C, SMM"), ACTIONS(INJECT_SMI),
     CASES(LEVELS * 2))
{
	EACH(level, by_cr3)
		CASE ("level=%u,flush=%s", level, by_cr3 ? "cr3" : "invlpg") {
			lay();
			edits = uses = true;
			way = 1;
			flush_by_cr3 = by_cr3;
			smm_open(in_handler);
			write_cr3((u64)pml4);
			EXPECT_EQ(0x1000, look());
			smm_raise();
			flush(by_cr3);
			EXPECT_EQ(0x1001, look());
			smm_raise();
			EXPECT_EQ(0x1000, looked[0]);
			EXPECT_EQ(0x1001, looked[1]);
			EXPECT_EQ(0x1001, look());
			write_cr3((u64)boot_pml4);
		}
}
