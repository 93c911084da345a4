// SPDX-License-Identifier: GPL-2.0-only
/* L2's debug registers in a move to a fresh VM: no breakpoint enabled, only lengths and types. */
#include "x86/nested/svm.h"

#define L2_DR6 (DR6_FIXED | DR6_BS | BIT(1))
#define L2_DR7 (DR7_FIXED | 0xf1d00000)

static u64 move_then_dr6(u64 argument)
{
	if (argument)
		write_dr6(argument);
	l2_move();
	return read_dr6();
}

static u64 move_then_dr7(u64 argument)
{
	if (argument)
		write_dr7(argument);
	l2_move();
	return read_dr7();
}

TEST(debug_registers_of_l2_across_save, "DR6 and DR7 of L2 move along, whether VMRUN or L2 set them",
     LAW("APM vol. 2, VMRUN Instruction; KVM api.rst, KVM_GET_DEBUGREGS"), NEEDS(SVM),
     ACTIONS(SAVE | RESTORE), CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE("register=%s,set-by=%s", i & 1 ? "DR7" : "DR6", i / 2 ? "L2" : "VMRUN")
		{
			u64 value = i & 1 ? L2_DR7 : L2_DR6;

			l2_begin();
			if (i == 0)
				l2.vmcb->save.dr6 = value;
			if (i == 1)
				l2.vmcb->save.dr7 = value;
			l2_call(i & 1 ? move_then_dr7 : move_then_dr6, i / 2 ? value : 0);
			ASSERT_MOVED();
			if (EXPECT_RETURN())
				EXPECT_EQ(value, l2.vmcb->save.rax);
		}
}
