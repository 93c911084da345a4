// SPDX-License-Identifier: GPL-2.0-only
/* A reset: state that must be gone afterwards is gone (SDM vol. 3A, Processor State After Reset). */
#include "x86/boot/x86.h"

TEST(reset_clears, "after a reset debug registers, CR2, CR8 and SYSENTER are as after power-up",
     LAW("SDM vol. 3A, Processor State After Reset"), ACTIONS(RESET), FLAGS(TEST_FRESH_VM))
{
	if (!resets()) {
		write_cr2(0x12345000);
		write_cr8(7);
		write_dr0(0x1000);
		write_dr3(0x4000);
		write_dr7(DR7_FIXED | 0xf0000000);
		wrmsr(MSR_SYSENTER_EIP, 0x5678);
		sync(RESET);
		test_error("the guest went on behind a reset");
	}
	EXPECT_EQ(1, resets());
	EXPECT_EQ(0, read_cr2());
	EXPECT_EQ(0, read_cr8());
	EXPECT_EQ(0, read_dr0());
	EXPECT_EQ(0, read_dr3());
	EXPECT_EQ(DR7_FIXED, read_dr7());
	EXPECT_EQ(0, rdmsr(MSR_SYSENTER_EIP));
}
