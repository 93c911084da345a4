/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage on which the tests of this area play: it runs a few instructions at
 * a privilege level, with a stack and flags of the test's choice, records every
 * event that comes with the words that the CPU pushed, and compares them with
 * the model (lib/x86/event.h).
 */
#ifndef ASSAY_X86_EVENT_STAGE_H
#define ASSAY_X86_EVENT_STAGE_H

#include "lib/x86/event.h"
#include "x86/boot/x86.h"

/*
 * A few instructions that run at CPL 0 or at CPL 3: what comes before, the one
 * that matters, what comes behind.  At `end` stands a UD2 that leads back.  They
 * find an argument in RDI.
 */
struct snippet {
	const u8 *begin, *at, *next, *end;
};

#define SNIPPET(name, before, instruction, behind)                                                 \
	asm(".pushsection .text\n"                                                                 \
	    "snippet_" #name "_begin:\n\t" before "\n"                                             \
	    "snippet_" #name "_at:\n\t" instruction "\n"                                           \
	    "snippet_" #name "_next:\n\t" behind "\n"                                              \
	    "snippet_" #name "_end:\n\tud2\n"                                                      \
	    ".popsection\n");                                                                      \
	extern const u8 snippet_##name##_begin[], snippet_##name##_at[], snippet_##name##_next[],  \
		snippet_##name##_end[];                                                            \
	static const struct snippet name = { snippet_##name##_begin, snippet_##name##_at,          \
					     snippet_##name##_next, snippet_##name##_end }

/* An event as the first instructions of its handler found it. */
struct seen {
	u64 vector;
	u64 entry;   /* RSP */
	u64 word[6]; /* what lies there */
	u64 cs, ss, rflags;
	u64 cr2, dr6;
};

enum { SEEN_MAX = 16 };

struct stage {
	/* What the model is told; stage_run() fills in what it runs. */
	struct event_cpu cpu;
	/* The offset of RSP from a multiple of 16 on entry. */
	unsigned int skew;
	/* What a test leaves to others: flags in the handler, error codes that name a gate. */
	u64 handler_open;
	bool error_open;
	/* Write to the local APIC's EOI register before an interrupt's handler returns. */
	bool eoi;
	/* Does the handler return to where the event came?  If not, it leaves the stage. */
	bool returns[256];
	/* Called in the handler, with RIP and RFLAGS as they will be after it. */
	void (*in_handler)(struct trap_frame *frame);

	unsigned int count; /* of events; the first SEEN_MAX are in seen[] */
	struct seen seen[SEEN_MAX];
};
extern struct stage stage;

/*
 * Hook all vectors, forget everything; NMIs and vectors from 32 on return, others
 * leave.  #DF has the stack of IST4, so that it can be told where others are bad.
 */
void stage_open(void);

/* Flags that tell a frame from another: set on entry unless a test wants others. */
#define STAGE_RFLAGS                                                                               \
	(RFLAGS_FIXED | RFLAGS_CF | RFLAGS_AF | RFLAGS_SF | RFLAGS_OF | RFLAGS_DF | RFLAGS_ID)
#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* Run it until it ends or an event leaves the stage.  Returns how many events came. */
unsigned int stage_run(const struct snippet *snippet, unsigned int cpl, u64 rflags, u64 argument);

/* Does the model say that this event ends the machine?  Then nothing may run it unannounced. */
bool stage_shuts_down(const struct snippet *snippet, unsigned int cpl, u64 rflags,
		      const struct event *event);

/* An address of the image as code at this CPL sees it. */
u64 stage_address(const void *pointer, unsigned int cpl);

/* Lead a vector to a handler that knows whether the CPU pushed an error code. */
void stage_gate(unsigned int vector, enum gate_type type, unsigned int ist, bool error_code);
/* For INT n and interrupts, which never push one; and the runtime's own gate again. */
#define stage_gate_bare(vector, type, ist) stage_gate(vector, type, ist, false)
#define stage_gate_default(vector) stage_gate(vector, GATE_INTERRUPT, 0, true)

/*
 * Did exactly this event come?  Compares the whole frame, except RF, which has
 * tests of its own (rf.c), and the flags in `open`, which an instruction left undefined.
 */
#define EXPECT_EVENT(...) EXPECT_EVENT_OPEN(0, __VA_ARGS__)
#define EXPECT_EVENT_OPEN(open, ...)                                                               \
	stage_expect_only(EXPECTATION_("events"), &(const struct event){ __VA_ARGS__ }, open)
bool stage_expect_only(const struct expectation *e, const struct event *event, u64 open);

/* Only the error code of the one event that came, if it is the right one. */
bool stage_expect_error_code(const struct expectation *e, const struct event *event);

/* The whole frame of one of several events, from the CPU that stage.cpu describes. */
bool stage_expect_seen(const struct expectation *e, const struct event *event, u64 open,
		       unsigned int index);
/* The vectors that came, in order. */
#define EXPECT_SEEN(...)                                                                           \
	stage_expect_vectors(EXPECTATION_("events"), (const u16[]){ __VA_ARGS__ },                 \
			     sizeof((const u16[]){ __VA_ARGS__ }) / sizeof(u16))
bool stage_expect_vectors(const struct expectation *e, const u16 *vectors, unsigned int count);
#define EXPECT_NOTHING_SEEN() stage_expect_vectors(EXPECTATION_("events"), NULL, 0)

/*
 * Run a snippet whose fault goes through an interrupt gate, a trap gate and one
 * with a stack of its own: three cases, named cause=CAUSE,gate=...
 */
enum { STAGE_GATES = 3 };
void stage_each_gate(const char *cause, const struct snippet *snippet, unsigned int cpl,
		     u64 rflags, u64 argument, const struct event *event);

/* Words of a frame without error code. */
enum { WORD_RIP, WORD_CS, WORD_RFLAGS, WORD_RSP, WORD_SS };
/* The pushed word of seen[index], wherever the error code puts it. */
u64 seen_word(unsigned int index, unsigned int word);

/* --- pages that can be taken away (window.c) --- */

#define WINDOW_PAGES 16
/* Map them all; the model learns of what is then taken away. */
void window_open(void);
u8 *window_page(unsigned int number);
enum window_access { WINDOW_NONE, WINDOW_READ, WINDOW_WRITE };
void window_set(unsigned int number, enum window_access access);

/* Copies of the tables in the window, at any address, for the CPU and the model. */
void window_idt(u8 *address, u16 limit);
void window_gdt(u8 *address, u16 limit);
void window_tss(u8 *address, u16 limit);
void window_tss_default(void);

/* An address that no paging mode can translate. */
#define NON_CANONICAL 0x8000010000001000ull

/* --- interrupts --- */

/* Time for a pending event to arrive: exits, where some hosts deliver late otherwise. */
void settle(void);
/* Let in what is due, until nothing more comes. */
void take_all(void);
bool apic_bit(u32 bank, unsigned int vector);
/* An IPI to ourselves, waiting in the APIC's IRR when this returns (with IF = 0). */
void request_self(unsigned int vector);

#endif
