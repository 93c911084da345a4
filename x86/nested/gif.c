// SPDX-License-Identifier: GPL-2.0-only
/*
 * The global interrupt flag: every #VMEXIT clears it, whatever its cause, and L1
 * takes no interrupt until it sets it again.
 */
#include "x86/nested/svm.h"

#define VECTOR 0x71

L2_CODE(end_only, "", "", "");
L2_CODE(halt, "", "hlt", "");
L2_CODE(undefined, "", "ud2", "");

static unsigned int taken;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	taken++;
}

/* Interrupts on for a while: exits, where some hosts deliver late otherwise. */
static void let_in(void)
{
	sti();
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
	cli();
}

enum { ICR_NMI_TO_SELF = 1 << 18 | 4 << 8 };

static const struct event_kind {
	const char *name;
	u32 icr;
} kinds[] = { { "interrupt", 1 << 18 | VECTOR }, { "NMI", 0 } };

/* GIF is not to be read: an event that is pending shows it. */
static void raise(bool nmi)
{
	taken = 0;
	if (nmi)
		/* The shorthand `self` may not send NMIs: by our number instead (16.5). */
		apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
	apic_write(APIC_ICR, nmi ? 4 << 8 | BIT(14) : kinds[0].icr);
}

static void begin(void)
{
	set_handler(VECTOR, on_interrupt);
	set_handler(VECTOR_NMI, on_nmi);
	l2_begin();
	l2.keep_gif = true;
}

/* In L1 with GIF as the test left it: nothing comes, and comes when GIF is 1. */
static void expect_gif_0(bool nmi)
{
	raise(nmi);
	let_in();
	EXPECT_EQ(0, taken);
	stgi();
	let_in();
	EXPECT_EQ(1, taken);
}

TEST(clgi_holds, "CLGI holds interrupts and NMIs back until STGI", NEEDS(SVM | APIC),
     LAW("APM vol. 2, Global Interrupt Flag, STGI and CLGI Instructions"), CASES(4))
{
	for (unsigned int nmi = 0; nmi < 2; nmi++) {
		CASE("gif=0,event=%s", kinds[nmi].name)
		{
			begin();
			clgi();
			expect_gif_0(nmi);
		}
		CASE("gif=1,event=%s", kinds[nmi].name)
		{
			begin();
			raise(nmi);
			let_in();
			EXPECT_EQ(1, taken);
		}
	}
}

static const struct {
	const char *name;
	u64 code;
	const struct l2_code *where;
} exits[] = {
	{ "VMMCALL", SVM_EXIT_VMMCALL, &end_only },
	{ "HLT", SVM_EXIT_HLT, &halt },
	{ "UD", SVM_EXIT_EXCEPTION + VECTOR_UD, &undefined },
	{ "SHUTDOWN", SVM_EXIT_SHUTDOWN, &undefined },
	{ "INVALID", SVM_EXIT_INVALID, &end_only },
};

TEST(exit_clears_gif, "every #VMEXIT clears GIF, INVALID too",
     LAW("APM vol. 2, #VMEXIT; Global Interrupt Flag, STGI and CLGI Instructions"),
     NEEDS(SVM | APIC),
     FIXES(FIX("f85a6ce06e4a", "KVM: nSVM: Clear GIF on nested #VMEXIT(INVALID)")),
     CASES(2 * ARRAY_SIZE(exits)))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(exits); i++) {
		u64 code = exits[i / 2].code;

		CASE("exit=%s,event=%s", exits[i / 2].name, kinds[i & 1].name)
		{
			begin();
			if (code == SVM_EXIT_INVALID)
				l2.vmcb->control.guest_asid = 0;
			else
				l2_intercept((unsigned int)code);
			if (code == SVM_EXIT_SHUTDOWN)
				l2.vmcb->save.idtr.limit = 0;
			l2_run_at(exits[i / 2].where->begin);
			EXPECT_EXIT(code);
			expect_gif_0(i & 1);
		}
	}
}

/* A VMRUN that faults is no #VMEXIT. */
TEST(vmrun_fault_keeps_gif, "a VMRUN that is a fault itself leaves GIF alone",
     LAW("APM vol. 2, VMRUN Instruction; APM vol. 3, VMRUN"), NEEDS(SVM | APIC))
{
	begin();
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SVME);
	l2_run_at(end_only.begin);
	EXPECT_EQ("#UD", vector_name(l2.fault.vector));
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	raise(false);
	let_in();
	EXPECT_EQ(1, taken);
}
