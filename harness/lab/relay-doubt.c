// SPDX-License-Identifier: GPL-2.0-only
/* What a lab may have done to a test's end: it is asked again before anybody is blamed. */
#include "harness/lab/relay.h"

#include <string.h>

/*
 * What the lab itself may have done is infrastructure so many times in a row of one test,
 * and then the subject's.
 */
static bool doubt(struct relay *r, json_int_t test, unsigned int times)
{
	if (r->doubted != test) {
		r->doubted = test;
		r->doubts = 0;
	}
	if (r->doubts++ < times)
		return true;
	r->doubted = 0;
	return false;
}

/* A stall may come from a machine that was busy elsewhere. */
bool relay_doubts_stall(struct relay *r, json_int_t test, const struct console_scan *scan)
{
	return scan->worst == REPORT_STALL && doubt(r, test, 1);
}

/*
 * TCG's VMRUN does not load the interrupt shadow, so that an exit between STI and the next
 * instruction lets the interrupt come too early, now and then: a HLT then waits for ever, and
 * a test that looks at the boundary fails.
 */
bool relay_doubts_shadow(struct relay *r, json_int_t test, const json_t *verdict)
{
	const char *said = json_string_value(json_object_get(verdict, "verdict"));
	const char *why = json_string_value(json_object_get(verdict, "reason"));
	bool lost = false;

	if (r->lab->machine->loses_shadow && said && why)
		lost = !strcmp(said, "timeout") ? strstr(why, "halted behind STI") != NULL
						: !strcmp(said, "fail") &&
							  json_object_get(verdict, "needs_shadow");
	if (lost)
		return doubt(r, test, 2);
	/* In a row, that is: its next run begins anew. */
	r->doubted = 0;
	return false;
}
