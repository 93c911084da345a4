// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMBASE: an SMI handler moves it by the state-save area, and from the next SMI on all of
 * system-management mode is there (SDM vol. 3C, SMBASE Relocation; APM vol. 2, SMBASE
 * Register).
 */
#include "x86/boot/smm.h"

#define OTHER 0x60000

static u32 move_to, base_saved, revision;
static u64 moves;

static void move(void)
{
	u64 base = (u64)smm.found.cs << 4;

	base_saved = *(volatile u32 *)(base + SMM_SMBASE);
	revision = *(volatile u32 *)(base + SMM_REVISION);
	if (move_to)
		*(volatile u32 *)(base + SMM_SMBASE) = move_to;
	if (moves)
		sync(moves);
}

static void relocate(u64 how)
{
	moves = how;
	smm_need_save_area();
	smm_open(move);
	smm_open_at(OTHER);
	move_to = 0;
	smm_halt();
	EXPECT_EQ(SMM_BASE, base_saved);
	EXPECT_EQ(SMM_BASE >> 4, smm.found.cs);
	move_to = OTHER;
	smm_halt();
	EXPECT_EQ(SMM_BASE >> 4, smm.found.cs);
	move_to = 0;
	smm_halt();
	EXPECT_EQ(3, smm.entries);
	EXPECT_EQ(OTHER >> 4, smm.found.cs);
	EXPECT_EQ(OTHER, base_saved);
	move_to = SMM_BASE;
	smm_halt();
	smm_halt();
	EXPECT_EQ(5, smm.entries);
	EXPECT_EQ(SMM_BASE, base_saved);
}

#define WHERE LAW("SDM vol. 3C, SMBASE Relocation; APM vol. 2, SMBASE Register")

TEST(smbase, "an SMI handler moves SMBASE, and the next SMI finds entry and save area there", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	relocate(0);
}

TEST(smbase_across_save, "SMBASE moves to a fresh VM, in an SMI handler and behind it", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI | SAVE | RESTORE))
{
	relocate(SAVE | RESTORE);
}

TEST(revision, "SMM's revision says that SMBASE can be moved, and that the area is that of 64 bits",
     LAW("APM vol. 2, SMM-Revision Identifier"), ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_need_save_area();
	smm_open(move);
	move_to = 0;
	moves = 0;
	smm_halt();
	EXPECT_EQ(BIT(17), revision & BIT(17));
	EXPECT_EQ(0x64, revision & 0xff);
}
