/* SPDX-License-Identifier: GPL-2.0-only */
/* The IOAPIC's redirection table (Intel 82093AA data sheet, 3.2.4). */
#ifndef ASSAY_X86_EVENT_IOAPIC_H
#define ASSAY_X86_EVENT_IOAPIC_H

#include "x86/boot/x86.h"

#define IOAPIC 0xfec00000ull

enum { RTE_LEVEL = BIT(15), RTE_MASKED = BIT(16), RTE_REMOTE_IRR = BIT(14) };

static inline u32 ioapic_read(u32 index)
{
	*(volatile u32 *)IOAPIC = index;
	return *(volatile u32 *)(IOAPIC + 0x10);
}

static inline void ioapic_write(u32 index, u32 value)
{
	*(volatile u32 *)IOAPIC = index;
	*(volatile u32 *)(IOAPIC + 0x10) = value;
}

static inline u32 rte(unsigned int line)
{
	return 0x10 + 2 * line;
}

/* To the APIC with ID 0, fixed, active high. */
static inline void route(unsigned int line, u32 low)
{
	ioapic_write(rte(line) + 1, 0);
	ioapic_write(rte(line), low);
}

#endif
