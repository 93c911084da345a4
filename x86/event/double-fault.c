// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two events that meet (SDM vol. 3A, 6.15, #DF, tables 6-4 and 6-5; APM vol. 2,
 * 8.2.9): the second is raised by the delivery of the first, by real defects of
 * its gate or stack.  Handled one after the other, the second's whole frame is
 * checked; of a #DF all but CS:RIP and flags, which are not defined.  (A defect
 * of #DF's own delivery is a shutdown, and the machine's end.)
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(div_zero, "", "divl %ecx", "");
SNIPPET(load_es, "mov %edi, %eax", "mov %eax, %es", "");
SNIPPET(load, "", "mov (%rdi), %rax", "");
SNIPPET(load_ss, "mov %edi, %eax", "mov %eax, %ss", "");
SNIPPET(step, "", "nop", "nop");

#define UNMAPPED 0x411000000000ull

static const struct first {
	const char *name;
	const struct snippet *snippet;
	u64 argument, rflags;
	struct event event;
} firsts[] = {
	{ "db", &step, 0, RFLAGS_TF, { EVENT_TRAP, VECTOR_DB, 0, 0 } },
	{ "ud", &undefined, 0, 0, { EVENT_FAULT, VECTOR_UD, 0, 0 } },
	{ "de", &div_zero, 0, 0, { EVENT_FAULT, VECTOR_DE, 0, 0 } },
	{ "np", &load_es, SELECTOR_SPARE, 0, { EVENT_FAULT, VECTOR_NP, SELECTOR_SPARE, 0 } },
	{ "ss", &load_ss, SELECTOR_SPARE, 0, { EVENT_FAULT, VECTOR_SS, SELECTOR_SPARE, 0 } },
	{ "gp", &load, NON_CANONICAL, 0, { EVENT_FAULT, VECTOR_GP, 0, 0 } },
	{ "pf", &load, UNMAPPED, 0, { EVENT_FAULT, VECTOR_PF, 0, UNMAPPED } },
};

/* The second event, by a defect of the first's gate. */
static void raise_np(struct idt_gate *gate)
{
	gate->type &= 0x7f;
}

static void raise_gp(struct idt_gate *gate)
{
	gate->type = 0x80;
}

static void raise_ss(struct idt_gate *gate)
{
	gate->ist = 7;
	tss.ist[6] = NON_CANONICAL;
}

static void raise_ts(struct idt_gate *gate)
{
	gate->ist = 7;
	window_tss(window_page(0), 28 + 8 * 7);
}

static void raise_pf(struct idt_gate *gate)
{
	gate->ist = 7;
	tss.ist[6] = UNMAPPED;
}

static const struct {
	const char *name;
	void (*raise)(struct idt_gate *gate);
} seconds[] = {
	{ "np", raise_np }, { "gp", raise_gp }, { "ss", raise_ss }, { "ts", raise_ts },
	{ "pf", raise_pf },
};
enum { PAIRS = 7 * 5 };

static void meet(const struct first *first, unsigned int second, unsigned int cpl)
{
	static struct event_hole away = { .start = UNMAPPED - 0x1000, .bytes = 0x2000 };
	unsigned int vector = first->event.vector;
	u64 argument = first->argument;
	struct event event = first->event;

	stage_open();
	window_open();
	stage.cpu.hole = &away;
	stage.cpu.holes = 1;
	/* A data segment that is not present, of the CPL that loads it. */
	gdt[SELECTOR_SPARE / 8] = cpl ? 0x00cf73000000ffff : 0x00cf13000000ffff;
	if (argument == SELECTOR_SPARE)
		argument |= cpl;
	if (vector == VECTOR_PF && cpl)
		event.error_code |= PF_U;
	stage.error_open = true; /* error codes: gate-faults.c */
	seconds[second].raise(&idt[vector]);
	stage_run(first->snippet, cpl, STAGE_RFLAGS | first->rflags, argument);
	stage_expect_only(EXPECTATION_("events"), &event, 0);
	set_gate_default(vector, GATE_INTERRUPT, 0);
	window_tss_default();
}

static void matrix(unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(firsts); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(seconds); j++)
			CASE("first=%s,second=%s", firsts[i].name, seconds[j].name)
				meet(&firsts[i], j, cpl);
}

TEST(double_fault_at_cpl0, "two events that meet are serial or a double fault by class, at CPL 0",
     LAW("SDM vol. 3A, 6.15, #DF, table 6-5; APM vol. 2, 8.2.9"), CASES(PAIRS))
{
	matrix(0);
}

TEST(double_fault_at_cpl3, "two events that meet are serial or a double fault by class, at CPL 3",
     LAW("SDM vol. 3A, 6.15, #DF, table 6-5; APM vol. 2, 8.2.9"), CASES(PAIRS))
{
	matrix(3);
}
