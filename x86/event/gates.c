// SPDX-License-Identifier: GPL-2.0-only
/* One cause through every kind of gate of the IDT (SDM vol. 3A, 6.14.1). */
#include "x86/event/stage.h"

static const struct {
	const char *name;
	enum gate_type type;
	unsigned int ist;
} gates[STAGE_GATES] = {
	{ "interrupt", GATE_INTERRUPT, 0 },
	{ "trap", GATE_TRAP, 0 },
	{ "ist", GATE_INTERRUPT, 5 },
};

void stage_each_gate(const char *cause, const struct snippet *snippet, unsigned int cpl,
		     u64 rflags, u64 argument, const struct event *event)
{
	for (unsigned int i = 0; i < STAGE_GATES; i++)
		CASE("cause=%s,gate=%s", cause, gates[i].name)
		{
			stage_gate(event->vector, gates[i].type | GATE_DPL3, gates[i].ist,
				   event_has_error_code(event));
			stage_run(snippet, cpl, rflags, argument);
			stage_expect_only(EXPECTATION_("events"), event, 0);
		}
	stage_gate_default(event->vector);
}
