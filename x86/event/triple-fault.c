// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fault in the delivery of #DF is a shutdown and nothing else (SDM vol. 3A,
 * Interrupt and Exception Handling, #DF; APM vol. 2, #DF): no handler runs, and
 * the machine is gone.  Each defect of #DF's delivery meets a double fault; its
 * neighbours are the same defect with a first event that ends in no #DF, and a
 * #DF without a defect.  One privilege level a test.
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(load, "", "mov (%rdi), %rax", "");

#define UNMAPPED 0x411000000000ull

/* The first event, whose gate is not present: #NP comes behind it. */
static const struct first {
	const char *name;
	const struct snippet *snippet;
	u64 argument;
	struct event event;
} firsts[] = {
	{ "ud", &undefined, 0, { EVENT_FAULT, VECTOR_UD, 0, 0 } },
	{ "gp", &load, NON_CANONICAL, { EVENT_FAULT, VECTOR_GP, 0, 0 } },
	{ "pf", &load, UNMAPPED, { EVENT_FAULT, VECTOR_PF, 0, UNMAPPED } },
};

/* --- what is wrong with the way to #DF's handler --- */

static void no_defect(struct idt_gate *gate)
{
	(void)gate;
}

static void not_present(struct idt_gate *gate)
{
	gate->type &= 0x7f;
}

static void of_type_0(struct idt_gate *gate)
{
	gate->type = 0x80;
}

static void null_selector(struct idt_gate *gate)
{
	gate->selector = 0;
}

static void selector_beyond_gdt(struct idt_gate *gate)
{
	gate->selector = SELECTOR_LIMIT + 1;
}

static void data_segment(struct idt_gate *gate)
{
	gate->selector = SELECTOR_DATA;
}

static void absent_segment(struct idt_gate *gate)
{
	gdt[SELECTOR_SPARE / 8] = gdt[SELECTOR_CODE64 / 8] & ~BIT(47);
	gate->selector = SELECTOR_SPARE;
}

static void stack_not_canonical(struct idt_gate *gate)
{
	gate->ist = 7;
	tss.ist[6] = NON_CANONICAL;
}

static void tss_too_short(struct idt_gate *gate)
{
	gate->ist = 7;
	window_tss(window_page(0), 28 + 8 * 7);
}

static void stack_absent(struct idt_gate *gate)
{
	gate->ist = 7;
	tss.ist[6] = (u64)window_page(3);
	window_set(2, WINDOW_NONE);
}

static void stack_read_only(struct idt_gate *gate)
{
	gate->ist = 7;
	tss.ist[6] = (u64)window_page(3);
	window_set(2, WINDOW_READ);
}

static void limit_idt(u16 limit)
{
	load_idt(idt, limit);
	stage.cpu.idt_limit = limit;
}

static void idt_empty(struct idt_gate *gate)
{
	(void)gate;
	limit_idt(0);
}

/* A byte is missing; what needs a gate behind it meets a #GP and so comes to #DF too. */
static void idt_too_short(struct idt_gate *gate)
{
	(void)gate;
	limit_idt(16 * VECTOR_DF + 14);
}

/* The gates up to that of #DF in one page, the rest in the next. */
static void gate_absent(struct idt_gate *gate)
{
	(void)gate;
	window_idt(window_page(3) - 16 * (VECTOR_DF + 1), 0xfff);
	window_set(2, WINDOW_NONE);
}

/* IST7 in the page that goes away, RSP0 before it. */
static void tss_absent(struct idt_gate *gate)
{
	gate->ist = 7;
	window_tss(window_page(3) - 60, 103);
	window_set(3, WINDOW_NONE);
}

static const struct {
	const char *name;
	void (*make)(struct idt_gate *gate);
} defects[] = {
	{ "none", no_defect },
	{ "gate-not-present", not_present },
	{ "gate-of-type-0", of_type_0 },
	{ "gate-absent", gate_absent },
	{ "idt-empty", idt_empty },
	{ "idt-too-short", idt_too_short },
	{ "selector-null", null_selector },
	{ "selector-beyond-gdt", selector_beyond_gdt },
	{ "segment-of-data", data_segment },
	{ "segment-not-present", absent_segment },
	{ "tss-too-short", tss_too_short },
	{ "tss-absent", tss_absent },
	{ "stack-not-canonical", stack_not_canonical },
	{ "stack-absent", stack_absent },
	{ "stack-read-only", stack_read_only },
};

/* The guest is still here: say what came instead, and make the machine whole again. */
static void survived(void)
{
	char got[96];
	struct text t = text_into(got, sizeof(got));

	for (unsigned int i = 0; i < MIN(stage.count, (unsigned int)SEEN_MAX); i++)
		text_add(&t, "%s%s", i ? ", " : "", vector_name(stage.seen[i].vector));
	load_idt(idt, 0xfff);
	expect_failed(EXPECTATION_("events"), "shutdown", stage.count ? got : "none");
	sync(RESET);
}

static void meet(const struct first *first, unsigned int defect, unsigned int cpl)
{
	struct event event = first->event;

	if (case_was_run())
		return;
	if (event.vector == VECTOR_PF && cpl)
		event.error_code |= PF_U;
	stage_open();
	window_open();
	stage.error_open = true; /* error codes: gate-faults.c */
	idt[event.vector].type &= 0x7f;
	defects[defect].make(&idt[VECTOR_DF]);
	if (!stage_shuts_down(first->snippet, cpl, STAGE_RFLAGS, &event)) {
		stage_run(first->snippet, cpl, STAGE_RFLAGS, first->argument);
		stage_expect_only(EXPECTATION_("events"), &event, 0);
		sync(RESET);
	}
	sync(EXPECT_SHUTDOWN);
	stage_run(first->snippet, cpl, STAGE_RFLAGS, first->argument);
	survived();
}

/* Does the table say that this is a double fault, and that it finds no handler? */
static bool ends(unsigned int first, unsigned int defect)
{
	bool no_gate = defects[defect].make == idt_empty || defects[defect].make == idt_too_short;

	return defects[defect].make != no_defect && (firsts[first].event.vector != VECTOR_UD || no_gate);
}
enum {
	ALL = ARRAY_SIZE(firsts) * ARRAY_SIZE(defects),
	ENDS = 2 * (ARRAY_SIZE(defects) - 1) + 2,
};

static void matrix(unsigned int cpl, bool shutdown)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(firsts); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(defects); j++)
			if (ends(i, j) == shutdown)
				CASE("first=%s,defect=%s", firsts[i].name, defects[j].name)
					meet(&firsts[i], j, cpl);
}

#define WHERE LAW("SDM vol. 3A, Interrupt and Exception Handling, #DF; APM vol. 2, #DF")

TEST(triple_fault_at_cpl0, "a fault in the delivery of #DF is a shutdown and nothing else, CPL 0",
     WHERE, ACTIONS(EXPECT_SHUTDOWN | RESET), CASES(ENDS))
{
	matrix(0, true);
}

TEST(triple_fault_at_cpl3, "a fault in the delivery of #DF is a shutdown and nothing else, CPL 3",
     WHERE, ACTIONS(EXPECT_SHUTDOWN | RESET), CASES(ENDS))
{
	matrix(3, true);
}

TEST(no_triple_fault_at_cpl0, "what is wrong with #DF's handler matters to #DF alone, at CPL 0",
     WHERE, ACTIONS(EXPECT_SHUTDOWN | RESET), CASES(ALL - ENDS))
{
	matrix(0, false);
}

TEST(no_triple_fault_at_cpl3, "what is wrong with #DF's handler matters to #DF alone, at CPL 3",
     WHERE, ACTIONS(EXPECT_SHUTDOWN | RESET), CASES(ALL - ENDS))
{
	matrix(3, false);
}
