// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a machine that was saved work?  An emulator that went wrong once in its boot would
 * else be blamed on the kernel by every test from then on.
 */
#include "harness/lab/verify.h"

#include <stdio.h>
#include <string.h>

#include "harness/lab/relay.h"

/* The payload that exercises Assay itself, and its first test: two vCPUs start and stop. */
#define IMAGE LAB_IMAGES "self"
#define REQUEST "run deadline=10 test=1 index=0"

enum { SILENCE_SECONDS = 60 };

static bool is_verdict(const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	bool is = !strcmp(relay_event(json), "verdict");

	json_decref(json);
	return is;
}

/* Any verdict will do: what KVM makes of the test is not asked here. */
static bool hear_verdict(struct l1 *l1, char *why, size_t size)
{
	struct console_scan scan = { 0 };
	const char *text;

	for (;;) {
		switch (l1_hear(l1, SILENCE_SECONDS, &text)) {
		case L1_CONSOLE:
			console_scan_line(&scan, text);
			continue;
		case L1_LINE:
			if (!is_verdict(text))
				continue;
			if (scan.worst)
				snprintf(why, size, "%s", scan.first);
			return !scan.worst;
		case L1_DEATH:
			snprintf(why, size, "%s%s%s", scan.first, *scan.first ? "; " : "", text);
			return false;
		case L1_SILENCE:
			snprintf(why, size, "nothing was heard for %d s", SILENCE_SECONDS);
			return false;
		}
	}
}

bool saved_machine_works(struct lab *lab, int state, char *why, size_t size)
{
	struct relay r = { .lab = lab,
			   .image = IMAGE,
			   .state = state,
			   .l1 = { .console = -1, .qmp.fd = -1, .slave = -1 } };
	bool works = relay_have_driver(&r, why, size);

	if (works) {
		l1_tell(&r.l1, REQUEST);
		works = hear_verdict(&r.l1, why, size);
	}
	relay_stop(&r);
	return works;
}
