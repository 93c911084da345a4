// SPDX-License-Identifier: GPL-2.0-only
/* Cases: their names, their counts, heartbeats, and the syncs of --at-every-sync. */
#include "lib/guest/run.h"

/* About a tenth of a second to a second, whatever the clock: heartbeats are cheap and few. */
#define HEARTBEAT_TICKS (1ull << 29)

const char *run_case_name(void)
{
	struct text t;

	if (!run.in_case)
		return "";
	if (run.case_namer && !run.case_name[0]) {
		t = text_into(run.case_name, sizeof(run.case_name));
		run.case_namer(&t, run.case_context);
	}
	return run.case_name;
}

const char *case_alone(void)
{
	return run.only_case[0] ? run.only_case : NULL;
}

void heartbeat(void)
{
	u64 now = machine_ticks();

	if (now - run.last_heartbeat < HEARTBEAT_TICKS)
		return;
	run.last_heartbeat = now;
	message_start(&outgoing, WIRE_HEARTBEAT);
	message_word(&outgoing, run.run);
	message_word(&outgoing, run.planned ? run.planned : run.test->cases);
	wire_send(&outgoing);
}

bool case_was_run(void)
{
	return run.run <= run.request.resets;
}

/*
 * A law that holds only without migration is not a law: with --at-every-sync a
 * test that never syncs by itself does so at its cases number 1, 2, 4, 8, ...
 */
static void maybe_sync(void)
{
	if (!run.request.at_every_sync || run.run != run.next_sync_case)
		return;
	run.next_sync_case *= 2;
	if (!case_was_run())
		sync(0);
}

static bool begin(u64 number)
{
	run.seen++;
	if (run.request.shards > 1 && number % run.request.shards != run.request.shard)
		return false;
	run.in_case = true;
	run.case_failed = false;
	if (run.only_case[0] && !text_equal(run.only_case, run_case_name())) {
		run.in_case = false;
		return false;
	}
	run.run++;
	if (!(run.run & 0xf))
		heartbeat();
	maybe_sync();
	return true;
}

bool case_begin(const char *format, ...)
{
	struct text t = text_into(run.case_name, sizeof(run.case_name));
	va_list args;

	if (run.in_case)
		test_error("case %s begins inside another", format);
	va_start(args, format);
	text_vadd(&t, format, args);
	va_end(args);
	run.case_namer = NULL;
	return begin(run.seen);
}

bool case_begin_numbered(u64 number, void (*name)(struct text *t, const void *context),
			 const void *context)
{
	run.case_name[0] = '\0';
	run.case_namer = name;
	run.case_context = context;
	return begin(number);
}

void case_end(void)
{
	run.failed += run.case_failed;
	run.in_case = false;
}

void cases_planned(u64 count)
{
	run.planned = count;
}

void cases_not_covered(u64 count, const char *format, ...)
{
	va_list args;

	run.not_covered += count;
	message_start(&outgoing, WIRE_NOT_COVERED);
	message_word(&outgoing, count);
	va_start(args, format);
	outgoing_format(format, args);
	va_end(args);
	wire_send(&outgoing);
}

void window(const char *name, u64 hits)
{
	run.window_hits += hits;
	message_start(&outgoing, WIRE_WINDOW);
	message_word(&outgoing, hits);
	message_string(&outgoing, name);
	wire_send(&outgoing);
}

void note(const char *format, ...)
{
	va_list args;

	message_start(&outgoing, WIRE_LOG);
	va_start(args, format);
	outgoing_format(format, args);
	va_end(args);
	wire_send(&outgoing);
}
