// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes requests to the driver in a lab and its events back, and says what
 * became of a test whose kernel died or complained on its console.
 *
 * The rule of blame: from the payload's first word (`hello`) to the verdict the
 * end of the machine and every report on its console are the subject's.  Before
 * that they are infrastructure.
 */
#include "harness/lab/relay.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a machine may end before the driver's first line: infrastructure. */
enum { STARTS_MAX = 3 };

/* One test. */
struct test {
	json_int_t number;
	double silence; /* seconds without a line, after which the machine hangs */
	bool hello;
	struct console_scan scan;
	char reason[1024];
};

/* --- what we say --- */

static void say(json_t *event)
{
	char *line = json_dumps(event, JSON_COMPACT), *whole = new_format("%s\n", line);

	/* Reader gone: then there is nobody to tell, and our input ends soon. */
	if (write(STDOUT_FILENO, whole, strlen(whole)) < 0)
		relay_trouble("the stream ended");
	free(whole);
	free(line);
	json_decref(event);
}

static void pass_on(const char *line)
{
	char *whole = new_format("%s\n", line);

	if (write(STDOUT_FILENO, whole, strlen(whole)) < 0)
		relay_trouble("the stream ended");
	free(whole);
}

static void say_console(const char *text)
{
	char clean[1024];
	size_t n = 0;

	/* A console may print any byte, JSON takes only UTF-8. */
	for (; *text && n + 1 < sizeof(clean); text++)
		clean[n++] = (unsigned char)*text < 0x80 ? *text : '?';
	clean[n] = '\0';
	say(json_pack("{s:s, s:s}", "event", "console", "text", clean));
}

void relay_trouble(const char *what)
{
	static bool again;

	if (again)
		return;
	again = true;
	say(json_pack("{s:s, s:s}", "event", "infrastructure", "text", what));
	again = false;
}

/* A machine that boots, or whose seconds are long, is not a driver that hangs. */
static json_int_t waiting;

static void say_waiting(void)
{
	say(json_pack("{s:s, s:I, s:i, s:i}", "event", "heartbeat", "test", waiting, "run", 0,
		      "planned", 0));
}

/* --- the host line --- */

static void add_fact(json_t *facts, const char *name, const char *value)
{
	if (value)
		json_object_set_new(facts, name, json_string(value));
}

/* "npt=0" becomes options.npt = "0". */
static void add_options(json_t *options, const struct strings *from)
{
	for (size_t i = 0; i < from->count; i++) {
		char *name = new_string(from->item[i]), *value = strchr(name, '=');

		if (value)
			*value++ = '\0';
		json_object_set_new(options, name, json_string(value ? value : ""));
		free(name);
	}
}

/* What is judged is the kernel, in this lab: "Linux 6.12.57 kvm_amd npt=0 on QEMU 7.2.22 microvm". */
static void name_subject(const struct relay *r, json_t *host)
{
	const struct lab *lab = r->lab;
	const char *said = json_string_value(json_object_get(host, "subject"));
	char *parameters = strings_join(&lab->parameters, " ");
	char *subject = new_format("%s%s%s on %s %s%s", said ? said : lab->kernel.release,
				   *parameters ? " " : "", parameters, lab->qemu_version,
				   lab->machine->name,
				   place_is(&lab->place, PLACE_LA57, '1') ? " la57" : "");

	json_object_set_new(host, "subject", json_string(subject));
	free(subject);
	free(parameters);
}

static void say_missing(const struct relay *r)
{
	char *subject = new_format("Linux %s", r->lab->kernel.release);

	say(json_pack("{s:s, s:i, s:s, s:s, s:{}, s:[], s:{}, s:{}, s:s}", "event", "host",
		      "version", 1, "host", r->lab->host, "subject", subject, "options", "actions",
		      "option_values", "facts", "missing", r->lab->missing));
	free(subject);
}

bool relay_host(struct relay *r)
{
	char why[1024] = "";
	json_t *host, *facts;

	for (int n = 1; !r->lab->missing && !relay_have_driver(r, why, sizeof(why)); n++) {
		relay_trouble(why);
		if (n == STARTS_MAX)
			r->lab->missing = new_string(why);
	}
	if (r->lab->missing) {
		say_missing(r);
		return false;
	}
	host = json_deep_copy(r->host);
	facts = json_object_get(host, "facts");
	name_subject(r, host);
	add_options(json_object_get(host, "options"), &r->lab->parameters);
	add_fact(facts, "lab.qemu", r->lab->qemu_version);
	add_fact(facts, "lab.machine", r->lab->machine->name);
	add_fact(facts, "lab.kernel", r->lab->kernel.spec);
	add_fact(facts, "lab.kernel_version", r->lab->kernel.version);
	add_fact(facts, "lab.kernel_hash", r->lab->kernel.hash);
	say(host);
	return true;
}

/* --- a test --- */

/* Infrastructure: nobody's failure, to be tried again. */
static void say_verdict(const struct test *t, const char *verdict, const char *reason,
			bool infrastructure)
{
	json_t *event = json_pack("{s:s, s:I, s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i}, s:f}", "event",
				  "verdict", "test", t->number, "verdict",
				  infrastructure ? "error" : verdict, "reason", reason, "case", "",
				  "cases", "planned", 0, "run", 0, "failed", 0, "not_covered", 0,
				  "seconds", 0.0);

	if (infrastructure)
		json_object_set_new(event, "infrastructure", json_true());
	say(event);
}

/* The machine or its driver is gone, and the test has no verdict yet. */
static void end_without_driver(struct relay *r, struct test *t, const char *verdict,
			       const char *what)
{
	/*
	 * A panic ends QEMU with status 0; any other end is its own or of whoever killed it.
	 * Bochs ends by a panic, as by its own faults, with status 1: the console decides.
	 */
	bool emulator = !r->l1.qemu.pid && r->l1.status &&
			!(r->lab->machine->bochs && t->scan.worst);
	char *reason;

	if (t->scan.worst)
		reason = new_format("the kernel reported %s: %s (%s)", report_word(t->scan.worst),
				    t->scan.first, what);
	else
		reason = new_string(what);
	relay_stop_machine(r);
	say_verdict(t, verdict, reason, !t->hello || emulator || relay_doubts_stall(r, t->number, &t->scan));
	free(reason);
}

/* A report on the console makes the verdict a crash, whatever the test came to. */
static void end_with_report(struct relay *r, struct test *t, json_t *verdict)
{
	const char *said = json_string_value(json_object_get(verdict, "verdict"));
	const char *why = json_string_value(json_object_get(verdict, "reason"));
	bool doubtful = relay_doubts_stall(r, t->number, &t->scan);
	char *reason = new_format("the kernel reported %s: %s (the test itself: %s%s%s)",
				  report_word(t->scan.worst), t->scan.first, said ? said : "",
				  why && *why ? ", " : "", why ? why : "");

	json_object_set_new(verdict, "verdict", json_string(doubtful ? "error" : "crash"));
	json_object_set_new(verdict, "reason", json_string(reason));
	if (doubtful)
		json_object_set_new(verdict, "infrastructure", json_true());
	say(json_incref(verdict));
	free(reason);
	/* WARN_ONCE() and a tainted kernel must not serve the next test. */
	relay_stop_machine(r);
}

/* A line of the driver's; true if it ended the test. */
static bool take_line(struct relay *r, struct test *t, const char *line)
{
	json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const char *event = relay_event(json);
	bool ended = false;

	if (!*event) {
		snprintf(t->reason, sizeof(t->reason), "the lab's stream brought '%.200s'", line);
		end_without_driver(r, t, "error", t->reason);
		ended = true;
	} else if (!strcmp(event, "ended")) {
		json_int_t status = json_integer_value(json_object_get(json, "status"));

		snprintf(t->reason, sizeof(t->reason),
			 "the driver in the lab ended with status %lld", (long long)status);
		/* A signal of its own, as of a shell's $?; not those that people send. */
		end_without_driver(r, t, status > 128 && status != 137 ? "crash" : "error",
				   t->reason);
		ended = true;
	} else if (!strcmp(event, "verdict") && t->scan.worst && t->hello) {
		end_with_report(r, t, json);
		ended = true;
	} else if (!strcmp(event, "verdict") && relay_doubts_shadow(r, t->number, json)) {
		json_object_set_new(json, "verdict", json_string("error"));
		json_object_set_new(json, "infrastructure", json_true());
		say(json_incref(json));
		ended = true;
	} else {
		t->hello |= !strcmp(event, "hello");
		ended = !strcmp(event, "verdict");
		pass_on(line);
	}
	json_decref(json);
	return ended;
}

static void hear_test(struct relay *r, struct test *t)
{
	const char *text;

	for (;;) {
		switch (l1_hear(&r->l1, t->silence, &text)) {
		case L1_CONSOLE:
			console_scan_line(&t->scan, text);
			say_console(text);
			continue;
		case L1_LINE:
			if (take_line(r, t, text))
				return;
			continue;
		case L1_DEATH:
			snprintf(t->reason, sizeof(t->reason), "the kernel's machine ended: %s",
				 text);
			end_without_driver(r, t, "crash", t->reason);
			return;
		case L1_SILENCE:
			snprintf(t->reason, sizeof(t->reason),
				 "the kernel's machine said nothing for %.0f s", t->silence);
			end_without_driver(r, t, t->scan.worst ? "crash" : "timeout", t->reason);
			return;
		}
	}
}

/* The number behind " NAME=" in a request, or 0. */
static json_int_t number_in(const char *request, const char *name)
{
	const char *at = strstr(request, name);
	const char *last = strstr(request, " case=");

	return at && (!last || at < last) ? strtoll(at + strlen(name), NULL, 10) : 0;
}

void relay_request(struct relay *r, const char *request)
{
	const struct machine *machine = r->lab->machine;
	json_int_t deadline = number_in(request, " deadline=");
	struct test t = { .number = number_in(request, " test=") };
	char *line;

	/* Everything takes longer in a lab; the driver's own default is for real machines. */
	line = deadline ? new_string(request)
			: new_format("run deadline=%d%s", machine->deadline,
				     request + strcspn(request, " "));
	/* A second of a Bochs' kernel is many of ours. */
	t.silence = machine->bochs ? machine->patience :
				     2.0 * (double)(deadline ? deadline : machine->deadline) + 10;
	waiting = t.number;
	l1_idle = say_waiting;
	if (!relay_have_driver(r, t.reason, sizeof(t.reason))) {
		end_without_driver(r, &t, "error", t.reason);
	} else {
		/* If nobody takes it, what we hear next says why. */
		l1_tell(&r->l1, line);
		hear_test(r, &t);
	}
	l1_idle = NULL;
	free(line);
}

void relay_stop(struct relay *r)
{
	relay_stop_machine(r);
	json_decref(r->host);
}
