// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debugging around VMRUN: TF and breakpoints are L1's before it and behind it, and
 * L2's in between.
 */
#include "x86/nested/svm.h"

L2_CODE(end_only, "", "", "");
L2_CODE(halt, "", "hlt", "");

extern const u8 stepped_behind[];

static struct {
	unsigned int count;
	u64 rip, dr6;
} traps;

static void on_debug(struct trap_frame *f)
{
	if (!traps.count++) {
		traps.rip = f->rip;
		traps.dr6 = read_dr6();
	}
	f->rflags &= ~(u64)RFLAGS_TF;
}

/* L2 exits at once: no register but RAX is other than L1's. */
__attribute__((noinline, noclone)) static void step_over_vmrun(void)
{
	asm volatile("pushfq\n\t"
		     "orq $0x100, (%%rsp)\n\t"
		     "popfq\n\t"
		     "vmrun %%rax\n"
		     "stepped_behind:\n\t"
		     "nop\n\t"
		     "pushfq\n\t"
		     "andq $~0x100, (%%rsp)\n\t"
		     "popfq\n\t"
		     "stgi" ::"a"(l2.vmcb)
		     : "memory", "cc");
}

TEST(vmrun_is_stepped, "a VMRUN that is single-stepped traps behind its #VMEXIT",
     LAW("APM vol. 2, #VMEXIT; Effect of the GIF on Interrupt Handling; Single Stepping"),
     NEEDS(SVM), CASES(3))
{
	static const struct {
		const char *name;
		u64 code;
	} exits[] = { { "VMMCALL", SVM_EXIT_VMMCALL },
		      { "HLT", SVM_EXIT_HLT },
		      { "INVALID", SVM_EXIT_INVALID } };

	set_handler(VECTOR_DB, on_debug);
	for (unsigned int i = 0; i < ARRAY_SIZE(exits); i++)
		CASE ("exit=%s", exits[i].name) {
			l2_begin();
			traps.count = 0;
			write_dr6(DR6_FIXED);
			if (exits[i].code == SVM_EXIT_INVALID)
				l2.vmcb->control.guest_asid = 0;
			else
				l2_intercept((unsigned int)exits[i].code);
			l2.vmcb->save.rip =
				(u64)(exits[i].code == SVM_EXIT_HLT ? halt.begin : end_only.begin);
			l2.fault.vector = l2.event.vector = VECTOR_NONE;
			step_over_vmrun();
			EXPECT_EXIT(exits[i].code);
			EXPECT_EQ(1, traps.count);
			EXPECT_EQ((u64)stepped_behind, traps.rip);
			EXPECT_EQ(DR6_BS, traps.dr6 & DR6_BS);
		}
}

/* "DR7 is set to a value that disables all breakpoints." */
TEST(exit_disables_breakpoints, "a #VMEXIT disables all breakpoints of L1",
     LAW("APM vol. 2, #VMEXIT"), NEEDS(SVM), CASES(2))
{
	for (unsigned int i = 0; i < 2; i++)
		CASE ("l2=%s", i ? "with-breakpoints" : "without-breakpoints") {
			l2_begin();
			if (i)
				l2.vmcb->save.dr7 = DR7_FIXED | 0xf0000000;
			write_dr0((u64)&traps);
			/* An instruction that is none. */
			write_dr7(DR7_FIXED | DR7_G0);
			l2_run_at(end_only.begin);
			EXPECT_END(end_only);
			EXPECT_EQ(DR7_FIXED, read_dr7());
			write_dr7(DR7_FIXED);
		}
}
