// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest hypervisor moves to a fresh VM while its L2 runs: what VMRUN loaded must go
 * on to hold.
 */
#include "x86/nested/npt.h"

#define VECTOR 0x74
#define PORT 0xe68

/* --- in L2: the move, and what shows that L2 is still the L2 that it was --- */

static u64 only_move(u64 argument)
{
	l2_move();
	return argument + 1;
}

static u64 move_twice(u64 argument)
{
	l2_move();
	l2_move();
	return argument + 1;
}

static u64 move_then_cpuid(u64 argument)
{
	l2_move();
	cpuid(0, 0);
	return argument + 1;
}

static u64 move_then_in(u64 argument)
{
	l2_move();
	inb(PORT);
	return argument + 1;
}

static u64 move_then_rdmsr(u64 argument)
{
	l2_move();
	rdmsr(MSR_STAR);
	return argument + 1;
}

static u64 move_then_ud2(u64 argument)
{
	l2_move();
	asm volatile("ud2");
	return argument + 1;
}

static u64 move_then_enable(u64 argument)
{
	l2_move();
	take_interrupts();
	return argument + 1;
}

static u64 move_then_int_then_enable(u64 argument)
{
	l2_move();
	asm volatile("int %0" ::"i"(VECTOR));
	take_interrupts();
	return argument + 1;
}

static u64 move_then_read(u64 argument)
{
	l2_move();
	return *(volatile u64 *)argument;
}

static u64 move_then_cr8(u64 argument)
{
	(void)argument;
	l2_move();
	return read_cr8();
}

static u64 move_then_cr2(u64 argument)
{
	(void)argument;
	l2_move();
	return read_cr2();
}

static u64 move_then_efer(u64 argument)
{
	(void)argument;
	l2_move();
	return rdmsr(MSR_EFER);
}

enum { RETURNS = 0x1000 }; /* no exit code: the function returns */

static void no_setup(void)
{
}

static void refuse_io(void)
{
	l2_iopm[PORT / 8] |= 1 << PORT % 8;
}

static void refuse_msr(void)
{
	unsigned int bit = 0x800 * 8 + (MSR_STAR - 0xc0000000) * 2;

	l2_msrpm[bit / 8] |= (u8)(1 << bit % 8);
}

static void virtual_interrupt(void)
{
	l2.vmcb->control.v_intr = V_IRQ | V_INTR_VECTOR(VECTOR) | V_INTR_PRIO(VECTOR >> 4);
}

static void virtual_tpr(void)
{
	l2.vmcb->control.v_intr = V_INTR_MASKING | 9;
}

static void set_cr2(void)
{
	l2.vmcb->save.cr2 = 0x123456789;
}

static const struct row {
	const char *name;
	u64 (*function)(u64 argument);
	void (*setup)(void);
	unsigned int intercept; /* an exit code, or RETURNS */
	u64 exit;		/* what must come: an exit code, or RETURNS */
	u64 argument, value;	/* of a function that returns */
} rows[] = {
	{ "returns", only_move, no_setup, RETURNS, RETURNS, 41, 42 },
	{ "returns,moves=2", move_twice, no_setup, RETURNS, RETURNS, 41, 42 },
	{ "CPUID=intercepted", move_then_cpuid, no_setup, SVM_EXIT_CPUID, SVM_EXIT_CPUID, 0, 0 },
	{ "CPUID=free", move_then_cpuid, no_setup, RETURNS, RETURNS, 41, 42 },
	{ "IOPM=set", move_then_in, refuse_io, SVM_EXIT_IOIO, SVM_EXIT_IOIO, 0, 0 },
	{ "IOPM=clear", move_then_in, no_setup, SVM_EXIT_IOIO, RETURNS, 41, 42 },
	{ "MSRPM=set", move_then_rdmsr, refuse_msr, SVM_EXIT_MSR, SVM_EXIT_MSR, 0, 0 },
	{ "MSRPM=clear", move_then_rdmsr, no_setup, SVM_EXIT_MSR, RETURNS, 41, 42 },
	{ "UD=intercepted", move_then_ud2, no_setup, SVM_EXIT_EXCEPTION + VECTOR_UD,
	  SVM_EXIT_EXCEPTION + VECTOR_UD, 0, 0 },
	{ "VINTR=intercepted", move_then_enable, virtual_interrupt, SVM_EXIT_VINTR,
	  SVM_EXIT_VINTR, 0, 0 },
	{ "V_TPR", move_then_cr8, virtual_tpr, RETURNS, RETURNS, 0, 9 },
	{ "CR2", move_then_cr2, set_cr2, RETURNS, RETURNS, 0, 0x123456789 },
	{ "EFER", move_then_efer, no_setup, RETURNS, RETURNS, 0,
	  EFER_LMA | EFER_LME | EFER_SVME },
};

TEST(l2_across_save, "L2 goes on in a fresh VM with the intercepts and the state that VMRUN gave it",
     LAW("APM vol. 2, VMRUN Instruction; Linux Documentation/virt/kvm/api.rst, KVM_SET_NESTED_STATE"),
     NEEDS(SVM), ACTIONS(SAVE | RESTORE), CASES(ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		CASE("l2=%s", r->name)
		{
			l2_begin();
			r->setup();
			l2.vmcb->save.efer &= ~(u64)EFER_NXE;
			if (r->intercept != RETURNS)
				l2_intercept(r->intercept);
			l2_call(r->function, r->argument);
			ASSERT_MOVED();
			if (r->exit != RETURNS)
				EXPECT_EXIT(r->exit);
			else if (EXPECT_RETURN())
				EXPECT_EQ(r->value, l2.vmcb->save.rax);
		}
	}
}

TEST(virtual_interrupt_across_save, "a virtual interrupt that waits for L2's IF moves along",
     LAW("APM vol. 2, Injecting Virtual (INTR) Interrupts"), NEEDS(SVM), ACTIONS(SAVE | RESTORE))
{
	l2_begin();
	virtual_interrupt();
	l2_call(move_then_int_then_enable, 0);
	ASSERT_MOVED();
	/* INT n first, so that no page that the delivery needs is new to the host. */
	EXPECT_L2_EVENT(VECTOR);
	l2_continue();
	EXPECT_L2_EVENT(VECTOR);
	EXPECT_EQ(0, l2.vmcb->control.v_intr & V_IRQ);
}

/* Nested tables are those of the VMCB still, and a fault of theirs is L1's. */
TEST(npt_across_save, "nested paging goes on in a fresh VM: translations and faults",
     LAW("APM vol. 2, Nested Paging; KVM api.rst, KVM_SET_NESTED_STATE"), NEEDS(SVM | NPT),
     ACTIONS(SAVE | RESTORE), CASES(3))
{
	struct npt n;

	CASE("entry=fine")
	{
		npt_begin(&n);
		l2_call(move_then_read, NPT_VA + NPT_OFFSET);
		ASSERT_MOVED();
		if (EXPECT_RETURN())
			EXPECT_EQ(NPT_CONTENT, l2.vmcb->save.rax);
	}
	CASE("nested,P=0")
	{
		npt_begin(&n);
		*n.nested[1] &= ~(u64)PTE_P;
		l2_call(move_then_read, NPT_VA + NPT_OFFSET);
		ASSERT_MOVED();
		if (EXPECT_EXIT(SVM_EXIT_NPF))
			EXPECT_EQ(NPT_GPA + NPT_OFFSET, l2.vmcb->control.exitinfo2);
	}
	CASE("guest,P=0")
	{
		npt_begin(&n);
		*n.guest[1] &= ~(u64)PTE_P;
		l2_call(move_then_read, NPT_VA + NPT_OFFSET);
		ASSERT_MOVED();
		EXPECT_L2_EVENT(VECTOR_PF);
	}
}
