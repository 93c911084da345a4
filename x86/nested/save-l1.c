// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest hypervisor moves to a fresh VM: while its L2 runs, between two VMRUNs and
 * with GIF = 0.  What VMRUN saved must come back at the #VMEXIT, wherever that is.
 */
#include "x86/nested/svm.h"

#define VECTOR 0x75

static u64 only_move(u64 argument)
{
	l2_move();
	return argument + 1;
}

/* What L2 has otherwise: the registers of the host save area. */
static void make_l2_differ(void)
{
	struct vmcb_save *s = &l2.vmcb->save;

	s->cr0 ^= CR0_WP | CR0_AM;
	s->cr4 ^= CR4_DE | CR4_TSD;
	s->efer ^= EFER_SCE;
	s->gdtr.limit = 0x6f;
	s->rflags |= RFLAGS_ID;
}

TEST(l1_across_save, "a #VMEXIT in a fresh VM restores L1 as VMRUN saved it in the old one",
     LAW("APM vol. 2, VMRUN Instruction, Saving Host State; #VMEXIT"), NEEDS(SVM),
     ACTIONS(SAVE | RESTORE), CASES(7))
{
	static const char *const name[] = { "CR0", "CR3", "CR4", "EFER", "RFLAGS", "RSP", "IDTR" };
	u64 before[7], after[7];
	struct table_register idtr;

	/* Once: what a case leaves wrong is not what the next one begins with. */
	l2_begin();
	asm volatile("sidt %0" : "=m"(idtr));
	before[0] = read_cr0(), before[1] = read_cr3(), before[2] = read_cr4();
	before[3] = rdmsr(MSR_EFER), before[6] = idtr.base;
	for (unsigned int i = 0; i < ARRAY_SIZE(name); i++)
		CASE("register=%s", name[i])
		{
			l2_begin();
			make_l2_differ();
			l2_call(only_move, 0);
			asm volatile("sidt %0" : "=m"(idtr));
			after[0] = read_cr0(), after[1] = read_cr3(), after[2] = read_cr4();
			after[3] = rdmsr(MSR_EFER), after[6] = idtr.base;
			before[4] = l2.l1.rflags_before, after[4] = l2.l1.rflags;
			before[5] = l2.l1.rsp_before, after[5] = l2.l1.rsp;
			ASSERT_MOVED();
			EXPECT_RETURN();
			EXPECT_EQ(before[i], after[i]);
		}
}

static unsigned int taken;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

static void let_in(void)
{
	sti();
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
	cli();
}

/* The interrupt comes before the move or behind it; GIF decides, not where it was raised. */
TEST(gif_across_save, "GIF moves to a fresh VM as it is", NEEDS(SVM | APIC),
     LAW("APM vol. 2, Global Interrupt Flag, STGI and CLGI Instructions"),
     ACTIONS(SAVE | RESTORE), CASES(6))
{
	static const char *const how[] = { "stgi", "clgi", "exit" };

	for (unsigned int i = 0; i < 6; i++)
		CASE("gif=%s,raised=%s", how[i / 2], i & 1 ? "before" : "behind")
		{
			unsigned int gif = i / 2 == 0;

			set_handler(VECTOR, on_interrupt);
			l2_begin();
			taken = 0;
			l2.keep_gif = true;
			if (i / 2 == 1)
				clgi();
			else if (i / 2 == 2)
				l2_run_at("\x0f\x01\xd9");
			if (i & 1)
				apic_self_ipi(VECTOR);
			sync(SAVE | RESTORE);
			if (!(i & 1))
				apic_self_ipi(VECTOR);
			let_in();
			EXPECT_EQ(gif, taken);
			stgi();
			let_in();
			EXPECT_EQ(1, taken);
		}
}

static u64 add_one(u64 argument)
{
	return argument + 1;
}

TEST(vmrun_across_save, "between two VMRUNs L1 moves to a fresh VM with VM_HSAVE_PA and SVME",
     LAW("APM vol. 2, Enabling SVM; VM_HSAVE_PA MSR"), NEEDS(SVM), ACTIONS(SAVE | RESTORE))
{
	u64 hsave;

	l2_begin();
	hsave = rdmsr(MSR_VM_HSAVE_PA);
	EXPECT_EQ(42, l2_call(add_one, 41));
	sync(SAVE | RESTORE);
	EXPECT_EQ(hsave, rdmsr(MSR_VM_HSAVE_PA));
	EXPECT_EQ(EFER_SVME, rdmsr(MSR_EFER) & EFER_SVME);
	EXPECT_EQ(42, l2_call(add_one, 41));
	EXPECT_RETURN();
}

/* L2's time-stamp counter is L1's and TSC_OFFSET; neither may jump back. */
static u64 tsc[2];

static u64 move_between_tscs(u64 argument)
{
	tsc[0] = rdtsc();
	l2_move();
	tsc[1] = rdtsc();
	return argument + 1;
}

TEST(tsc_offset_across_save, "TSC_OFFSET of L2 moves to a fresh VM, and no counter runs backwards",
     LAW("APM vol. 2, TSC Ratio MSR; appendix B, TSC_OFFSET"), NEEDS(SVM),
     ACTIONS(SAVE | RESTORE))
{
	u64 before, after;

	l2_begin();
	l2.vmcb->control.tsc_offset = BIT(50);
	before = rdtsc();
	l2_call(move_between_tscs, 0);
	after = rdtsc();
	ASSERT_MOVED();
	EXPECT_RETURN();
	EXPECT(before <= tsc[0] - BIT(50));
	EXPECT(tsc[0] <= tsc[1]);
	EXPECT(tsc[1] - BIT(50) <= after);
}
