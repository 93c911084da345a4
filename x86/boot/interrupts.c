// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt controllers: the PICs silent, the local APIC on, LINT1 an NMI. */
#include "x86/boot/machine.h"

enum { APIC_BASE_ENABLE = BIT(11) };
enum { SPURIOUS_ENABLE = BIT(8), LVT_MASKED = BIT(16), LVT_NMI = 4 << 8, ICR_SELF = 1 << 18 };

static void mask_pics(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
}

static bool any_bit(u32 bank)
{
	for (unsigned int i = 0; i < 8; i++)
		if (apic_read(bank + 0x10 * i))
			return true;
	return false;
}

/* Anything a test left in service or requested would arrive in the next one. */
static void drain_apic(void)
{
	/* At most one of each vector is in service and one requested. */
	for (unsigned int i = 0; i < 512 && any_bit(APIC_ISR); i++)
		apic_eoi();
	trap_discard(true);
	for (unsigned int i = 0; i < 512 && any_bit(APIC_IRR); i++) {
		sti();
		inb(0x80); /* an exit, where some hosts deliver late otherwise */
		cli();
	}
	trap_discard(false);
}

void machine_reset_interrupts(void)
{
	static bool done_once;

	mask_pics();
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_ENABLE))
		return;
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | 0xff);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	if (!done_once) {
		done_once = true;
		return;
	}
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_TPR, 0);
	drain_apic();
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_self_ipi(unsigned int vector)
{
	apic_write(APIC_ICR, ICR_SELF | vector);
}

void take_interrupts(void)
{
	asm volatile("sti; nop; cli" ::: "memory");
}

void halt_for_interrupt(void)
{
	asm volatile("sti; hlt; cli" ::: "memory");
}
