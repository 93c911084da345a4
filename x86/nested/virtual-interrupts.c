// SPDX-License-Identifier: GPL-2.0-only
/*
 * V_IRQ and its fields: when L2 takes a virtual interrupt, when L1 hears that it
 * could, and whose TPR and IF the physical ones obey.
 */
#include "x86/nested/svm.h"

#define VECTOR 0x73
#define PRIORITY (VECTOR >> 4)

L2_CODE(spin, "", "nop", "nop; nop");
L2_CODE(enable, "nop", "sti; nop", "nop; cli");
L2_CODE(raise_tpr, "mov $15, %eax; mov %rax, %cr8", "sti; nop", "cli");
L2_CODE(read_tpr, "", "mov %cr8, %rax", "");
/* A self-IPI by the local APIC's register, and time for it to arrive. */
L2_CODE(raise_in_l2, "mov $0xfee00300, %ebx", "movl $0x40073, (%rbx)",
	"mov $1000, %ecx; 1: pause; dec %ecx; jnz 1b");

static const struct row {
	const char *name;
	u64 rflags, v_intr;
	const struct l2_code *code;
	bool taken;
} rows[] = {
#define IRQ (V_IRQ | V_INTR_VECTOR(VECTOR) | V_INTR_PRIO(PRIORITY))
	{ "IF=1", RFLAGS_IF, IRQ, &spin, true },
	{ "IF=0", 0, IRQ, &spin, false },
	{ "V_IRQ=0", RFLAGS_IF, IRQ & ~(u64)V_IRQ, &spin, false },
	{ "V_TPR=6", RFLAGS_IF, IRQ | V_INTR_MASKING | (PRIORITY - 1), &spin, true },
	{ "V_TPR=7", RFLAGS_IF, IRQ | V_INTR_MASKING | PRIORITY, &spin, false },
	{ "V_TPR=15", RFLAGS_IF, IRQ | V_INTR_MASKING | 15, &spin, false },
	{ "V_TPR=15,V_IGN_TPR=1", RFLAGS_IF, IRQ | V_INTR_MASKING | 15 | V_IGN_TPR, &spin, true },
	{ "sti", 0, IRQ, &enable, true },
	{ "cr8=15", 0, IRQ | V_INTR_MASKING, &raise_tpr, false },
};

/* At once, or behind STI and the instruction in its shadow. */
static u64 taken_rip(const struct row *r)
{
	return (u64)(r->code == &enable ? enable.next : r->code->begin);
}

L2_CODE(warm, "", "int $0x73", "");

/* IDT, handler and stack touched once: no page of L2 that a delivery needs is new to the host. */
static void begin(void)
{
	l2_begin();
	l2_run_at(warm.begin);
	l2_begin();
}

TEST(virtual_interrupt, "L2 takes a virtual interrupt when its IF and V_TPR let it, and else not",
     LAW("APM vol. 2, Virtualizing APIC.TPR; Injecting Virtual (INTR) Interrupts"), NEEDS(SVM),
     CASES(ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		CASE("state=%s", r->name)
		{
			begin();
			l2.vmcb->save.rflags |= r->rflags;
			l2.vmcb->control.v_intr = r->v_intr;
			l2_run_at(r->code->begin);
			if (!r->taken) {
				if (EXPECT_END(*r->code))
					EXPECT_EQ(r->v_intr & V_IRQ,
						  l2.vmcb->control.v_intr & V_IRQ);
				continue;
			}
			if (!EXPECT_L2_EVENT(VECTOR))
				continue;
			EXPECT_EQ(taken_rip(r), l2.event.rip);
			EXPECT_EQ(0, l2.vmcb->control.v_intr & V_IRQ);
		}
	}
}

TEST(vintr_exit, "with VINTR intercepted L2 exits where it would take the virtual interrupt",
     LAW("APM vol. 2, Virtual Interrupt Intercept"), NEEDS(SVM), CASES(ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		CASE("state=%s", r->name)
		{
			begin();
			l2_intercept(SVM_EXIT_VINTR);
			l2.vmcb->save.rflags |= r->rflags;
			l2.vmcb->control.v_intr = r->v_intr;
			l2_run_at(r->code->begin);
			if (!r->taken) {
				EXPECT_END(*r->code);
				continue;
			}
			EXPECT_EXIT(SVM_EXIT_VINTR);
			EXPECT_EQ(taken_rip(r), l2.vmcb->save.rip);
			EXPECT_EQ(V_IRQ, l2.vmcb->control.v_intr & V_IRQ);
		}
	}
}

TEST(virtual_tpr, "with V_INTR_MASKING CR8 in L2 is V_TPR, and L1's TPR stays",
     LAW("APM vol. 2, Virtualizing APIC.TPR"), NEEDS(SVM | APIC), CASES(3))
{
	CASE("cr8=read")
	{
		l2_begin();
		write_cr8(3);
		l2.vmcb->control.v_intr = V_INTR_MASKING | 9;
		l2_run_at(read_tpr.begin);
		EXPECT_END(read_tpr);
		EXPECT_EQ(9, l2.vmcb->save.rax);
		EXPECT_EQ(3, read_cr8());
		write_cr8(0);
	}
	CASE("cr8=write")
	{
		l2_begin();
		write_cr8(3);
		l2.vmcb->control.v_intr = V_INTR_MASKING | 9;
		l2_run_at(raise_tpr.begin);
		EXPECT_END(raise_tpr);
		EXPECT_EQ(15, l2.vmcb->control.v_intr & V_TPR);
		EXPECT_EQ(3, read_cr8());
		write_cr8(0);
	}
	CASE("V_INTR_MASKING=0")
	{
		l2_begin();
		write_cr8(3);
		l2.vmcb->control.v_intr = 9;
		l2_run_at(read_tpr.begin);
		EXPECT_END(read_tpr);
		EXPECT_EQ(3, l2.vmcb->save.rax);
		write_cr8(0);
	}
}

/* --- physical interrupts while L2 runs: whose IF masks them, who takes them --- */

static const struct physical {
	const char *name;
	bool intercepted, masking;
	u64 l1_if, l2_if;
	enum { NOBODY, TO_L2, EXITS } who;
} physicals[] = {
	{ "intercept=0,masking=0,l2-if=0", false, false, 0, 0, NOBODY },
	{ "intercept=0,masking=0,l2-if=1", false, false, 0, RFLAGS_IF, TO_L2 },
	{ "intercept=1,masking=0,l2-if=0", true, false, 0, 0, NOBODY },
	{ "intercept=1,masking=0,l2-if=1", true, false, 0, RFLAGS_IF, EXITS },
	{ "intercept=1,masking=1,l1-if=0,l2-if=1", true, true, 0, RFLAGS_IF, NOBODY },
	{ "intercept=1,masking=1,l1-if=1,l2-if=0", true, true, RFLAGS_IF, 0, EXITS },
	{ "intercept=1,masking=1,l1-if=1,l2-if=1", true, true, RFLAGS_IF, RFLAGS_IF, EXITS },
};

static unsigned int taken;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

TEST(physical_interrupt, "a physical interrupt exits or is L2's, and obeys L1's IF or L2's",
     LAW("APM vol. 2, Interrupt Masking in EFLAGS; INTR Intercept"), NEEDS(SVM | APIC),
     CASES(2 * ARRAY_SIZE(physicals)))
{
	for (unsigned int n = 0; n < 2 * ARRAY_SIZE(physicals); n++) {
		const struct physical *p = &physicals[n / 2];
		bool in_l2 = n & 1;

		CASE("state=%s,raised-in=L%u", p->name, in_l2 + 1)
		{
			set_handler(VECTOR, on_interrupt);
			l2_begin();
			taken = 0;
			if (p->intercepted)
				l2_intercept(SVM_EXIT_INTR);
			if (p->masking)
				l2.vmcb->control.v_intr = V_INTR_MASKING;
			l2.vmcb->save.rflags |= p->l2_if;
			clgi();
			if (!in_l2)
				apic_self_ipi(VECTOR);
			write_rflags(RFLAGS_FIXED | p->l1_if);
			l2_run_at(in_l2 ? raise_in_l2.begin : spin.begin);
			write_rflags(RFLAGS_FIXED);
			if (p->who == EXITS)
				EXPECT_EXIT(SVM_EXIT_INTR);
			else if (p->who == TO_L2)
				EXPECT_L2_EVENT(VECTOR);
			else if (in_l2)
				EXPECT_END(raise_in_l2);
			else
				EXPECT_END(spin);
			if (p->who == TO_L2) {
				apic_eoi();
				continue;
			}
			/* Nobody took it: L1 does, as soon as it may. */
			take_interrupts();
			inb(0x80);
			take_interrupts();
			EXPECT_EQ(1, taken);
		}
	}
}
