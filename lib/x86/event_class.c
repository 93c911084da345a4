// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the model of lib/x86/event.h knows of events by themselves: how they are
 * pushed, which of them meet to a double fault, which comes first.
 */
#include "lib/x86/event.h"

const struct event_rule event_rule[EVENT_KIND_COUNT] = {
	[EVENT_FAULT] = { .sets_rf = true, .exception = true },
	[EVENT_CODE_BREAKPOINT] = { .exception = true },
	[EVENT_TRAP] = { .pushes_next = true, .exception = true },
	[EVENT_ABORT] = { .exception = true },
	[EVENT_INT_N] = { .pushes_next = true, .software = true },
	[EVENT_INT3] = { .pushes_next = true, .software = true },
	[EVENT_INTO] = { .pushes_next = true, .software = true },
	/* INT1 counts as hardware: no DPL check (vol. 2A, INT n). */
	[EVENT_ICEBP] = { .pushes_next = true },
	[EVENT_INTERRUPT] = { .pushes_next = true },
	[EVENT_NMI] = { .pushes_next = true },
};

bool event_has_error_code(const struct event *event)
{
	return event_rule[event->kind].exception && event->vector < 32 &&
	       VECTORS_WITH_ERROR_CODE >> event->vector & 1;
}

enum event_class event_class(const struct event *event)
{
	if (!event_rule[event->kind].exception)
		return EVENT_BENIGN;
	switch (event->vector) {
	case VECTOR_DE:
	case VECTOR_TS:
	case VECTOR_NP:
	case VECTOR_SS:
	case VECTOR_GP:
	case VECTOR_CP:
		return EVENT_CONTRIBUTORY;
	case VECTOR_PF:
	case VECTOR_VE:
		return EVENT_PAGE_FAULT;
	}
	return EVENT_BENIGN;
}

enum event_meeting event_meet(const struct event *first, const struct event *second)
{
	enum event_class a = event_class(first), b = event_class(second);

	if (event_rule[first->kind].exception && first->vector == VECTOR_DF)
		return b == EVENT_BENIGN ? EVENT_SERIAL : EVENT_SHUTDOWN;
	if (a == EVENT_CONTRIBUTORY && b == EVENT_CONTRIBUTORY)
		return EVENT_DOUBLE_FAULT;
	if (a == EVENT_PAGE_FAULT && b != EVENT_BENIGN)
		return EVENT_DOUBLE_FAULT;
	return EVENT_SERIAL;
}

unsigned int event_priority(const struct event *event)
{
	switch (event->kind) {
	case EVENT_NMI:
		return 5;
	case EVENT_INTERRUPT:
		return 6;
	case EVENT_CODE_BREAKPOINT:
		return 7;
	case EVENT_ABORT:
		return 1;
	case EVENT_TRAP:
	case EVENT_ICEBP:
	case EVENT_INT_N:
	case EVENT_INT3:
	case EVENT_INTO:
		return 4;
	default:
		break;
	}
	if (event->vector == VECTOR_PF && event->error_code & PF_I)
		return 8;
	return event->vector == VECTOR_UD || event->vector == VECTOR_NM ? 9 : 10;
}
