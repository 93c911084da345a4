// SPDX-License-Identifier: GPL-2.0-only
/*
 * An event whose delivery waits for the host, which has not the page that it needs: it comes
 * whole all the same (SDM vol. 3A, Exception and Interrupt Reference).  Meanwhile the bytes
 * of the instruction that raised it may become another's: either the event is delivered with
 * the return address of the one that raised it, or the other runs; never something of both.
 */
#include "x86/event/stage.h"

enum { IST = 5, VECTOR_N = 0x47, PAGE_BYTES = 0x1000 };

/* In eight bytes of their own. */
#define IN_A_WORD(name, instruction, fill) SNIPPET(name, ".balign 8, 0x90", instruction, fill)
IN_A_WORD(int3, "int3", "nop; nop; nop; nop; nop; nop; nop");
IN_A_WORD(int_n, "int $0x47", "nop; nop; nop; nop; nop; nop");
IN_A_WORD(undefined, "ud2", "nop; nop; nop; nop; nop; nop");

static const struct {
	const char *name;
	const struct snippet *snippet;
	u8 vector;
	bool trap; /* its return address is behind it */
} causes[] = {
	{ "int3", &int3, VECTOR_BP, true },
	{ "int-n", &int_n, VECTOR_N, true },
	{ "ud2", &undefined, VECTOR_UD, false },
};

/* What the bytes become: MOV EAX, imm32 and NOPs; NOPs; a NOP of six bytes; or they stay. */
static const struct {
	const char *name;
	u64 bytes;
} edits[] = {
	{ "none", 0 },
	{ "mov", 0x90909000c0ffeeb8 },
	{ "nops", 0x9090909090909090 },
	{ "long-nop", 0x909000441f0f6690 },
};

static const struct {
	const char *name;
	const void *page;
} pages[] = { { "stack", ist_stack[IST - 1] + STACK_BYTES - PAGE_BYTES }, { "idt", idt } };

static u64 waited(void)
{
	return sync_value(sync(PAGE_OUT), PAGE_OUT);
}

static void meet(unsigned int cause, unsigned int edit, unsigned int page)
{
	const struct snippet *s = causes[cause].snippet;
	volatile u64 *word = (volatile u64 *)s->at;
	const u64 before = *word;

	stage_open();
	set_gate_default(causes[cause].vector, GATE_INTERRUPT | GATE_DPL3, IST);
	sync(PAGE_OUT, .page_out = { (u64)pages[page].page, edits[edit].bytes ? (u64)word : 0,
				     edits[edit].bytes });
	stage_run(s, 0, STAGE_RFLAGS, 0);
	*word = before;
	if (!edits[edit].bytes)
		EXPECT_EQ(1, stage.count);
	if (!stage.count)
		return; /* the other instruction ran */
	EXPECT_EQ(causes[cause].vector, stage.seen[0].vector);
	EXPECT_EQ((u64)(causes[cause].trap ? s->next : s->at), seen_word(0, WORD_RIP));
}

TEST(event_waits_for_page,
     "an event that waits for a page of the host's comes whole, whatever its instruction became",
     LAW("SDM vol. 3A, Exception and Interrupt Reference; APM vol. 2, Event Injection"),
     FIXES(FIX("4da3768e1820cf15cced390242d8789aed34f54d",
	       "KVM: SVM: Don't skip unrelated instruction if INT3/INTO is replaced")),
     ACTIONS(PAGE_OUT), FLAGS(TEST_HAS_WINDOW),
     CASES(ARRAY_SIZE(causes) * ARRAY_SIZE(edits) * ARRAY_SIZE(pages)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(causes) * ARRAY_SIZE(edits) * ARRAY_SIZE(pages);
	     i++) {
		const unsigned int page = i % ARRAY_SIZE(pages);
		const unsigned int edit = i / ARRAY_SIZE(pages) % ARRAY_SIZE(edits);
		const unsigned int cause = i / ARRAY_SIZE(pages) / ARRAY_SIZE(edits);

		CASE ("cause=%s,becomes=%s,page=%s", causes[cause].name, edits[edit].name,
		      pages[page].name) {
			meet(cause, edit, page);
			window("waited", waited());
		}
	}
}

/* --- events from outside --- */

SNIPPET(halt, "", "hlt", "nop");
SNIPPET(open_window, "", "sti; nop; in $0x80, %al; in $0x80, %al; in $0x80, %al", "cli");

static void by_nmi(u64 gpa)
{
	sync(WAIT_HALTED | INJECT_NMI | PAGE_OUT, .page_out = { gpa });
	stage_run(&halt, 0, STAGE_RFLAGS, 0);
}

static void by_ipi(u64 gpa)
{
	request_self(VECTOR_N);
	sync(PAGE_OUT, .page_out = { gpa });
	stage_run(&open_window, 0, STAGE_RFLAGS, 0);
}

TEST(interrupt_waits_for_page,
     "an interrupt or NMI that waits for a page of the host's comes once, and what it blocks stays "
     "blocked",
     LAW("SDM vol. 3A, 6.7.1, 6.8; APM vol. 2, Event Injection"), NEEDS(APIC),
     ACTIONS(WAIT_HALTED | INJECT_NMI | PAGE_OUT), FLAGS(TEST_HAS_WINDOW),
     CASES(2 * ARRAY_SIZE(pages)))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(pages); i++) {
		const unsigned int page = i / 2;
		const bool nmi = i & 1;

		CASE ("event=%s,page=%s", nmi ? "nmi" : "interrupt", pages[page].name) {
			stage_open();
			stage.eoi = true;
			set_gate_default(nmi ? VECTOR_NMI : VECTOR_N, GATE_INTERRUPT, IST);
			(nmi ? by_nmi : by_ipi)((u64)pages[page].page);
			EXPECT_SEEN(nmi ? VECTOR_NMI : VECTOR_N);
			window("waited", waited());
			/* Each comes again: the first is not blocked any more, nor is another pending. */
			stage.count = 0;
			(nmi ? by_nmi : by_ipi)((u64)pages[page].page);
			EXPECT_SEEN(nmi ? VECTOR_NMI : VECTOR_N);
			waited();
		}
	}
}
