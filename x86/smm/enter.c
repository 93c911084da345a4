// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way into system-management mode (SDM vol. 3C, SMM, Processor Execution Environment;
 * APM vol. 2, SMM, Leaving and Entering): what the handler finds, and what wakes.
 */
#include "x86/boot/smm.h"

static u64 dr7_before;

static void found_is_right(u32 cr0)
{
	EXPECT_EQ(1, smm.entries);
	EXPECT_EQ(SMM_BASE >> 4, smm.found.cs);
	EXPECT_EQ(0, smm.found.ds);
	EXPECT_EQ(0, smm.found.ss);
	EXPECT_EQ(RFLAGS_FIXED, smm.found.eflags);
	EXPECT_EQ(cr0 & ~(u32)(CR0_PE | CR0_EM | CR0_TS | CR0_PG), smm.found.cr0);
	EXPECT_EQ(0, smm.found.cr4);
	EXPECT_EQ(0, smm.found.efer);
	EXPECT_EQ(DR7_FIXED, smm.found.dr7);
}

TEST(entry_state, "SMM begins at SMBASE + 8000H with paging, protection and interrupts off",
     LAW("SDM vol. 3C, SMM Execution Environment; APM vol. 2, SMM Execution Environment"),
     ACTIONS(INJECT_SMI), CASES(2))
{
	static const struct {
		const char *name;
		u64 cr0, cr4, dr7, efer, rflags;
	} from[] = {
		{ "quiet", 0, 0, 0, 0, 0 },
		{ "busy", CR0_TS | CR0_EM, CR4_TSD | CR4_DE | CR4_PGE, BIT(0) | BITS(17, 16),
		  EFER_SCE, RFLAGS_AC | RFLAGS_ID },
	};
	u64 cr0 = read_cr0(), cr4 = read_cr4(), efer = rdmsr(MSR_EFER);

	for (unsigned int i = 0; i < ARRAY_SIZE(from); i++)
		CASE ("from=%s", from[i].name) {
			smm_open(NULL);
			write_cr0(cr0 | from[i].cr0);
			write_cr4(cr4 | from[i].cr4);
			write_dr7(DR7_FIXED | from[i].dr7);
			wrmsr(MSR_EFER, efer | from[i].efer);
			write_rflags(RFLAGS_FIXED | from[i].rflags);
			smm_raise();
			dr7_before = read_dr7();
			write_dr7(DR7_FIXED);
			write_rflags(RFLAGS_FIXED);
			write_cr0(cr0);
			write_cr4(cr4);
			wrmsr(MSR_EFER, efer);
			found_is_right((u32)(cr0 | from[i].cr0));
			EXPECT_EQ(DR7_FIXED | from[i].dr7, dr7_before);
		}
}

TEST(wakes, "an SMI wakes a halted CPU, which goes on behind its HLT",
     LAW("SDM vol. 3C, Auto HALT Restart; vol. 2A, HLT"), ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_open(NULL);
	smm_halt();
	EXPECT_EQ(1, smm.entries);
	smm_halt();
	EXPECT_EQ(2, smm.entries);
}

TEST(each_comes, "each of a hundred SMIs runs the handler once", LAW("SDM vol. 3C, SMI Interrupt"),
     ACTIONS(INJECT_SMI))
{
	enum { MANY = 100 };

	smm_open(NULL);
	for (unsigned int i = 0; i < MANY; i++) {
		smm_raise();
		ASSERT_EQ(i + 1, smm.entries);
		if (i % 16 == 0)
			heartbeat();
	}
}

TEST(rsm_outside, "RSM outside of system-management mode is #UD, at CPL 0 and 3",
     LAW("SDM vol. 2B, RSM; APM vol. 3, RSM"), CASES(2))
{
	extern u64 smm_user_rsm(u64 argument);

	CASE ("cpl=0") {
		struct fault f = TRY("rsm", ::);

		EXPECT_FAULT(UD, f);
	}
	CASE ("cpl=3") {
		struct fault f = run_user(smm_user_rsm, 0, 0, NULL);

		EXPECT_FAULT(UD, f);
	}
}
asm(".pushsection .text\nsmm_user_rsm: rsm; ret\n.popsection");
