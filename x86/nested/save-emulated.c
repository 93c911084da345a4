// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host does for L2 itself, in the first moments in a fresh VM and before any
 * exit to L1 could mend it: walks of L2's tables, and a virtual interrupt.
 */
#include "x86/nested/npt.h"

#define VECTOR 0x79
#define PORT 0xe6c

extern const u8 l2_stubs[256][16];

static u64 move_then_outs(u64 argument)
{
	u64 from = argument;

	l2_move();
	asm volatile("outsb" : "+S"(from) : "d"(PORT) : "memory");
	return from - argument;
}

static u64 move_then_ins(u64 argument)
{
	u64 to = argument;

	l2_move();
	asm volatile("insb" : "+D"(to) : "d"(PORT) : "memory");
	return to - argument;
}

static const struct {
	const char *name;
	u64 (*function)(u64 argument);
} rows[] = { { "outs", move_then_outs }, { "ins", move_then_ins } };

TEST(npt_string_io_across_save, "INS and OUTS of L2 go through both stages in a fresh VM",
     LAW("APM vol. 2, Nested Paging; KVM api.rst, KVM_SET_NESTED_STATE"), NEEDS(SVM | NPT),
     ACTIONS(SAVE | RESTORE), CASES(3 * ARRAY_SIZE(rows)))
{
	static const char *const state[] = { "fine", "nested,P=0", "guest,P=0" };
	struct npt n;

	for (unsigned int i = 0; i < 3 * ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s,entry=%s", rows[i / 3].name, state[i % 3]) {
			npt_begin(&n);
			if (i % 3 == 1)
				*n.nested[1] &= ~(u64)PTE_P;
			else if (i % 3 == 2)
				*n.guest[1] &= ~(u64)PTE_P;
			l2_call(rows[i / 3].function, NPT_VA + NPT_OFFSET);
			ASSERT_MOVED();
			if (i % 3 == 1)
				EXPECT_EXIT(SVM_EXIT_NPF);
			else if (i % 3 == 2)
				EXPECT_L2_EVENT(VECTOR_PF);
			else if (EXPECT_RETURN())
				EXPECT_EQ(1, l2.vmcb->save.rax);
		}
}

TEST(string_io_across_save,
     "INS and OUTS of L2 without nested paging go through its own tables in a fresh VM",
     LAW("APM vol. 2, VMRUN Instruction; KVM api.rst, KVM_SET_NESTED_STATE"), NEEDS(SVM),
     ACTIONS(SAVE | RESTORE), CASES(2 * ARRAY_SIZE(rows)))
{
	struct npt n;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s,entry=%s", rows[i / 2].name, i & 1 ? "P=0" : "fine") {
			npt_begin(&n);
			l2.vmcb->control.np_enable = 0;
			*n.guest[1] = i & 1 ? 0 : NPT_PAGE | NPT_RIGHTS;
			l2_call(rows[i / 2].function, NPT_VA + NPT_OFFSET);
			ASSERT_MOVED();
			if (i & 1)
				EXPECT_L2_EVENT(VECTOR_PF);
			else if (EXPECT_RETURN())
				EXPECT_EQ(1, l2.vmcb->save.rax);
		}
}

/* What the delivery needs is touched first: no page of it is new to the host then. */
static u64 move_then_enable(u64 argument)
{
	l2_move();
	(void)*(volatile u64 *)&l2_idt[VECTOR];
	(void)*(volatile u64 *)l2_stubs[VECTOR];
	(void)*(volatile u64 *)(l2_stack + sizeof(l2_stack) - 0x200);
	(void)*(volatile u64 *)gdt;
	take_interrupts();
	return argument;
}

TEST(virtual_vector_across_save,
     "a virtual interrupt is taken in a fresh VM with its vector, before any exit",
     LAW("APM vol. 2, Injecting Virtual (INTR) Interrupts; KVM api.rst, KVM_SET_NESTED_STATE"),
     NEEDS(SVM), ACTIONS(SAVE | RESTORE))
{
	l2_begin();
	l2.vmcb->control.v_intr = V_IRQ | V_INTR_VECTOR(VECTOR) | V_INTR_PRIO(VECTOR >> 4);
	l2_call(move_then_enable, 0);
	ASSERT_MOVED();
	EXPECT_L2_EVENT(VECTOR);
	EXPECT_EQ(0, l2.vmcb->control.v_intr & V_IRQ);
}
