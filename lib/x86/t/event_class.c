// SPDX-License-Identifier: GPL-2.0-only
/* What the event model knows of events by themselves, against SDM vol. 3A, chapter 6. */
#include "lib/t/tap.h"
#include "lib/x86/event.h"

static struct event exception(unsigned int vector)
{
	return (struct event){ .kind = EVENT_FAULT, .vector = vector };
}

/* Table 6-1, the column "Error Code", and table 6-4. */
static const struct {
	unsigned int vector;
	bool error_code;
	enum event_class class;
} vectors[] = {
	{ 0, false, EVENT_CONTRIBUTORY },  { 1, false, EVENT_BENIGN },
	{ 2, false, EVENT_BENIGN },	   { 3, false, EVENT_BENIGN },
	{ 4, false, EVENT_BENIGN },	   { 5, false, EVENT_BENIGN },
	{ 6, false, EVENT_BENIGN },	   { 7, false, EVENT_BENIGN },
	{ 8, true, EVENT_BENIGN },	   { 9, false, EVENT_BENIGN },
	{ 10, true, EVENT_CONTRIBUTORY },  { 11, true, EVENT_CONTRIBUTORY },
	{ 12, true, EVENT_CONTRIBUTORY },  { 13, true, EVENT_CONTRIBUTORY },
	{ 14, true, EVENT_PAGE_FAULT },	   { 16, false, EVENT_BENIGN },
	{ 17, true, EVENT_BENIGN },	   { 18, false, EVENT_BENIGN },
	{ 19, false, EVENT_BENIGN },	   { 20, false, EVENT_PAGE_FAULT },
	{ 21, true, EVENT_CONTRIBUTORY },
};

START_TEST(exceptions_by_vector)
{
	struct event e = exception(vectors[_i].vector);

	ck_assert_int_eq(event_has_error_code(&e), vectors[_i].error_code);
	ck_assert_int_eq(event_class(&e), vectors[_i].class);
}
END_TEST

/* "INT n" and "INTR" of table 6-4: benign, and without an error code, whatever the vector. */
START_TEST(interrupts_are_benign)
{
	static const enum event_kind kinds[] = { EVENT_INT_N, EVENT_INT3, EVENT_INTO, EVENT_ICEBP,
						 EVENT_INTERRUPT, EVENT_NMI };

	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct event e = { .kind = kinds[k], .vector = (unsigned int)_i };

		ck_assert_int_eq(event_class(&e), EVENT_BENIGN);
		ck_assert(!event_has_error_code(&e));
	}
}
END_TEST

/* Table 6-5, and its last row: a first event of #DF. */
static const struct {
	unsigned int first, second;
	enum event_meeting meeting;
} meetings[] = {
	{ 6, 6, EVENT_SERIAL },
	{ 6, 13, EVENT_SERIAL },
	{ 6, 14, EVENT_SERIAL },
	{ 13, 6, EVENT_SERIAL },
	{ 13, 13, EVENT_DOUBLE_FAULT },
	{ 13, 14, EVENT_SERIAL },
	{ 14, 6, EVENT_SERIAL },
	{ 14, 13, EVENT_DOUBLE_FAULT },
	{ 14, 14, EVENT_DOUBLE_FAULT },
	{ 8, 6, EVENT_SERIAL },
	{ 8, 13, EVENT_SHUTDOWN },
	{ 8, 14, EVENT_SHUTDOWN },
	{ 0, 10, EVENT_DOUBLE_FAULT },
	{ 10, 11, EVENT_DOUBLE_FAULT },
	{ 11, 12, EVENT_DOUBLE_FAULT },
	{ 12, 0, EVENT_DOUBLE_FAULT },
	{ 14, 0, EVENT_DOUBLE_FAULT },
	{ 17, 14, EVENT_SERIAL },
};

START_TEST(two_that_meet)
{
	struct event first = exception(meetings[_i].first), second = exception(meetings[_i].second);

	ck_assert_int_eq(event_meet(&first, &second), meetings[_i].meeting);
}
END_TEST

/* A software interrupt of a contributory exception's vector is benign. */
START_TEST(software_never_doubles)
{
	struct event first = { .kind = EVENT_INT_N, .vector = (unsigned int)_i };
	struct event second = exception(VECTOR_GP);

	ck_assert_int_eq(event_meet(&first, &second), EVENT_SERIAL);
}
END_TEST

/* Table 6-2, from the highest priority to the lowest. */
static const struct {
	struct event event;
	unsigned int priority;
} priorities[] = {
	{ { EVENT_ABORT, VECTOR_MC, 0, 0 }, 1 },
	{ { EVENT_TRAP, VECTOR_DB, 0, 0 }, 4 },
	{ { EVENT_INT3, VECTOR_BP, 0, 0 }, 4 },
	{ { EVENT_NMI, VECTOR_NMI, 0, 0 }, 5 },
	{ { EVENT_INTERRUPT, 0x30, 0, 0 }, 6 },
	{ { EVENT_CODE_BREAKPOINT, VECTOR_DB, 0, 0 }, 7 },
	{ { EVENT_FAULT, VECTOR_PF, PF_I, 0 }, 8 },
	{ { EVENT_FAULT, VECTOR_UD, 0, 0 }, 9 },
	{ { EVENT_FAULT, VECTOR_NM, 0, 0 }, 9 },
	{ { EVENT_FAULT, VECTOR_TS, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_NP, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_SS, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_GP, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_PF, PF_W, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_MF, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_AC, 0, 0 }, 10 },
	{ { EVENT_FAULT, VECTOR_XM, 0, 0 }, 10 },
};

START_TEST(priority)
{
	ck_assert_uint_eq(event_priority(&priorities[_i].event), priorities[_i].priority);
}
END_TEST

/* 6.12.1.2, 6.13, vol. 3B 17.3.1.1: return address, RF, DPL and EXT by origin. */
static const struct {
	enum event_kind kind;
	bool next, rf, software, exception;
} origins[] = {
	{ EVENT_FAULT, false, true, false, true },
	{ EVENT_CODE_BREAKPOINT, false, false, false, true },
	{ EVENT_TRAP, true, false, false, true },
	{ EVENT_ABORT, false, false, false, true },
	{ EVENT_INT_N, true, false, true, false },
	{ EVENT_INT3, true, false, true, false },
	{ EVENT_INTO, true, false, true, false },
	{ EVENT_ICEBP, true, false, false, false },
	{ EVENT_INTERRUPT, true, false, false, false },
	{ EVENT_NMI, true, false, false, false },
};

START_TEST(origin)
{
	const struct event_rule *rule = &event_rule[origins[_i].kind];

	ck_assert_int_eq(rule->pushes_next, origins[_i].next);
	ck_assert_int_eq(rule->sets_rf, origins[_i].rf);
	ck_assert_int_eq(rule->software, origins[_i].software);
	ck_assert_int_eq(rule->exception, origins[_i].exception);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event classes");
	TCase *tc = tcase_create("event classes");

	tcase_add_loop_test(tc, exceptions_by_vector, 0, ARRAY_SIZE(vectors));
	tcase_add_loop_test(tc, interrupts_are_benign, 0, 256);
	tcase_add_loop_test(tc, two_that_meet, 0, ARRAY_SIZE(meetings));
	tcase_add_loop_test(tc, software_never_doubles, 0, 32);
	tcase_add_loop_test(tc, priority, 0, ARRAY_SIZE(priorities));
	tcase_add_loop_test(tc, origin, 0, EVENT_KIND_COUNT);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
