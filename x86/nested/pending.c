// SPDX-License-Identifier: GPL-2.0-only
/*
 * A physical interrupt is due while VMRUN has something else to deliver: an event
 * of EVENTINJ comes first, and a virtual interrupt that waits is not forgotten.
 */
#include "x86/nested/svm.h"

#define PHYSICAL 0x71
#define VIRTUAL 0x84
#define INJECTED 0x93

extern const u8 l2_stubs[256][16];

L2_CODE(spin, "mov $1000, %ecx; 1: pause; dec %ecx; jnz 1b", "nop", "");
L2_CODE(enable, "nop", "sti; nop", "mov $1000, %ecx; 1: pause; dec %ecx; jnz 1b; cli");
L2_CODE(warm, "int $0x71; int $0x84", "int $0x93", "");

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

/* With a physical interrupt in the local APIC and GIF = 0, so that nothing takes it yet. */
static void begin(bool warmed)
{
	set_handler(PHYSICAL, on_interrupt);
	l2_begin();
	if (warmed) {
		/* No page that a delivery needs is new to the host. */
		l2_run_at(warm.begin);
		l2_continue();
		l2_continue();
		l2_begin();
	}
	taken = 0;
	clgi();
	apic_self_ipi(PHYSICAL);
}

/* --- EVENTINJ --- */

static const struct {
	const char *name;
	u64 event;
	unsigned int vector;
} events[] = {
	{ "interrupt", EVENT_INTR | INJECTED, INJECTED },
	{ "NMI", EVENT_NMI | VECTOR_NMI, VECTOR_NMI },
	{ "UD", EVENT_EXCEPTION | VECTOR_UD, VECTOR_UD },
	{ "GP", EVENT_EXCEPTION | EVENT_HAS_ERROR | VECTOR_GP | EVENT_ERROR(0x58), VECTOR_GP },
	{ "INT-n", EVENT_SWINT | INJECTED, INJECTED },
};

/* No interrupt exits in the middle of a delivery: L2 is at the beginning of its handler. */
static void expect_not_lost(unsigned int number)
{
	EXPECT_EQ((u64)l2_stubs[events[number].vector], l2.vmcb->save.rip);
	EXPECT_EQ(0, l2.vmcb->control.exitintinfo & EVENT_VALID);
}

TEST(injection_before_exit, "an event of EVENTINJ is not lost to an interrupt that exits at once",
     LAW("APM vol. 2, Event Injection; Exit Interrupt Information; INTR Intercept"),
     NEEDS(SVM | APIC), CASES(2 * ARRAY_SIZE(events)),
     FLAGS(TEST_NEEDS_SHADOW))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(events); i++)
		CASE ("event=%s,handler=%s", events[i / 2].name, i & 1 ? "warm" : "cold") {
			begin(i & 1);
			l2_intercept(SVM_EXIT_INTR);
			l2.vmcb->control.v_intr = V_INTR_MASKING;
			l2.vmcb->control.eventinj = EVENT_VALID | events[i / 2].event;
			l2.vmcb->control.nrip = (u64)spin.begin;
			write_rflags(RFLAGS_FIXED | RFLAGS_IF);
			l2_run_at(spin.begin);
			cli();
			if (EXPECT_EXIT(SVM_EXIT_INTR)) {
				expect_not_lost(i / 2);
				EXPECT_EQ(0, l2.vmcb->control.eventinj & EVENT_VALID);
			}
			let_in();
			EXPECT_EQ(1, taken);
		}
}

/* --- V_IRQ --- */

static void expect_both(void)
{
	unsigned int physical = 0, virtual = 0;

	for (unsigned int i = 0; i < 3 && l2.event.vector != VECTOR_NONE; i++) {
		physical += l2.event.vector == PHYSICAL;
		virtual += l2.event.vector == VIRTUAL;
		if (l2.event.vector == PHYSICAL)
			apic_eoi();
		l2_continue();
	}
	EXPECT_END(enable);
	EXPECT_EQ(1, physical);
	EXPECT_EQ(1, virtual);
}

/*
 * Without the intercept of INTR both are L2's.  The host may wait for L2's IF on
 * behalf of the physical one: L1's V_IRQ and its vector are not the host's to lose.
 */
TEST(virtual_beside_physical,
     "a virtual interrupt keeps waiting beside a physical one, and both come",
     LAW("APM vol. 2, Injecting Virtual (INTR) Interrupts; Interrupt Masking in EFLAGS"),
     NEEDS(SVM | APIC), CASES(3),
     FLAGS(TEST_NEEDS_SHADOW))
{
	const u64 irq = V_IRQ | V_INTR_VECTOR(VIRTUAL) | V_INTR_PRIO(VIRTUAL >> 4);

	CASE ("exit=before-IF") {
		begin(true);
		l2.vmcb->control.v_intr = irq;
		l2_run_at(spin.begin);
		EXPECT_END(spin);
		EXPECT_EQ(irq, l2.vmcb->control.v_intr & ~(u64)V_TPR);
		let_in();
		EXPECT_EQ(1, taken);
	}
	CASE ("if=by-STI") {
		begin(true);
		l2.vmcb->control.v_intr = irq;
		l2_run_at(enable.begin);
		expect_both();
		EXPECT_EQ(0, l2.vmcb->control.v_intr & V_IRQ);
	}
	CASE ("exit=before-IF,then=STI") {
		begin(true);
		l2.vmcb->control.v_intr = irq;
		l2.keep_gif = true;
		l2_run_at(spin.begin);
		EXPECT_END(spin);
		l2_run_at(enable.begin);
		expect_both();
		stgi();
	}
}

/* A handler of L2's own, that nobody but L2 sees. */
extern const u8 quiet_handler[];
asm(".pushsection .text\n"
    "quiet_handler:\n\t"
    "push %rax\n\t"
    "mov $0xfee000b0, %eax\n\t"
    "movl $0, (%rax)\n\t"
    "pop %rax\n\t"
    "iretq\n"
    ".popsection\n");

TEST(virtual_behind_physical,
     "a virtual interrupt comes with its vector behind a physical one that L2 handled without an "
     "exit",
     LAW("APM vol. 2, Injecting Virtual (INTR) Interrupts"), NEEDS(SVM | APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	u64 handler = (u64)quiet_handler;

	begin(true);
	l2_idt[PHYSICAL].offset_low = (u16)handler;
	l2_idt[PHYSICAL].offset_middle = (u16)(handler >> 16);
	l2_idt[PHYSICAL].offset_high = (u32)(handler >> 32);
	l2.vmcb->control.v_intr = V_IRQ | V_INTR_VECTOR(VIRTUAL) | V_INTR_PRIO(VIRTUAL >> 4);
	l2_run_at(enable.begin);
	EXPECT_L2_EVENT(VIRTUAL);
	EXPECT_EQ(0, l2.vmcb->control.v_intr & V_IRQ);
	l2_continue();
	EXPECT_END(enable);
	EXPECT(!(apic_read(APIC_IRR + PHYSICAL / 32 * 16) >> PHYSICAL % 32 & 1));
	EXPECT(!(apic_read(APIC_ISR + PHYSICAL / 32 * 16) >> PHYSICAL % 32 & 1));
}

TEST(no_virtual_beside_physical, "V_IRQ stays 0 while only a physical interrupt waits for L2's IF",
     LAW("APM vol. 2, Injecting Virtual (INTR) Interrupts"), NEEDS(SVM | APIC))
{
	begin(true);
	l2_run_at(spin.begin);
	EXPECT_END(spin);
	EXPECT_EQ(0, l2.vmcb->control.v_intr & ~(u64)V_TPR);
	let_in();
	EXPECT_EQ(1, taken);
}

/* With VINTR intercepted the exit tells of the virtual one alone. */
TEST(vintr_exit_beside_physical, "VINTR exits beside a physical interrupt that waits for IF too",
     LAW("APM vol. 2, Virtual Interrupt Intercept"), NEEDS(SVM | APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	begin(true);
	l2_intercept(SVM_EXIT_VINTR);
	l2.vmcb->control.v_intr = V_IRQ | V_INTR_VECTOR(VIRTUAL) | V_INTR_PRIO(VIRTUAL >> 4);
	l2.keep_gif = true;
	l2_run_at(enable.begin);
	if (l2.event.vector == PHYSICAL) {
		apic_eoi();
		l2_continue();
		taken++;
	}
	EXPECT_EXIT(SVM_EXIT_VINTR);
	EXPECT_EQ(V_IRQ, l2.vmcb->control.v_intr & V_IRQ);
	stgi();
	let_in();
	EXPECT_EQ(1, taken);
}

/* --- CR8 under V_INTR_MASKING, with something that L1's TPR holds back --- */

L2_CODE(lower_tpr, "xor %eax, %eax; mov %rax, %cr8; nop", "mov %cr8, %rax", "");

TEST(virtual_tpr_beside_physical, "CR8 of L2 is V_TPR though an interrupt waits for L1's TPR",
     LAW("APM vol. 2, Virtualizing APIC.TPR"), NEEDS(SVM | APIC))
{
	set_handler(PHYSICAL, on_interrupt);
	l2_begin();
	taken = 0;
	write_cr8(PHYSICAL >> 4);
	apic_self_ipi(PHYSICAL);
	let_in();
	EXPECT_EQ(0, taken);
	l2_intercept(SVM_EXIT_INTR);
	l2.vmcb->control.v_intr = V_INTR_MASKING | 5;
	write_rflags(RFLAGS_FIXED | RFLAGS_IF);
	l2_run_at(lower_tpr.begin);
	cli();
	EXPECT_END(lower_tpr);
	EXPECT_EQ(0, l2.vmcb->save.rax);
	EXPECT_EQ(0, l2.vmcb->control.v_intr & V_TPR);
	EXPECT_EQ(PHYSICAL >> 4, read_cr8());
	EXPECT_EQ(0, taken);
	write_cr8(0);
	let_in();
	EXPECT_EQ(1, taken);
}
