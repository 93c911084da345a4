// SPDX-License-Identifier: GPL-2.0-only
/*
 * The payload's loop: say hello, run what the host asks for, report, until it
 * says exit.  The machine is reset between any two tests, so an image can run
 * all of its tests in one boot.
 */
#include "lib/guest/run.h"

extern const struct test tests_start[], tests_end[];

struct run run;
struct message outgoing, incoming;

void outgoing_format(const char *format, va_list args)
{
	char line[256];
	struct text t = text_into(line, sizeof(line));

	text_vadd(&t, format, args);
	message_string(&outgoing, line);
}

/* The other CPUs have no wire: what they would say is a failure, and theirs ends. */
static void only_boot_cpu(const char *call)
{
	const struct expectation e = { __FILE__, __LINE__, call };

	if (!machine_cpu())
		return;
	expect_failed(&e, "called by the boot CPU", "called by another");
	machine_leave();
}

_Noreturn void skip(const char *format, ...)
{
	va_list args;

	only_boot_cpu("skip()");
	va_start(args, format);
	message_start(&outgoing, WIRE_SKIP);
	message_word(&outgoing, !run.begun);
	outgoing_format(format, args);
	va_end(args);
	machine_unwind();
}

_Noreturn void test_error(const char *format, ...)
{
	va_list args;

	only_boot_cpu("test_error()");
	va_start(args, format);
	message_start(&outgoing, WIRE_ERROR);
	outgoing_format(format, args);
	va_end(args);
	machine_unwind();
}

static void report_done(void)
{
	message_start(&outgoing, WIRE_DONE);
	message_word(&outgoing, run.planned ? run.planned : run.test->cases);
	message_word(&outgoing, run.run);
	message_word(&outgoing, run.failed + run.failed_outside);
	message_word(&outgoing, run.not_covered);
}

/* Failures were sent as they came; what is left is the count. */
_Noreturn void test_abandon(void)
{
	if (machine_cpu())
		machine_leave();
	if (run.in_case)
		case_end();
	report_done();
	machine_unwind();
}

/*
 * A test that loses cases on the way, or walks more than it declared, is itself
 * at fault: its numbers are part of the proof.
 */
static void check_plan(void)
{
	u64 planned = run.planned ? run.planned : run.test->cases;
	u64 seen = run.seen + run.not_covered;

	if (run.in_case)
		test_error("the test left case %s without its end", run_case_name());
	if (run.only_case[0]) {
		if (!run.run)
			test_error("no case has the name %s", run.only_case);
	} else if (planned != seen) {
		test_error("%llu cases were planned, %llu came", (unsigned long long)planned,
			   (unsigned long long)seen);
	}
	if (run.test->flags & TEST_HAS_WINDOW && !run.window_hits && !run.failed &&
	    !run.failed_outside)
		test_error("window not reached");
}

static void run_body(void)
{
	u64 missing = run.test->needs & ~machine_features(run.test->needs);

	if (missing) {
		char fact[128];
		struct text t = text_into(fact, sizeof(fact));

		machine_missing(&t, missing);
		skip("%s", fact);
	}
	if (run.test->cpus > MAX(run.request.cpus, 1ull))
		skip("the VM has one CPU, and the test needs %u", run.test->cpus);
	run.begun = true;
	run.test->run();
	check_plan();
	report_done();
}

static void run_one(void)
{
	const char *only = message_get_string(&incoming, 0);
	struct text t;
	bool done;

	run = (struct run){ .next_sync_case = 1 };
	if (!message_get_run(&incoming, &run.request) ||
	    run.request.index >= (u64)(tests_end - tests_start)) {
		message_start(&outgoing, WIRE_ERROR);
		message_string(&outgoing, "the payload has no such test, or the request is malformed");
		return;
	}
	run.request.shards = MAX(run.request.shards, 1);
	t = text_into(run.only_case, sizeof(run.only_case));
	text_add(&t, "%s", only);
	run.test = &tests_start[run.request.index];
	machine_reset_interrupts();
	run.last_heartbeat = machine_ticks();
	machine_run(run_body);
	/* Before anything is sent: the test may have left the machine in any state. */
	done = outgoing.type == WIRE_DONE;
	machine_reset();
	/* What failed on other CPUs and was not waited for counts as long as the test does. */
	for (unsigned int cpu = 1; cpu < CPUS_MAX; cpu++)
		if (expect_report_cpu(cpu, done))
			report_done();
}

_Noreturn void payload_main(void)
{
	machine_reset();
	wire_init();
	message_start(&outgoing, WIRE_HELLO);
	message_word(&outgoing, (u64)(tests_end - tests_start));
	message_string(&outgoing, tests_start->area);
	for (;;) {
		wire_call(&outgoing, &incoming);
		if (incoming.type != WIRE_RUN)
			break;
		run_one();
	}
	machine_power_off();
}

const struct wire_run *run_request(void)
{
	return &run.request;
}

u64 resets(void)
{
	return run.request.resets;
}

u64 random_next(u64 *state)
{
	u64 x = *state ? *state : 0x9e3779b97f4a7c15ull;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dull;
}
