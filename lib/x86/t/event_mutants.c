// SPDX-License-Identifier: GPL-2.0-only
/*
 * Would the comparison of frames notice?  Each mutant is a CPU with one mistake,
 * made from the model by changing what it sees or what it says.  In at least one
 * of the situations that the payload's tables play it must differ, in a field
 * that the payload compares, or a real subject with that mistake would pass.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/event_world.h"

/* What is delivered. */
static const struct event events[] = {
	{ EVENT_FAULT, VECTOR_UD, 0, 0 },
	{ EVENT_FAULT, VECTOR_DE, 0, 0 },
	{ EVENT_FAULT, VECTOR_GP, 0x58, 0 },
	{ EVENT_FAULT, VECTOR_PF, PF_W, 0x41100000 },
	{ EVENT_TRAP, VECTOR_DB, 0, 0 },
	{ EVENT_CODE_BREAKPOINT, VECTOR_DB, 0, 0 },
	{ EVENT_INT_N, 0x40, 0, 0 },
	{ EVENT_INT_N, VECTOR_GP, 0, 0 },
	{ EVENT_INT3, VECTOR_BP, 0, 0 },
	{ EVENT_ICEBP, VECTOR_DB, 0, 0 },
	{ EVENT_INTERRUPT, 0x60, 0, 0 },
	{ EVENT_INTERRUPT, VECTOR_AC, 0, 0 },
	{ EVENT_NMI, VECTOR_NMI, 0, 0 },
};

/* Through which gate, and with which page away. */
static const struct gate {
	unsigned int type, ist, selector;
	struct event_hole hole;
} gates[] = {
	{ 0xee, 0, WORLD_CODE, { 0, 0, false } },
	{ 0xef, 0, WORLD_CODE, { 0, 0, false } },
	{ 0x8e, 0, WORLD_CODE, { 0, 0, false } },
	{ 0xee, 5, WORLD_CODE, { 0, 0, false } },
	{ 0x6e, 0, WORLD_CODE, { 0, 0, false } },
	{ 0xe5, 0, WORLD_CODE, { 0, 0, false } },
	{ 0xee, 0, WORLD_DATA, { 0, 0, false } },
	{ 0xee, 0, WORLD_ABSENT_CODE, { 0, 0, false } },
	{ 0xee, 5, WORLD_CODE, { WORLD_IST(5) - 0x1000, 0x1000, false } },
	{ 0xee, 5, WORLD_CODE, { WORLD_IST(5) - 0x1000, 0x1000, true } },
	{ 0xee, 6, WORLD_CODE, { WORLD_TSS + 76, 8, false } },
};

struct subject {
	struct event_world world;
	struct event event;
	u64 gate; /* where the event's own lies */
	struct event_frame frame;
};

struct mutant {
	const char *name;
	void (*before)(struct subject *s);
	void (*after)(struct subject *s);
};

#define MISTAKE(name, statement)                                                                   \
	static void name(struct subject *s)                                                        \
	{                                                                                          \
		struct event_frame *f = &s->frame;                                                 \
		struct event_cpu *cpu = &s->world.cpu;                                             \
		const struct event_rule *rule = &event_rule[s->event.kind];                        \
		bool first = f->vector == s->event.vector;                                         \
		(void)f, (void)cpu, (void)rule, (void)first;                                       \
		statement;                                                                         \
	}
#define GATE_AND(mask) event_world_write(&s->world, s->gate,                                       \
					 event_world_read(&s->world, s->gate) & (mask))
#define GATE_OR(bits) event_world_write(&s->world, s->gate,                                        \
					event_world_read(&s->world, s->gate) | (bits))

/* What it pushes */
MISTAKE(fault_pushes_next, if (!rule->pushes_next) f->rip = cpu->next)
MISTAKE(trap_pushes_itself, if (s->event.kind == EVENT_TRAP) f->rip = cpu->rip)
MISTAKE(int_n_pushes_itself, if (s->event.kind == EVENT_INT_N) f->rip = cpu->rip)
MISTAKE(interrupt_pushes_last, if (s->event.kind == EVENT_INTERRUPT) f->rip = cpu->rip)
MISTAKE(second_pushes_next, if (!first) f->rip = cpu->next)
MISTAKE(fault_without_rf, if (rule->sets_rf) f->rflags &= ~(u64)RFLAGS_RF)
MISTAKE(trap_with_rf, if (!rule->sets_rf) f->rflags |= RFLAGS_RF)
MISTAKE(breakpoint_with_rf, if (s->event.kind == EVENT_CODE_BREAKPOINT) f->rflags |= RFLAGS_RF)
MISTAKE(pushes_cleared_if, f->rflags &= ~(u64)RFLAGS_IF)
MISTAKE(pushes_cleared_tf, f->rflags &= ~(u64)RFLAGS_TF)
MISTAKE(pushes_no_nt, f->rflags &= ~(u64)RFLAGS_NT)
MISTAKE(pushes_no_df, f->rflags &= ~(u64)RFLAGS_DF)
MISTAKE(pushes_new_rsp, f->rsp = f->entry)
MISTAKE(pushes_aligned_rsp, f->rsp &= ~15ull)
MISTAKE(pushes_cs_without_rpl, f->cs &= ~3ull)
MISTAKE(pushes_new_ss, f->ss = f->handler_ss)

/* Error codes */
MISTAKE(int_n_with_error, if (s->event.vector == VECTOR_GP) f->has_error_code = true)
MISTAKE(interrupt_with_error, if (s->event.vector == VECTOR_AC) f->has_error_code = true)
MISTAKE(fault_without_error, f->has_error_code = false)
MISTAKE(no_ext, if (!first) f->error_code &= ~(u32)ERROR_EXT)
MISTAKE(ext_for_software, if (!first && rule->software) f->error_code |= ERROR_EXT)
MISTAKE(no_idt, if (!first && f->vector != VECTOR_PF) f->error_code &= ~(u32)ERROR_IDT)
MISTAKE(vector_times_16, if (f->error_code & ERROR_IDT && !first)
	f->error_code += s->event.vector << 3)
MISTAKE(error_of_the_first, if (!first) f->error_code = s->event.error_code)
MISTAKE(delivery_as_user, if (!first && f->vector == VECTOR_PF && cpu->cpl) f->error_code |= PF_U)
MISTAKE(push_as_read, if (!first && f->vector == VECTOR_PF) f->error_code &= ~(u32)PF_W)
MISTAKE(no_p_for_read_only, if (!first && f->vector == VECTOR_PF) f->error_code &= ~(u32)PF_P)
MISTAKE(cr2_of_the_first, if (!first && f->vector == VECTOR_PF)
	f->cr2_first = f->cr2_last = s->event.cr2)
MISTAKE(cr2_at_the_page, if (f->vector == VECTOR_PF) f->cr2_first = f->cr2_last &= ~0xfffull)

/* Stacks */
MISTAKE(no_alignment, if (f->entry) f->entry += cpu->rsp & 8)
MISTAKE(one_word_less, f->entry += 8)
MISTAKE(ist_ignored, GATE_AND(~(7ull << 32)))
MISTAKE(ist_off_by_one, if (event_world_read(&s->world, s->gate) >> 32 & 7) cpu->tss += 8)
MISTAKE(always_rsp0, if (!cpu->cpl) GATE_OR(1ull << 32))
MISTAKE(never_switches, f->entry = (cpu->rsp & ~15ull) - (f->has_error_code ? 48 : 40))
MISTAKE(ss_kept, f->handler_ss = cpu->ss)

/* Flags of the handler */
MISTAKE(interrupt_gate_keeps_if, f->handler_rflags |= cpu->rflags & RFLAGS_IF)
MISTAKE(trap_gate_clears_if, f->handler_rflags &= ~(u64)RFLAGS_IF)
MISTAKE(keeps_tf, f->handler_rflags |= cpu->rflags & RFLAGS_TF)
MISTAKE(keeps_nt, f->handler_rflags |= cpu->rflags & RFLAGS_NT)
MISTAKE(clears_ac, f->handler_rflags &= ~(u64)RFLAGS_AC)

/* Checks */
MISTAKE(no_dpl_check, GATE_OR(3ull << 45))
MISTAKE(dpl_check_for_all, if (!rule->software && cpu->cpl &&
	!(event_world_read(&s->world, s->gate) >> 45 & 3)) f->vector = VECTOR_GP)
MISTAKE(no_present_check, GATE_OR(BIT(47)))
MISTAKE(no_type_check, GATE_OR(BITS(43, 41)))
MISTAKE(no_segment_check, GATE_AND(~BITS(31, 16)); GATE_OR((u64)WORLD_CODE << 16))
MISTAKE(no_page_check, cpu->holes = 0)
MISTAKE(read_only_is_written, if (s->world.hole.read_only) cpu->holes = 0)

/* Events that meet */
MISTAKE(always_double, if (!first) f->vector = VECTOR_DF)
MISTAKE(never_double, if (f->vector == VECTOR_DF) f->vector = s->event.vector)
MISTAKE(software_contributes, if (s->event.kind == EVENT_INT_N && s->event.vector == VECTOR_GP &&
	!first) f->vector = VECTOR_DF)
MISTAKE(double_with_error, if (f->vector == VECTOR_DF) f->error_code = 2)

#define BEFORE(name) { #name, name, NULL }
#define AFTER(name) { #name, NULL, name }
static const struct mutant mutants[] = {
	AFTER(fault_pushes_next), AFTER(trap_pushes_itself), AFTER(int_n_pushes_itself),
	AFTER(interrupt_pushes_last), AFTER(second_pushes_next), AFTER(fault_without_rf),
	AFTER(trap_with_rf), AFTER(breakpoint_with_rf), AFTER(pushes_cleared_if),
	AFTER(pushes_cleared_tf), AFTER(pushes_no_nt), AFTER(pushes_no_df), AFTER(pushes_new_rsp),
	AFTER(pushes_aligned_rsp), AFTER(pushes_cs_without_rpl), AFTER(pushes_new_ss),
	AFTER(int_n_with_error), AFTER(interrupt_with_error), AFTER(fault_without_error),
	AFTER(no_ext), AFTER(ext_for_software), AFTER(no_idt), AFTER(vector_times_16),
	AFTER(error_of_the_first), AFTER(delivery_as_user), AFTER(push_as_read),
	AFTER(no_p_for_read_only), AFTER(cr2_of_the_first), AFTER(cr2_at_the_page),
	AFTER(no_alignment), AFTER(one_word_less), BEFORE(ist_ignored), BEFORE(ist_off_by_one),
	BEFORE(always_rsp0), AFTER(never_switches), AFTER(ss_kept), AFTER(interrupt_gate_keeps_if),
	AFTER(trap_gate_clears_if), AFTER(keeps_tf), AFTER(keeps_nt), AFTER(clears_ac),
	BEFORE(no_dpl_check), AFTER(dpl_check_for_all), BEFORE(no_present_check),
	BEFORE(no_type_check), BEFORE(no_segment_check), BEFORE(no_page_check),
	BEFORE(read_only_is_written), AFTER(always_double), AFTER(never_double),
	AFTER(software_contributes), AFTER(double_with_error),
};

/* As x86/event/expect.c compares, with RF as rf.c does. */
static bool notices(const struct event_frame *f, const struct event_frame *got)
{
	u64 known = ~f->rflags_open;

	if (f->vector != got->vector || f->entry != got->entry ||
	    f->has_error_code != got->has_error_code)
		return true;
	if (f->has_error_code && (f->error_code ^ got->error_code) & ~f->error_open)
		return true;
	if (f->undefined)
		return false;
	return f->rip != got->rip || f->cs != got->cs || (f->rflags ^ got->rflags) & known ||
	       f->rsp != got->rsp || f->ss != got->ss || f->handler_cs != got->handler_cs ||
	       (!f->handler_ss_open && f->handler_ss != got->handler_ss) ||
	       (f->handler_rflags ^ got->handler_rflags) & known ||
	       (f->vector == VECTOR_PF &&
		(got->cr2_first < f->cr2_first || got->cr2_first > f->cr2_last));
}

static void prepare(struct subject *s, const struct event *event, const struct gate *gate,
		    unsigned int cpl)
{
	memset(s, 0, sizeof(*s));
	event_world_init(&s->world, cpl);
	event_world_gate(&s->world, event->vector, WORLD_HANDLER(event->vector), gate->selector,
			 gate->type, gate->ist);
	s->world.hole = gate->hole;
	s->event = *event;
	s->gate = WORLD_IDT + 16 * event->vector;
}

static unsigned int notice(const struct mutant *m)
{
	unsigned int noticed = 0;

	for (unsigned int e = 0; e < ARRAY_SIZE(events); e++)
		for (unsigned int g = 0; g < 2 * ARRAY_SIZE(gates); g++) {
			struct subject s;
			struct event_frame f;

			prepare(&s, &events[e], &gates[g / 2], g & 1 ? 3 : 0);
			event_deliver(&s.world.cpu, &s.event, &f);
			if (m->before)
				m->before(&s);
			event_deliver(&s.world.cpu, &s.event, &s.frame);
			if (m->after)
				m->after(&s);
			noticed += notices(&f, &s.frame);
		}
	return noticed;
}

START_TEST(is_noticed)
{
	ck_assert_msg(notice(&mutants[_i]), "%s is never noticed", mutants[_i].name);
}
END_TEST

/* The model agrees with itself: no false alarm. */
START_TEST(model_is_silent)
{
	static const struct mutant none = { 0 };

	ck_assert_uint_eq(notice(&none), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event mutants");
	TCase *tc = tcase_create("event mutants");

	tcase_add_loop_test(tc, is_noticed, 0, ARRAY_SIZE(mutants));
	tcase_add_test(tc, model_is_silent);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
