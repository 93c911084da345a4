// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frames that the event model predicts, against what SDM vol. 3A, 6.12 to 6.14
 * and the steps of delivery in vol. 2A, INT n, say.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/event_world.h"

static const struct event undefined = { .kind = EVENT_FAULT, .vector = VECTOR_UD };
static const struct event protection = { .kind = EVENT_FAULT, .vector = VECTOR_GP,
					 .error_code = 0x5678 };

#define KEPT (RFLAGS_AC)

START_TEST(fault_at_cpl0)
{
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	f = event_world_deliver(&w, undefined);
	ck_assert(!f.shutdown && !f.undefined && !f.has_error_code);
	ck_assert_uint_eq(f.vector, VECTOR_UD);
	ck_assert_uint_eq(f.rip, 0x401000);
	ck_assert_uint_eq(f.cs, WORLD_CODE);
	ck_assert_uint_eq(f.rflags, w.cpu.rflags | RFLAGS_RF);
	ck_assert_uint_eq(f.rsp, 0xffff92000000abcd);
	ck_assert_uint_eq(f.ss, WORLD_DATA);
	ck_assert_uint_eq(f.entry, 0xffff92000000abc0 - 40);
	ck_assert_uint_eq(f.handler, WORLD_HANDLER(VECTOR_UD));
	ck_assert_uint_eq(f.handler_cs, WORLD_CODE);
	ck_assert_uint_eq(f.handler_ss, WORLD_DATA);
	ck_assert(!f.handler_ss_open);
	ck_assert_uint_eq(f.handler_rflags, KEPT);
	ck_assert_uint_eq(w.stray_reads, 0);
}
END_TEST

START_TEST(fault_at_cpl3)
{
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 3);
	f = event_world_deliver(&w, protection);
	ck_assert(f.has_error_code);
	ck_assert_uint_eq(f.error_code, 0x5678);
	ck_assert_uint_eq(f.cs, WORLD_USER_CODE | 3);
	ck_assert_uint_eq(f.ss, 0x2b);
	ck_assert_uint_eq(f.rsp, 0x7fff12345678);
	ck_assert_uint_eq(f.entry, (WORLD_RSP0 & ~15ull) - 48);
	ck_assert_uint_eq(f.handler_cs, WORLD_CODE);
	ck_assert_uint_eq(f.handler_ss, 0);
}
END_TEST

/* 6.14.2: RSP is aligned to 16 bytes before anything is pushed. */
START_TEST(alignment)
{
	struct event_world w;

	event_world_init(&w, 0);
	w.cpu.rsp = 0xffff920000001000 + (u64)_i;
	ck_assert_uint_eq(event_world_deliver(&w, undefined).entry, 0xffff920000001000 - 40);
	ck_assert_uint_eq(event_world_deliver(&w, protection).entry, 0xffff920000001000 - 48);
}
END_TEST

/* 6.14.4, 6.14.5: which stack, by IST, CPL and the code segment's DPL. */
static const struct {
	unsigned int cpl, ist, selector;
	u64 stack; /* 0: the interrupted one */
	bool ss_open;
} stacks[] = {
	{ 0, 0, WORLD_CODE, 0, false },
	{ 0, 1, WORLD_CODE, WORLD_IST(1), true },
	{ 0, 7, WORLD_CODE, WORLD_IST(7), true },
	{ 3, 0, WORLD_CODE, WORLD_RSP0 & ~15ull, false },
	{ 3, 1, WORLD_CODE, WORLD_IST(1), false },
	{ 3, 7, WORLD_CODE, WORLD_IST(7), false },
	{ 3, 0, WORLD_CONFORMING, 0, false },
	{ 3, 4, WORLD_CONFORMING, WORLD_IST(4), true },
	{ 3, 0, WORLD_USER_CODE, 0, false },
};

START_TEST(stack)
{
	struct event_world w;
	struct event_frame f;
	u64 top;

	event_world_init(&w, stacks[_i].cpl);
	top = stacks[_i].stack ? stacks[_i].stack : w.cpu.rsp & ~15ull;
	event_world_gate(&w, VECTOR_UD, WORLD_HANDLER(6), stacks[_i].selector, 0x8e,
			 stacks[_i].ist);
	f = event_world_deliver(&w, undefined);
	ck_assert_uint_eq(f.vector, VECTOR_UD);
	ck_assert_uint_eq(f.entry, top - 40);
	ck_assert_int_eq(f.handler_ss_open, stacks[_i].ss_open);
}
END_TEST

/* 6.12.1.3: an interrupt gate clears IF, a trap gate leaves it; TF, NT and RF go by both. */
START_TEST(gate_types)
{
	struct event_world w;

	event_world_init(&w, 0);
	event_world_gate(&w, VECTOR_UD, WORLD_HANDLER(6), WORLD_CODE, 0x8e, 0);
	ck_assert_uint_eq(event_world_deliver(&w, undefined).handler_rflags, KEPT);
	event_world_gate(&w, VECTOR_UD, WORLD_HANDLER(6), WORLD_CODE, 0x8f, 0);
	ck_assert_uint_eq(event_world_deliver(&w, undefined).handler_rflags, KEPT | RFLAGS_IF);
}
END_TEST

/* What each origin pushes for RIP and RF, with RF = 0 and RF = 1 before. */
START_TEST(return_address)
{
	enum event_kind kind = (enum event_kind)_i;
	unsigned int vector = kind == EVENT_ABORT ? VECTOR_MC : VECTOR_DB;
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	for (unsigned int rf = 0; rf < 2; rf++) {
		w.cpu.rflags = RFLAGS_FIXED | (rf ? RFLAGS_RF : 0);
		f = event_world_deliver(&w, (struct event){ .kind = kind, .vector = vector });
		ck_assert_uint_eq(f.rip, event_rule[kind].pushes_next ? 0x401003 : 0x401000);
		ck_assert_int_eq(!!(f.rflags & RFLAGS_RF), event_rule[kind].sets_rf || rf);
	}
}
END_TEST

START_TEST(page_fault_tells_cr2)
{
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	f = event_world_deliver(&w, (struct event){ .kind = EVENT_FAULT, .vector = VECTOR_PF,
						    .error_code = PF_W, .cr2 = 0xabcdef });
	ck_assert_uint_eq(f.cr2_first, 0xabcdef);
	ck_assert_uint_eq(f.cr2_last, 0xabcdef);
	ck_assert_uint_eq(f.error_code, PF_W);
}
END_TEST

START_TEST(double_fault_is_undefined)
{
	struct event_world w;
	struct event_frame f;

	event_world_init(&w, 0);
	f = event_world_deliver(&w, (struct event){ .kind = EVENT_ABORT, .vector = VECTOR_DF });
	ck_assert(f.undefined && f.has_error_code);
	ck_assert_uint_eq(f.error_code, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event frames");
	TCase *tc = tcase_create("event frames");

	tcase_add_test(tc, fault_at_cpl0);
	tcase_add_test(tc, fault_at_cpl3);
	tcase_add_loop_test(tc, alignment, 0, 16);
	tcase_add_loop_test(tc, stack, 0, ARRAY_SIZE(stacks));
	tcase_add_test(tc, gate_types);
	tcase_add_loop_test(tc, return_address, 0, EVENT_KIND_COUNT);
	tcase_add_test(tc, page_fault_tells_cr2);
	tcase_add_test(tc, double_fault_is_undefined);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
