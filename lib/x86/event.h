/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of event delivery in 64-bit mode: what the CPU pushes, where, and
 * what becomes of the registers, when an exception or an interrupt is taken.
 * Written from the SDM (vol. 3A, chapter 6, above all 6.12 to 6.15; vol. 2A, INT
 * n: the steps of delivery; vol. 3B, 17.3.1.1: RF) and compared with the APM
 * (vol. 2, chapter 8).  It reads the IDT, GDT and TSS through a callback and
 * changes nothing, so that guest and host use the same code.
 *
 * Where a manual leaves a choice to the processor, or the two manuals differ,
 * the model says so (`*_open`, a range for CR2) and never guesses.
 */
#ifndef ASSAY_X86_EVENT_H
#define ASSAY_X86_EVENT_H

#include "lib/x86/cpu.h"

/* EVENT_KIND(NAME, words): how an event came about decides what is pushed. */
#define EVENT_KINDS(KIND)                                                                          \
	KIND(FAULT, "fault")                                                                       \
	KIND(CODE_BREAKPOINT, "instruction breakpoint") /* a fault that leaves RF alone */         \
	KIND(TRAP, "trap")                                                                         \
	KIND(ABORT, "abort")                                                                       \
	KIND(INT_N, "INT n")                                                                       \
	KIND(INT3, "INT3")                                                                         \
	KIND(INTO, "INTO")                                                                         \
	KIND(ICEBP, "INT1")                                                                        \
	KIND(INTERRUPT, "external interrupt")                                                      \
	KIND(NMI, "NMI")

enum event_kind {
#define KIND(NAME, words) EVENT_##NAME,
	EVENT_KINDS(KIND)
#undef KIND
	EVENT_KIND_COUNT
};

/* What the origin of an event decides. */
struct event_rule {
	bool pushes_next; /* the RIP behind the instruction, not its own */
	bool sets_rf;     /* in the pushed image (vol. 3B, 17.3.1.1) */
	bool software;    /* the gate's DPL is checked, EXT is 0 (6.12.1.2, 6.13) */
	bool exception;   /* may push an error code, and has a class of table 6-4 by its vector */
};
extern const struct event_rule event_rule[EVENT_KIND_COUNT];

struct event {
	enum event_kind kind;
	unsigned int vector;
	u32 error_code; /* of an exception that has one */
	u64 cr2;        /* of a #PF: CR2 afterwards */
};

/* Linear memory that delivery cannot use: not present, or only readable. */
struct event_hole {
	u64 start, bytes;
	bool read_only;
};

/* The CPU when the event is taken. */
struct event_cpu {
	unsigned int cpl;
	u64 rip, next; /* of the instruction that is executing or was last, and behind it */
	u64 rsp, rflags;
	u16 cs, ss;
	u64 idt, gdt, tss; /* linear base addresses */
	u16 idt_limit, gdt_limit, tss_limit, tss_selector;
	u64 (*read)(void *context, u64 address); /* 8 bytes, at any alignment */
	void *context;
	const struct event_hole *hole;
	unsigned int holes;
};

/* What stands when the first instruction of a handler is about to run. */
struct event_frame {
	bool shutdown; /* no handler: the CPU shuts down (6.15, #DF) */
	unsigned int vector;
	bool undefined; /* #DF: CS, RIP and the program state are not defined (6.15) */

	/* The pushed words. */
	bool has_error_code;
	u32 error_code, error_open;
	u64 rip, cs, rflags, rsp, ss;
	u64 rflags_open;

	u64 entry;   /* RSP in the handler: where the last word lies */
	u64 handler; /* RIP in the handler */
	u64 handler_cs, handler_ss;
	bool handler_ss_open;
	u64 handler_rflags; /* of EVENT_FLAGS_KNOWN */

	/* CR2 lies in this range afterwards; of no meaning unless the vector is #PF. */
	u64 cr2_first, cr2_last;
};

/* The flags that a handler can look at and that delivery decides (6.12.1.3). */
#define EVENT_FLAGS_KNOWN (RFLAGS_TF | RFLAGS_IF | RFLAGS_NT | RFLAGS_IOPL | RFLAGS_AC | RFLAGS_ID)

/* Deliver an event, and the events that its delivery raises, until a handler is reached. */
void event_deliver(const struct event_cpu *cpu, const struct event *event,
		   struct event_frame *frame);

/* Does an event of this vector, raised as an exception, push an error code (table 6-1)? */
bool event_has_error_code(const struct event *event);

/* The classes of table 6-4, and what becomes of two that meet (table 6-5). */
enum event_class { EVENT_BENIGN, EVENT_CONTRIBUTORY, EVENT_PAGE_FAULT };
enum event_meeting { EVENT_SERIAL, EVENT_DOUBLE_FAULT, EVENT_SHUTDOWN };
enum event_class event_class(const struct event *event);
enum event_meeting event_meet(const struct event *first, const struct event *second);

/*
 * The priority class of table 6-2, 1 the highest, for events that are pending at
 * one instruction boundary.  Within a class the order is the processor's own.
 */
unsigned int event_priority(const struct event *event);

/* Error codes that name a descriptor: EXT, IDT and TI (6.13). */
enum event_error_bits { ERROR_EXT = BIT(0), ERROR_IDT = BIT(1), ERROR_TI = BIT(2) };
#define ERROR_GATE(vector) ((u32)(vector) << 3 | ERROR_IDT)

#endif
