// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs in the shadow of STI and of MOV SS (SDM vol. 2B, STI; vol. 3A, Masking
 * Exceptions and Interrupts When Switching Stacks).  Whether a shadow holds an NMI back
 * is the processor's own choice, so nothing is said of the boundary; but there is no
 * choice in which the NMI is lost, or comes twice.
 */
#include "x86/event/stage.h"

#define SOME_TIME "in $0x80, %al; in $0x80, %al; in $0x80, %al; in $0x80, %al; cli; cld"

/* The store to the ICR is the instruction in the shadow, and raises the NMI. */
SNIPPET(plain, "mov $0x4400, %eax", "mov %eax, (%rdi)", SOME_TIME);
SNIPPET(behind_sti, "mov $0x4400, %eax; sti", "mov %eax, (%rdi)", SOME_TIME);
SNIPPET(behind_mov_ss, "mov $0x4400, %eax; mov %ss, %ecx; mov %ecx, %ss", "mov %eax, (%rdi)",
	SOME_TIME);

TEST(nmi_raised_in_shadow, "an NMI that the instruction in an interrupt shadow raises comes once",
     LAW("SDM vol. 3A, Nonmaskable Interrupt (NMI) and Interrupt Command Register (ICR); "
	 "vol. 2B, STI"),
     NEEDS(APIC), CASES(3),
     FLAGS(TEST_NEEDS_SHADOW))
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
	} rows[] = { { "none", &plain }, { "sti", &behind_sti }, { "mov-ss", &behind_mov_ss } };

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("shadow=%s", rows[i].name)
		{
			/* To ourselves by name: the shorthand knows no NMIs. */
			apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
			stage_run(rows[i].snippet, 0, STAGE_RFLAGS, APIC_BASE_ADDRESS + APIC_ICR);
			settle();
			if (EXPECT_SEEN(VECTOR_NMI))
				EXPECT(seen_word(0, WORD_RIP) != stage.cpu.rip);
		}
}

/* The same as a host sets it, alone and with an interrupt that the shadow does hold back. */
TEST(nmi_in_host_shadow, "an NMI in an interrupt shadow that the host sets comes once",
     LAW("SDM vol. 3A, Nonmaskable Interrupt (NMI); KVM api.rst, KVM_SET_VCPU_EVENTS"),
     ACTIONS(SET_REGISTER | INJECT_NMI), CASES(2))
{
	stage_open();
	for (unsigned int shadow = 1; shadow <= 2; shadow++)
		CASE("by=%s", shadow == 1 ? "sti" : "mov-ss")
		{
			stage.count = 0;
			sync(SET_REGISTER | INJECT_NMI,
			     .set_register = { SYNC_REG_INTERRUPT_SHADOW, shadow });
			settle();
			/* One that came twice would be latched with the next. */
			sync(0);
			settle();
			EXPECT_SEEN(VECTOR_NMI);
		}
}

static unsigned int nmis, interrupts;

static void count(struct trap_frame *f)
{
	nmis += f->vector == VECTOR_NMI;
	interrupts += f->vector == 0x64;
}

TEST(nmi_and_interrupt_in_host_shadow,
     "an NMI and an interrupt in an interrupt shadow that the host sets come once each",
     LAW("SDM vol. 3A, Nonmaskable Interrupt (NMI) and Masking Exceptions and Interrupts When "
	 "Switching Stacks; KVM api.rst, KVM_SET_VCPU_EVENTS"),
     NEEDS(APIC), ACTIONS(SET_REGISTER | INJECT_NMI | SIGNAL_MSI), CASES(2))
{
	for (unsigned int shadow = 1; shadow <= 2; shadow++)
		CASE("by=%s", shadow == 1 ? "sti" : "mov-ss")
		{
			stage_open();
			stage.eoi = true;
			stage.in_handler = count;
			nmis = interrupts = 0;
			sti();
			sync(SET_REGISTER | INJECT_NMI | SIGNAL_MSI,
			     .set_register = { SYNC_REG_INTERRUPT_SHADOW, shadow },
			     .signal_msi = { APIC_BASE_ADDRESS, 0x64, 0 });
			settle();
			sync(0);
			settle();
			cli();
			EXPECT_EQ(1, nmis);
			EXPECT_EQ(1, interrupts);
			EXPECT_EQ(2, stage.count);
		}
}
