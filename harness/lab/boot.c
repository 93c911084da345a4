// SPDX-License-Identifier: GPL-2.0-only
/* Booting a lab's machine; see boot.h. */
#include "harness/lab/boot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/console.h"

enum {
	BOOTS_MAX = 3,
};

struct boot {
	struct lab *lab;
	struct l1 *l1;
	FILE *console; /* what it printed, kept */
	struct console_scan scan;
	char doubt[128]; /* what init found wrong with the machine */
};

/* The line {"event":"ready"} of harness/driver/init.h. */
static bool is_ready(struct boot *b, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	const char *event = json_string_value(json_object_get(json, "event"));
	const char *missing = json_string_value(json_object_get(json, "missing"));
	const char *doubt = json_string_value(json_object_get(json, "doubt"));
	bool ready = event && !strcmp(event, "ready");

	if (ready && missing)
		b->lab->missing = new_string(missing);
	if (ready && doubt)
		snprintf(b->doubt, sizeof(b->doubt), "%s", doubt);
	json_decref(json);
	return ready;
}

static bool hear_boot(struct boot *b, char *why, size_t size)
{
	const char *text;

	for (;;) {
		switch (l1_hear(b->l1, b->lab->machine->patience, &text)) {
		case L1_CONSOLE:
			b->l1->last_line = clock_seconds();
			if (b->console)
				fprintf(b->console, "%s\n", text);
			console_scan_line(&b->scan, text);
			continue;
		case L1_LINE:
			if (is_ready(b, text))
				return true;
			continue;
		case L1_DEATH:
			snprintf(why, size, "%s%s%s", b->scan.first, *b->scan.first ? "; " : "",
				 text);
			return false;
		case L1_SILENCE:
			snprintf(why, size, "%s%snothing was heard for %d s", b->scan.first,
				 *b->scan.first ? "; " : "", b->lab->machine->patience);
			return false;
		}
	}
}

static bool note_version(struct boot *b, char *why, size_t size)
{
	struct text error = text_into(why, size);
	const json_t *version, *qemu;

	if (b->lab->machine->bochs)
		return true;
	version = qmp_version(&b->l1->qmp, &error);
	qemu = json_object_get(version, "qemu");
	if (!version)
		return false;
	free(b->lab->qemu_version);
	b->lab->qemu_version =
		new_format("QEMU %lld.%lld.%lld",
			   (long long)json_integer_value(json_object_get(qemu, "major")),
			   (long long)json_integer_value(json_object_get(qemu, "minor")),
			   (long long)json_integer_value(json_object_get(qemu, "micro")));
	return true;
}

/*
 * A kernel that complains in its boot, or whose init does, may be one that its emulator
 * has harmed.  If it does so each time it is the kernel's way, and serves.
 */
static bool complained(const struct boot *b, char *why, size_t size)
{
	if (b->scan.worst)
		snprintf(why, size, "the kernel reported %s: %s", report_word(b->scan.worst),
			 b->scan.first);
	else if (*b->doubt)
		snprintf(why, size, "%s", b->doubt);
	return b->scan.worst || *b->doubt;
}

static void forget_console(FILE *console)
{
	if (!console)
		return;
	rewind(console);
	if (ftruncate(fileno(console), 0))
		fprintf(console, "(what follows ends where the boot before it was longer)\n");
}

bool boot(struct lab *lab, struct l1 *l1, FILE *console, boot_trouble *trouble, struct problem *p)
{
	struct boot b = { .lab = lab, .l1 = l1, .console = console };
	char why[1024] = "", *words;

	for (int n = 1; n <= BOOTS_MAX; n++) {
		forget_console(console);
		b.scan = (struct console_scan){ 0 };
		*b.doubt = '\0';
		if (!l1_start(l1, lab, -1, p))
			return false;
		if (hear_boot(&b, why, sizeof(why)) && note_version(&b, why, sizeof(why)) &&
		    (n == BOOTS_MAX || !complained(&b, why, sizeof(why))))
			return true;
		l1_stop(l1);
		words = new_format("boot %d of Linux %s failed: %s", n, lab->kernel.release, why);
		trouble(words);
		free(words);
	}
	free(lab->missing);
	lab->missing = new_format("Linux %s did not come up in %d boots; the last: %s",
				  lab->kernel.release, BOOTS_MAX, why);
	return true;
}
