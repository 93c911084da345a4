// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2 is moved to a fresh VM with a physical interrupt that exits before it runs again:
 * what the #VMEXIT stores is what the host loaded, not what the processor had (KVM api.rst,
 * KVM_SET_NESTED_STATE, KVM_SET_SREGS; APM vol. 2, #VMEXIT).
 */
#include "x86/nested/svm.h"

#define PHYSICAL 0x71
#define ADDRESS 0x123456789000ull

static unsigned int taken;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

static u64 move_with_interrupt(u64 cr2)
{
	write_cr2(cr2);
	sync_try(SIGNAL_MSI | SAVE | RESTORE, .signal_msi = { APIC_BASE_ADDRESS, PHYSICAL, 0 });
	return read_cr2();
}

static u64 just_interrupt(u64 cr2)
{
	write_cr2(cr2);
	sync_try(SIGNAL_MSI, .signal_msi = { APIC_BASE_ADDRESS, PHYSICAL, 0 });
	return read_cr2();
}

static u64 move_alone(u64 cr2)
{
	write_cr2(cr2);
	sync_try(SAVE | RESTORE);
	return read_cr2();
}

static const struct {
	const char *name;
	u64 (*function)(u64 cr2);
	bool exits;
} ways[] = {
	{ "move-and-interrupt", move_with_interrupt, true },
	{ "interrupt", just_interrupt, true },
	{ "move", move_alone, false },
};

TEST(cr2_at_once, "CR2 of L2 is in the VMCB after a #VMEXIT that comes first in a fresh VM",
     LAW("APM vol. 2, #VMEXIT; KVM api.rst, KVM_SET_NESTED_STATE"), NEEDS(SVM | APIC),
     ACTIONS(SIGNAL_MSI | SAVE | RESTORE), CASES(ARRAY_SIZE(ways)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++)
		CASE ("by=%s", ways[i].name) {
			set_handler(PHYSICAL, on_interrupt);
			l2_begin();
			l2_intercept(SVM_EXIT_INTR);
			l2.vmcb->control.v_intr = V_INTR_MASKING;
			taken = 0;
			sti();
			l2_call(ways[i].function, ADDRESS);
			cli();
			if (ways[i].exits) {
				if (!EXPECT_EXIT(SVM_EXIT_INTR) ||
				    !EXPECT_EQ(ADDRESS, l2.vmcb->save.cr2))
					continue;
				EXPECT_EQ(1, taken);
				l2_run();
			}
			if (!EXPECT_RETURN())
				continue;
			EXPECT_EQ(ADDRESS, l2.vmcb->save.rax);
			EXPECT_EQ(ADDRESS, l2.vmcb->save.cr2);
		}
}
