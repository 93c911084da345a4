// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop that every driver runs: read a request, run its test in a VM, answer
 * the guest's messages, perform its syncs, write the stream.  Knows no host.
 */
#include "harness/driver/session.h"
#include "harness/driver/stream.h"
#include "lib/test.h"
#include "lib/verdict.h"

#include <stdio.h>
#include <string.h>

static struct message message;

void session_event(const struct session *s, const char *event)
{
	stream_begin(event);
	stream_number("test", (s64)s->request.test);
}

static void send_verdict(const struct session *s, enum verdict verdict, const char *reason,
			 const char *running_case, const u64 cases[4])
{
#define VERDICT(NAME, word, subject, own, meaning) word,
	static const char *const words[] = { VERDICTS(VERDICT) };
#undef VERDICT
	static const char *const counts[] = { "planned", "run", "failed", "not_covered" };

	session_event(s, "verdict");
	stream_string("verdict", words[verdict]);
	stream_string("reason", reason);
	stream_string("case", running_case);
	stream_object("cases");
	for (unsigned int i = 0; i < 4; i++)
		stream_number(counts[i], cases ? (s64)cases[i] : i ? 0 : (s64)s->test->cases);
	stream_object_end();
	stream_real("seconds", seconds_now() - s->started);
	if (s->test->flags & TEST_NEEDS_SHADOW)
		stream_number("needs_shadow", 1);
	stream_send();
}

static void end_without_guest(const struct session *s, enum verdict verdict, const char *reason)
{
	send_verdict(s, verdict, reason, "", NULL);
}

void serve_stop(struct server *server)
{
	if (server->vm)
		server->ops->stop(server->vm);
	server->vm = NULL;
	server->vm_altered = 0;
}

/* --- messages --- */

static void send_check(struct session *s)
{
	static const char *const member[] = { "file", "expression", "wanted", "got", "case" };

	s->checks++;
	session_event(s, "check");
	stream_number("line", (s64)message.word[0]);
	for (unsigned int i = 0; i < ARRAY_SIZE(member); i++)
		stream_string(member[i], message_get_string(&message, i));
	stream_send();
}

static bool forward(struct session *s)
{
	switch (message.type) {
	case WIRE_FAIL:
		send_check(s);
		return true;
	case WIRE_NOT_COVERED:
		session_event(s, "not-covered");
		stream_number("cases", (s64)message.word[0]);
		stream_string("fact", message_get_string(&message, 0));
		return stream_send();
	case WIRE_WINDOW:
		session_event(s, "window");
		stream_number("hits", (s64)message.word[0]);
		stream_string("name", message_get_string(&message, 0));
		return stream_send();
	case WIRE_HEARTBEAT:
		session_event(s, "heartbeat");
		stream_number("run", (s64)message.word[0]);
		stream_number("planned", (s64)message.word[1]);
		return stream_send();
	case WIRE_LOG:
		session_event(s, "log");
		stream_string("text", message_get_string(&message, 0));
		return stream_send();
	}
	return false;
}

static bool send_run(struct session *s)
{
	s->request.run.cpus = s->server->vm->cpus;
	message_put_run(&message, &s->request.run, s->request.only_case);
	return s->server->ops->reply(s->server->vm, &message);
}

/*
 * The guest ended the test by itself; the VM stays for the next one if it is still clean,
 * as one is in which no test ran.  If not it goes before the verdict: what its end does to
 * the host is this test's.
 */
static void finish(struct session *s)
{
	struct server *server = s->server;
	char reason[128] = "";
	bool fresh = server->ops->isolation && !strcmp(server->ops->isolation, "test");
	bool untouched = message.type == WIRE_SKIP && message.word[0];
	bool passed;

	if (!option_is(server->ops, "isolation", "default"))
		fresh = option_is(server->ops, "isolation", "test");
	message.word[2] += s->cases_failed;
	passed = (message.type == WIRE_SKIP && !s->checks) ||
		 (message.type == WIRE_DONE && !message.word[2] && !s->checks);
	if (!untouched &&
	    (!passed || fresh || server->vm_altered || s->test->flags & TEST_FRESH_VM))
		serve_stop(server);
	if (message.type == WIRE_SKIP && s->checks) {
		snprintf(reason, sizeof(reason), "%llu expectations failed before it was skipped",
			 (unsigned long long)s->checks);
		end_without_guest(s, VERDICT_FAIL, reason);
	} else if (message.type == WIRE_SKIP) {
		end_without_guest(s, VERDICT_SKIP, message_get_string(&message, 0));
	} else if (message.type == WIRE_ERROR) {
		end_without_guest(s, VERDICT_ERROR, message_get_string(&message, 0));
	} else {
		if (!passed && message.word[0])
			snprintf(reason, sizeof(reason), "%llu of %llu cases failed",
				 (unsigned long long)message.word[2],
				 (unsigned long long)message.word[1]);
		else if (!passed)
			snprintf(reason, sizeof(reason), "%llu expectations failed",
				 (unsigned long long)s->checks);
		send_verdict(s, passed ? VERDICT_PASS : VERDICT_FAIL, reason, "", message.word);
	}
}

/* wait() said that there will be no more messages.  Before the first word nobody is to blame. */
static void guest_ended(struct session *s, enum wait_result result)
{
	static const enum verdict verdict[] = {
		[WAIT_DIED] = VERDICT_CRASH,
		[WAIT_TIMEOUT] = VERDICT_TIMEOUT,
		[WAIT_BROKEN] = VERDICT_ERROR,
	};
	char reason[REASON_MAX + 64];

	snprintf(reason, sizeof(reason), "%s%s",
		 s->hello ? "" : "before the payload's first word: ", s->server->vm->reason);
	serve_stop(s->server);
	end_without_guest(s, s->hello ? verdict[result] : VERDICT_ERROR, reason);
}

static bool boot(struct session *s)
{
	struct server *server = s->server;
	char why[REASON_MAX];
	struct text reason = text_into(why, sizeof(why));
	enum wait_result result;

	if (server->vm && server->vm->cpus != s->test->cpus)
		serve_stop(server);
	if (server->vm) {
		server->vm->deadline = s->request.deadline;
		return true;
	}
	server->vm = server->ops->start(&server->image, s->test->cpus, &reason);
	if (!server->vm) {
		end_without_guest(s, VERDICT_ERROR, why);
		return false;
	}
	server->vm->cpus = s->test->cpus;
	server->vm->deadline = s->request.deadline;
	result = server->ops->wait(server->vm, &message);
	if (result == WAIT_MESSAGE && message.type == WIRE_HELLO &&
	    message.word[0] == server->image.tests)
		return true;
	if (result == WAIT_MESSAGE) {
		snprintf(server->vm->reason, REASON_MAX,
			 "the payload that booted is not the image %s", server->image.path);
		result = WAIT_BROKEN;
	}
	guest_ended(s, result);
	return false;
}

static bool serve_hello(struct session *s)
{
	if (reset_came(s))
		return send_run(s);
	guest_ended(s, WAIT_DIED);
	return false;
}

/* The guest has gone on without what it asked for: nothing after it counts. */
static void end_broken(struct session *s)
{
	serve_stop(s->server);
	end_without_guest(s, VERDICT_FAIL, s->broken);
}

/*
 * Heartbeats hold the deadline off while a test works between two cases.  One that says
 * nothing else for this many deadlines waits for what does not come.
 */
enum { DEADLINES_OF_HEARTBEATS = 10 };

static bool only_beats(struct session *s)
{
	double now = seconds_now();

	if (message.type != WIRE_HEARTBEAT || message.word[0] != s->beat) {
		s->progressed = now;
		s->beat = message.type == WIRE_HEARTBEAT ? message.word[0] : s->beat;
		return false;
	}
	if (now - s->progressed < DEADLINES_OF_HEARTBEATS * s->request.deadline)
		return false;
	snprintf(s->server->vm->reason, REASON_MAX, "heartbeats, and nothing else for %.0f s",
		 now - s->progressed);
	return true;
}

static void run_test(struct session *s)
{
	struct server *server = s->server;
	enum wait_result result;

	if (!boot(s))
		return;
	s->hello = true;
	session_event(s, "hello");
	stream_send();
	if (!send_run(s)) {
		guest_ended(s, WAIT_BROKEN);
		return;
	}
	for (;;) {
		bool alive;

		result = server->ops->wait(server->vm, &message);
		if (result != WAIT_MESSAGE) {
			guest_ended(s, result);
			return;
		}
		if (shutdown_missed(s, message.type)) {
			end_broken(s);
			return;
		}
		if (only_beats(s)) {
			guest_ended(s, WAIT_TIMEOUT);
			return;
		}
		switch (message.type) {
		case WIRE_SKIP:
		case WIRE_ERROR:
		case WIRE_DONE:
			finish(s);
			return;
		case WIRE_HELLO:
			if (!serve_hello(s))
				return;
			continue;
		case WIRE_SYNC:
			alive = serve_sync(s, &message);
			s->progressed = seconds_now();
			break;
		default:
			alive = forward(s);
		}
		if (alive && s->broken[0]) {
			end_broken(s);
			return;
		}
		if (!alive) {
			if (!server->vm->reason[0])
				snprintf(server->vm->reason, REASON_MAX,
					 "the guest's message %s could not be served",
					 wire_type_info[message.type].name);
			guest_ended(s, WAIT_BROKEN);
			return;
		}
	}
}

bool serve_request(struct server *server, char *line)
{
	double now = seconds_now();
	struct session s = { .server = server, .started = now, .progressed = now };
	char error[256], why[128];
	struct text missing = text_into(why, sizeof(why));
	u64 needed;

	line[strcspn(line, "\r\n")] = '\0';
	if (!request_parse(line, &s.request, error, sizeof(error)) ||
	    s.request.run.index >= server->image.tests) {
		fprintf(stderr, "assay-driver-%s: %s\n", server->ops->name,
			s.request.run.index >= server->image.tests ?
				"the image has no test of that index" : error);
		return false;
	}
	s.test = &server->image.test[s.request.run.index];
	session_event(&s, "start");
	stream_string("id", s.test->id);
	stream_send();
	if (s.test->cpus > 1 && !server->ops->many_cpus(&missing)) {
		end_without_guest(&s, VERDICT_SKIP, why);
		return true;
	}
	needed = (s.test->actions | s.request.run.at_every_sync) & ~server->actions;
	if (needed) {
		char reason[128];

		snprintf(reason, sizeof(reason), "host %s has no %s", server->ops->name,
			 sync_action[__builtin_ctzll(needed)].name);
		end_without_guest(&s, VERDICT_SKIP, reason);
		return true;
	}
	if (s.test->flags & TEST_ENDS_HOST && option_is(server->ops, "spare_host", "on")) {
		end_without_guest(&s, VERDICT_SKIP,
				  "takes the host's kernel down, which is spared: spare_host=off, "
				  "or judge it in a lab");
		return true;
	}
	if (s.test->flags & TEST_FRESH_VM)
		serve_stop(server);
	run_test(&s);
	return true;
}
