/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU and its tables for tests of the event model, made from scratch: an IDT of
 * 256 interrupt gates, a GDT, a TSS.  Any other read is a mistake and counted.
 */
#ifndef ASSAY_X86_T_EVENT_WORLD_H
#define ASSAY_X86_T_EVENT_WORLD_H

#include <string.h>

#include "lib/x86/event.h"

enum {
	WORLD_IDT = 0x10000, WORLD_GDT = 0x11000, WORLD_TSS = 0x12000, WORLD_END = 0x13000,
	WORLD_CODE = 0x08, WORLD_DATA = 0x10, WORLD_CODE32 = 0x18, WORLD_USER_CODE = 0x20,
	WORLD_ABSENT_CODE = 0x28, WORLD_CONFORMING = 0x30, WORLD_L_AND_D = 0x38,
	WORLD_TSS_SELECTOR = 0x40,
};

#define WORLD_HANDLER(vector) (0xffff800000100000ull + 16ull * (vector))
#define WORLD_RSP0 0xffff900000001008ull
#define WORLD_IST(n) (0xffff910000000000ull + 0x1000ull * (n))
#define WORLD_NON_CANONICAL 0x8000010000001000ull

struct event_world {
	u8 memory[WORLD_END - WORLD_IDT];
	struct event_cpu cpu;
	struct event_hole hole;
	unsigned int stray_reads;
};

static inline u64 event_world_read(void *context, u64 address)
{
	struct event_world *w = context;
	u64 value = 0;

	if (address < WORLD_IDT || address + 8 > WORLD_END) {
		w->stray_reads++;
		return 0;
	}
	memcpy(&value, w->memory + (address - WORLD_IDT), 8);
	return value;
}

static inline void event_world_write(struct event_world *w, u64 address, u64 value)
{
	memcpy(w->memory + (address - WORLD_IDT), &value, 8);
}

/* SDM vol. 3A, figure 6-8 (64-bit IDT gate descriptors). */
static inline void event_world_gate(struct event_world *w, unsigned int vector, u64 handler,
				    unsigned int selector, unsigned int type, unsigned int ist)
{
	u64 low = (handler & 0xffff) | (u64)selector << 16 | (u64)ist << 32 | (u64)type << 40 |
		  (handler >> 16 & 0xffff) << 48;

	event_world_write(w, WORLD_IDT + 16 * vector, low);
	event_world_write(w, WORLD_IDT + 16 * vector + 8, handler >> 32);
}

static inline void event_world_init(struct event_world *w, unsigned int cpl)
{
	static const u64 gdt[] = {
		0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff, 0x00affb000000ffff,
		0x00af1b000000ffff, 0x00af9f000000ffff, 0x00ef9b000000ffff, 0x00008b0120000067,
	};

	memset(w, 0, sizeof(*w));
	for (unsigned int v = 0; v < 256; v++)
		event_world_gate(w, v, WORLD_HANDLER(v), WORLD_CODE, 0x8e, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(gdt); i++)
		event_world_write(w, WORLD_GDT + 8 * i, gdt[i]);
	/* SDM vol. 3A, figure 7-11 (64-bit TSS): RSP0 at 4, IST1 at 36. */
	event_world_write(w, WORLD_TSS + 4, WORLD_RSP0);
	for (unsigned int i = 1; i <= 7; i++)
		event_world_write(w, WORLD_TSS + 36 + 8 * (i - 1), WORLD_IST(i));
	w->cpu = (struct event_cpu){
		.cpl = cpl,
		.rip = 0x401000,
		.next = 0x401003,
		.rsp = cpl ? 0x7fff12345678 : 0xffff92000000abcd,
		.rflags = RFLAGS_FIXED | RFLAGS_CF | RFLAGS_IF | RFLAGS_TF | RFLAGS_NT | RFLAGS_AC |
			  RFLAGS_DF,
		.cs = cpl ? WORLD_USER_CODE | 3 : WORLD_CODE,
		.ss = cpl ? 0x2b : WORLD_DATA,
		.idt = WORLD_IDT, .idt_limit = 0xfff,
		.gdt = WORLD_GDT, .gdt_limit = 0x4f,
		.tss = WORLD_TSS, .tss_limit = 103, .tss_selector = WORLD_TSS_SELECTOR,
		.read = event_world_read,
		.context = w,
		.hole = &w->hole,
		.holes = 1,
	};
}

static inline struct event_frame event_world_deliver(struct event_world *w, struct event event)
{
	struct event_frame frame;

	event_deliver(&w->cpu, &event, &frame);
	return frame;
}

#endif
