/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of a driver's stream (doc/stream.md), checked: after event_parse()
 * an event has all members that its kind must have, with the right types.
 */
#ifndef ASSAY_EVENT_H
#define ASSAY_EVENT_H

#include <jansson.h>

#include "lib/base.h"

#define STREAM_VERSION 1

/* EVENT(NAME, word, members: s string, n number, o object, a array; ? after it: may be absent) */
#define EVENTS(EVENT)                                                                              \
	EVENT(HOST, "host",                                                                        \
	      "n version, s host, o options, a actions, s subject, o facts, s? missing")           \
	EVENT(START, "start", "n test, s id")                                                      \
	EVENT(HELLO, "hello", "n test")                                                            \
	EVENT(SYNC, "sync", "n test, s actions, s status, s? detail")                              \
	EVENT(CHECK, "check", "n test, s case, s file, n line, s expression, s wanted, s got")     \
	EVENT(NOT_COVERED, "not-covered", "n test, n cases, s fact")                               \
	EVENT(WINDOW, "window", "n test, s name, n hits")                                          \
	EVENT(LOG, "log", "n test, s text")                                                        \
	EVENT(HEARTBEAT, "heartbeat", "n test, n run, n planned")                                  \
	EVENT(CONSOLE, "console", "s text")                                                        \
	EVENT(INFRASTRUCTURE, "infrastructure", "s text")                                          \
	EVENT(VERDICT, "verdict", "n test, s verdict, s reason, s? case, o cases, r? seconds")     \
	EVENT(END, "end", "")

enum event_kind {
#define EVENT(NAME, word, members) EVENT_##NAME,
	EVENTS(EVENT)
#undef EVENT
		EVENT_KINDS
};

struct event {
	enum event_kind kind;
	u64 test; /* 0 for those that have none; see event_has_test() */
	json_t *json;
};

/*
 * Read a line.  On failure returns false with what is wrong in words.  The
 * caller frees by event_free() after success.
 */
bool event_parse(struct event *e, const char *line, size_t length, char *error, size_t error_size);
void event_free(struct event *e);

bool event_has_test(enum event_kind kind);

/* "" if there is none. */
const char *event_string(const struct event *e, const char *name);
/* Of a member, or of a member of an object; 0 if there is none or it is negative. */
u64 event_number(const struct event *e, const char *name);
u64 event_number_in(const struct event *e, const char *object, const char *name);
double event_real(const struct event *e, const char *name);

#endif
