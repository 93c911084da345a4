// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that are due at one boundary (SDM vol. 3A, 6.9, table 6-2; APM vol. 2, 8.5).
 * Only orders between the table's classes are claimed: inside a class the order is
 * the processor's own.
 */
#include "x86/event/stage.h"

#define VECTOR 0x64
#define SOME_TIME "in $0x80, %al; in $0x80, %al; in $0x80, %al; in $0x80, %al"

SNIPPET(send_ipi, "", "movl $0x40064, (%rdi)", "nop; " SOME_TIME "; cli");
SNIPPET(sti_nop, "", "sti; nop", "nop; " SOME_TIME "; cli");
SNIPPET(undefined, "nop", "ud2", "");
SNIPPET(div_zero, "nop", "divl %ecx", "");
SNIPPET(load, "nop", "mov (%rdi), %rax", "");

static const struct event single_step = { .kind = EVENT_TRAP, .vector = VECTOR_DB };
static const struct event breakpoint = { .kind = EVENT_CODE_BREAKPOINT, .vector = VECTOR_DB };
static const struct event interrupt = { .kind = EVENT_INTERRUPT, .vector = VECTOR };
static const struct event nmi = { .kind = EVENT_NMI, .vector = VECTOR_NMI };

static bool before(const struct event *a, const struct event *b)
{
	return event_priority(a) < event_priority(b);
}

TEST(nmi_before_interrupt, "of an NMI and an interrupt that are due the NMI is taken first",
     LAW("SDM vol. 3A, 6.9"), NEEDS(APIC), ACTIONS(INJECT_NMI | SIGNAL_MSI))
{
	u64 handler = idt[VECTOR].offset_low | (u64)idt[VECTOR].offset_middle << 16;

	stage_open();
	stage.eoi = true;
	sti();
	sync(INJECT_NMI | SIGNAL_MSI, .signal_msi = { APIC_BASE_ADDRESS, VECTOR, 0 });
	settle();
	cli();
	EXPECT(before(&nmi, &interrupt));
	/* If the interrupt had been first, the NMI would have come to its handler's first line. */
	if (EXPECT_SEEN(VECTOR_NMI, VECTOR))
		EXPECT(seen_word(0, WORD_RIP) != handler);
}

static void end_single_step(struct trap_frame *f)
{
	if (f->vector == VECTOR_DB)
		f->rflags &= ~(u64)RFLAGS_TF;
}

TEST(single_step_before_interrupt, "a single step is taken before an interrupt that its "
     "instruction made due", LAW("SDM vol. 3A, 6.9"), NEEDS(APIC))
{
	stage_open();
	stage.eoi = true;
	stage.returns[VECTOR_DB] = true;
	stage.in_handler = end_single_step;
	stage_run(&send_ipi, 0, STAGE_RFLAGS | RFLAGS_TF | RFLAGS_IF, APIC_BASE_ADDRESS + APIC_ICR);
	EXPECT(before(&single_step, &interrupt));
	if (EXPECT_SEEN(VECTOR_DB, VECTOR))
		EXPECT_EQ((u64)send_ipi.next, seen_word(0, WORD_RIP));
}

static void set_breakpoint(const void *address)
{
	write_dr6(DR6_FIXED);
	write_dr0((u64)address);
	write_dr7(DR7_FIXED | DR7_G0);
}

static void resume(struct trap_frame *f)
{
	if (f->vector == VECTOR_DB)
		f->rflags |= RFLAGS_RF;
}

TEST(interrupt_before_breakpoint, "an interrupt is taken before the breakpoint of the next "
     "instruction", LAW("SDM vol. 3A, 6.9"), NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	stage_open();
	stage.eoi = true;
	stage.returns[VECTOR_DB] = true;
	stage.in_handler = resume;
	request_self(VECTOR);
	set_breakpoint(sti_nop.next);
	stage_run(&sti_nop, 0, STAGE_RFLAGS, 0);
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
	EXPECT(before(&interrupt, &breakpoint));
	EXPECT_SEEN(VECTOR, VECTOR_DB);
}

TEST(breakpoint_before_fault, "an instruction breakpoint is taken before the fault of its "
     "instruction", LAW("SDM vol. 3A, 6.9; APM vol. 2, 8.5"), CASES(4))
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
		u64 argument;
		struct event event;
	} rows[] = {
		{ "ud", &undefined, 0, { EVENT_FAULT, VECTOR_UD, 0, 0 } },
		{ "de", &div_zero, 0, { EVENT_FAULT, VECTOR_DE, 0, 0 } },
		{ "gp", &load, NON_CANONICAL, { EVENT_FAULT, VECTOR_GP, 0, 0 } },
		{ "pf", &load, 0x411000000000, { EVENT_FAULT, VECTOR_PF, 0, 0x411000000000 } },
	};

	stage_open();
	stage.returns[VECTOR_DB] = true;
	stage.in_handler = resume;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("fault=%s", rows[i].name)
		{
			set_breakpoint(rows[i].snippet->at);
			stage_run(rows[i].snippet, 0, STAGE_RFLAGS, rows[i].argument);
			EXPECT(before(&breakpoint, &rows[i].event));
			stage_expect_seen(EXPECTATION_("first event"), &breakpoint, 0, 0);
			stage_expect_seen(EXPECTATION_("second event"), &rows[i].event, 0, 1);
			EXPECT_EQ(2, stage.count);
		}
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
}
