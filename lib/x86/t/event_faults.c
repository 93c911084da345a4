// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery that faults, in the event model, against the steps of SDM vol. 2A, INT n,
 * and the error codes of vol. 3A, 6.13: by defects of gate, segment, TSS and stack,
 * and by pages that are not there.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/event_world.h"

/* One defect of the gate of vector 6 or of what it names; EXT is added by the origin. */
static const struct defect {
	const char *name;
	unsigned int selector, type, ist;
	u64 handler;
	enum vector second;
	u32 error;
	bool ext_open;
	unsigned int not_at; /* the CPL at which it is no defect: 4 for none */
} defects[] = {
	{ "not present", WORLD_CODE, 0x0e, 0, 1, VECTOR_NP, 6 << 3 | 2, false, 4 },
	{ "type 0", WORLD_CODE, 0x80, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "task gate", WORLD_CODE, 0x85, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "16-bit gate", WORLD_CODE, 0x86, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "call gate", WORLD_CODE, 0x8c, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "not system", WORLD_CODE, 0x9e, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "type before presence", WORLD_CODE, 0x05, 0, 1, VECTOR_GP, 6 << 3 | 2, false, 4 },
	{ "null", 0, 0x8e, 0, 1, VECTOR_GP, 0, true, 4 },
	{ "null with RPL", 3, 0x8e, 0, 1, VECTOR_GP, 0, true, 4 },
	{ "limit", 0x50, 0x8e, 0, 1, VECTOR_GP, 0x50, false, 4 },
	{ "LDT", WORLD_CODE | 4, 0x8e, 0, 1, VECTOR_GP, WORLD_CODE | 4, false, 4 },
	{ "data", WORLD_DATA, 0x8e, 0, 1, VECTOR_GP, WORLD_DATA, false, 4 },
	{ "TSS", WORLD_TSS_SELECTOR, 0x8e, 0, 1, VECTOR_GP, WORLD_TSS_SELECTOR, false, 4 },
	{ "32-bit code", WORLD_CODE32, 0x8e, 0, 1, VECTOR_GP, WORLD_CODE32, false, 4 },
	{ "L and D", WORLD_L_AND_D, 0x8e, 0, 1, VECTOR_GP, WORLD_L_AND_D, false, 4 },
	{ "user code", WORLD_USER_CODE | 3, 0x8e, 0, 1, VECTOR_GP, WORLD_USER_CODE, false, 3 },
	{ "absent code", WORLD_ABSENT_CODE, 0x8e, 0, 1, VECTOR_NP, WORLD_ABSENT_CODE, false, 4 },
	{ "handler", WORLD_CODE, 0x8e, 0, WORLD_NON_CANONICAL, VECTOR_GP, 0, true, 4 },
};

static void check_defect(const struct defect *d, unsigned int cpl, struct event event, bool ext)
{
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, cpl);
	/* Its DPL is 3, so that it is no defect for INT n. */
	event_world_gate(&w, 6, d->handler, d->selector, d->type | 0x60, d->ist);
	f = event_world_deliver(&w, event);
	ck_assert_msg(f.vector == d->second, "%s", d->name);
	ck_assert_uint_eq(f.error_code, d->error | ext);
	ck_assert_uint_eq(f.error_open, d->ext_open || event.kind == EVENT_ICEBP ? ERROR_EXT : 0);
	ck_assert_uint_eq(w.stray_reads, 0);
}

START_TEST(defect)
{
	const struct defect *d = &defects[_i];

	for (unsigned int cpl = 0; cpl <= 3; cpl += 3) {
		if (cpl == d->not_at)
			continue;
		check_defect(d, cpl, (struct event){ .kind = EVENT_FAULT, .vector = 6 }, true);
		check_defect(d, cpl, (struct event){ .kind = EVENT_INTERRUPT, .vector = 6 }, true);
		check_defect(d, cpl, (struct event){ .kind = EVENT_NMI, .vector = 6 }, true);
		check_defect(d, cpl, (struct event){ .kind = EVENT_ICEBP, .vector = 6 }, true);
		check_defect(d, cpl, (struct event){ .kind = EVENT_INT_N, .vector = 6 }, false);
		check_defect(d, cpl, (struct event){ .kind = EVENT_INT3, .vector = 6 }, false);
	}
}
END_TEST

/* 6.12.1.2: the gate's DPL is for software interrupts only; INT1 is none. */
START_TEST(gate_dpl)
{
	enum event_kind kind = (enum event_kind)_i;
	struct event event = { .kind = kind, .vector = 6 };
	struct event_world w;

	for (unsigned int cpl = 0; cpl <= 3; cpl++)
		for (unsigned int dpl = 0; dpl <= 3; dpl++) {
			bool refused = event_rule[kind].software && dpl < cpl;

			event_world_init(&w, cpl);
			event_world_gate(&w, 6, 1, WORLD_CODE, 0x8e | dpl << 5, 0);
			ck_assert_uint_eq(event_world_deliver(&w, event).vector,
					  refused ? VECTOR_GP : 6);
		}
}
END_TEST

START_TEST(idt_limit)
{
	struct event event = { .kind = EVENT_INT_N, .vector = 0x80 };
	struct event_world w;

	event_world_init(&w, 0);
	w.cpu.idt_limit = 0x80 * 16 + 15;
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, 0x80);
	w.cpu.idt_limit--;
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, VECTOR_GP);
	ck_assert_uint_eq(event_world_deliver(&w, event).error_code, 0x80 << 3 | 2);
}
END_TEST

START_TEST(tss_limit)
{
	struct event event = { .kind = EVENT_FAULT, .vector = 6 };
	unsigned int ist = (unsigned int)_i;
	struct event_world w;

	event_world_init(&w, 0);
	event_world_gate(&w, 6, 1, WORLD_CODE, 0x8e, ist);
	w.cpu.tss_limit = (u16)(28 + 8 * ist + 7);
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, 6);
	w.cpu.tss_limit--;
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, VECTOR_TS);
	ck_assert_uint_eq(event_world_deliver(&w, event).error_code, WORLD_TSS_SELECTOR | 1);
}
END_TEST

START_TEST(stack_not_canonical)
{
	struct event event = { .kind = EVENT_FAULT, .vector = 6 };
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	event_world_gate(&w, 12, WORLD_HANDLER(12), WORLD_CODE, 0x8e, 1);
	w.cpu.rsp = WORLD_NON_CANONICAL;
	f = event_world_deliver(&w, event);
	ck_assert_uint_eq(f.vector, VECTOR_SS);
	ck_assert_uint_eq(f.error_open, ERROR_EXT);
	ck_assert_uint_eq(f.rsp, WORLD_NON_CANONICAL);
	/* The frame would begin in the last canonical page and end outside. */
	w.cpu.rsp = 0xffff800000000010;
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, VECTOR_SS);
}
END_TEST

/* Pages that are away: which access is first, its error code, the range of CR2. */
static const struct {
	const char *name;
	u64 start, bytes;
	bool read_only;
	unsigned int cpl, ist;
	u32 error;
	u64 first, last;
} holes[] = {
	{ "gate", WORLD_IDT + 0x60, 1, false, 0, 0, 0, WORLD_IDT + 0x60, WORLD_IDT + 0x60 },
	{ "gate's end", WORLD_IDT + 0x6f, 1, false, 3, 0, 0, WORLD_IDT + 0x6f, WORLD_IDT + 0x6f },
	{ "gate's half", WORLD_IDT + 0x50, 0x18, false, 0, 0, 0, WORLD_IDT + 0x60,
	  WORLD_IDT + 0x67 },
	{ "IST 3", WORLD_TSS + 52, 8, false, 3, 3, 0, WORLD_TSS + 52, WORLD_TSS + 59 },
	{ "stack of IST 3", WORLD_IST(3) - 8, 8, false, 0, 3, PF_W, WORLD_IST(3) - 8,
	  WORLD_IST(3) - 1 },
	{ "all the frame", WORLD_IST(3) - 0x1000, 0x1000, false, 3, 3, PF_W, WORLD_IST(3) - 40,
	  WORLD_IST(3) - 1 },
	{ "read-only frame", WORLD_IST(3) - 0x1000, 0x1000, true, 3, 3, PF_W | PF_P,
	  WORLD_IST(3) - 40, WORLD_IST(3) - 1 },
};

START_TEST(hole)
{
	struct event event = { .kind = EVENT_FAULT, .vector = 6 };
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, holes[_i].cpl);
	event_world_gate(&w, 6, 1, WORLD_CODE, 0x8e, holes[_i].ist);
	w.hole = (struct event_hole){ holes[_i].start, holes[_i].bytes, holes[_i].read_only };
	f = event_world_deliver(&w, event);
	ck_assert_msg(f.vector == VECTOR_PF, "%s", holes[_i].name);
	ck_assert_uint_eq(f.error_code, holes[_i].error);
	ck_assert_uint_eq(f.error_open, 0);
	ck_assert_uint_eq(f.cr2_first, holes[_i].first);
	ck_assert_uint_eq(f.cr2_last, holes[_i].last);
	ck_assert_uint_eq(f.rip, w.cpu.rip);
}
END_TEST

/* A read-only page is no hole for tables, nor one beside what is read. */
START_TEST(no_hole)
{
	struct event event = { .kind = EVENT_FAULT, .vector = 6 };
	static const struct event_hole harmless[] = {
		{ WORLD_IDT, 0x1000, true }, { WORLD_IDT, 0x60, false },
		{ WORLD_IDT + 0x70, 0x100, false }, { WORLD_GDT, 8, false },
		{ WORLD_TSS, 0x1000, true },
	};
	struct event_world w;

	event_world_init(&w, 3);
	w.hole = harmless[_i];
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, 6);
}
END_TEST

/* Where the second event is reported: at INT n itself, but behind a trap's instruction. */
START_TEST(where)
{
	static const struct {
		enum event_kind kind;
		u64 rip;
	} rows[] = {
		{ EVENT_FAULT, 0x401000 }, { EVENT_INT_N, 0x401000 }, { EVENT_TRAP, 0x401003 },
		{ EVENT_INTERRUPT, 0x401003 }, { EVENT_ICEBP, 0x401003 },
	};
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	event_world_gate(&w, 6, 1, WORLD_CODE, 0x0e, 0);
	f = event_world_deliver(&w, (struct event){ .kind = rows[_i].kind, .vector = 6 });
	ck_assert_uint_eq(f.vector, VECTOR_NP);
	ck_assert_uint_eq(f.rip, rows[_i].rip);
}
END_TEST

/* #UD, its gate not present: #NP, its gate not present either: #DF, and so on. */
START_TEST(chain)
{
	struct event event = { .kind = EVENT_FAULT, .vector = 6 };
	struct event_world w;

	event_world_init(&w, 0);
	event_world_gate(&w, 6, 1, WORLD_CODE, 0x0e, 0);
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, VECTOR_NP);
	event_world_gate(&w, 11, 1, WORLD_CODE, 0x0e, 0);
	ck_assert_uint_eq(event_world_deliver(&w, event).vector, VECTOR_DF);
	ck_assert_uint_eq(event_world_deliver(&w, event).error_code, 0);
	event_world_gate(&w, 8, 1, WORLD_CODE, 0x0e, 0);
	ck_assert(event_world_deliver(&w, event).shutdown);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event faults");
	TCase *tc = tcase_create("event faults");

	tcase_add_loop_test(tc, defect, 0, ARRAY_SIZE(defects));
	tcase_add_loop_test(tc, gate_dpl, 0, EVENT_KIND_COUNT);
	tcase_add_test(tc, idt_limit);
	tcase_add_loop_test(tc, tss_limit, 1, 8);
	tcase_add_test(tc, stack_not_canonical);
	tcase_add_loop_test(tc, hole, 0, ARRAY_SIZE(holes));
	tcase_add_loop_test(tc, no_hole, 0, 5);
	tcase_add_loop_test(tc, where, 0, 5);
	tcase_add_test(tc, chain);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
