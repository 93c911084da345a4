// SPDX-License-Identifier: GPL-2.0-only
/* A machine, and a driver in it that has said its host line; see relay.h. */
#include "harness/lab/relay.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/boot.h"

/* For what a driver does before its host line. */
enum { HOST_SECONDS = 60 };

void relay_stop_machine(struct relay *r)
{
	if (r->l1.qemu.pid)
		l1_stop(&r->l1);
	r->running = false;
}

static bool start_machine(struct relay *r, struct problem *p)
{
	char *path;
	FILE *console;
	bool ok;

	if (!place_is(&r->lab->place, PLACE_COLD, '1') && !r->lab->machine->cold)
		return l1_start(&r->l1, r->lab, r->state, p);
	/* Of the boot that was last, for whoever asks why it failed. */
	path = new_format("%s/console.txt", r->lab->snapshot);
	console = fopen(path, "we");
	if (console)
		setlinebuf(console);
	ok = boot(r->lab, &r->l1, console, relay_trouble, p) && !r->lab->missing;
	if (console)
		fclose(console);
	free(path);
	return ok;
}

/* "start /images/paging irqchip=split" */
static bool start_driver(struct relay *r)
{
	char *options = strings_join(&r->lab->options, " ");
	char *line = new_format("start %s%s%s", r->image, *options ? " " : "", options);
	bool ok = l1_tell(&r->l1, line);

	free(line);
	free(options);
	return ok;
}

const char *relay_event(const json_t *json)
{
	const char *event = json_string_value(json_object_get(json, "event"));

	return event ? event : "";
}

/* Wait for the driver's first line.  False: why says what came instead. */
static bool hear_host(struct relay *r, char *why, size_t size)
{
	char console[256] = "";
	const char *text;
	json_t *json;

	for (;;) {
		switch (l1_hear(&r->l1, HOST_SECONDS, &text)) {
		case L1_CONSOLE:
			snprintf(console, sizeof(console), "%s", text);
			continue;
		case L1_LINE:
			json = json_loads(text, 0, NULL);
			if (!strcmp(relay_event(json), "host")) {
				json_decref(r->host);
				r->host = json;
				return true;
			}
			snprintf(why, size, "the driver in the lab wrote '%.200s'%s%s", text,
				 *console ? "; on the console: " : "", console);
			json_decref(json);
			return false;
		case L1_DEATH:
			snprintf(why, size, "the machine ended: %s%s%s", text,
				 *console ? "; on the console: " : "", console);
			return false;
		case L1_SILENCE:
			snprintf(why, size, "the driver in the lab said nothing for %d s",
				 HOST_SECONDS);
			return false;
		}
	}
}

bool relay_have_driver(struct relay *r, char *why, size_t size)
{
	struct problem p = { 0 };

	if (r->running)
		return true;
	relay_stop_machine(r);
	if (!start_machine(r, &p)) {
		snprintf(why, size, "%s", *p.text ? p.text : r->lab->missing);
		return false;
	}
	if (!start_driver(r)) {
		snprintf(why, size, "the restored machine does not take its first line");
		relay_stop_machine(r);
		return false;
	}
	r->running = hear_host(r, why, size);
	if (!r->running)
		relay_stop_machine(r);
	return r->running;
}
