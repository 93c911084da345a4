/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conversation with one driver process: requests go down, lines come up.
 * Nothing that a driver does or omits can stop the command: every wait has an
 * end, and each end has a name.
 */
#ifndef ASSAY_DIALOGUE_H
#define ASSAY_DIALOGUE_H

#include "harness/assay/child.h"
#include "harness/assay/event.h"
#include "harness/assay/lines.h"

struct dialogue {
	struct child child; /* pid 0: no driver runs */
	struct lines out;
	struct lines err;
	bool out_ended;
	double last_line; /* when the last line or request went over, clock_seconds() */
	char words[256]; /* the last line it wrote to standard error */
	int status; /* after HEARD_DEATH, as of waitpid(2) */
	bool cut_off; /* it ended in the middle of a line */
};

/* argv[0] is the driver's path. */
bool dialogue_start(struct dialogue *d, char *const *argv, struct problem *p);

/* Send a request line (without its newline); false if the driver does not read any more. */
bool dialogue_ask(struct dialogue *d, const char *line);

enum heard {
	HEARD_EVENT, /* *e, to be freed by event_free() */
	HEARD_NONSENSE, /* reason: a line that is not of the stream */
	HEARD_WORDS, /* reason: a line of standard error */
	HEARD_DEATH, /* reason: how the driver ended; it is gone */
	HEARD_SILENCE, /* no line for the given seconds */
	HEARD_INTERRUPT, /* a signal asks us to end */
	HEARD_TICK, /* nothing yet; the given seconds are over */
};

/*
 * Wait for the next thing.  silence: seconds since the last line after which
 * HEARD_SILENCE comes; tick: seconds after which to return anyway, 0 for never.
 */
enum heard dialogue_hear(struct dialogue *d, double silence, double tick, struct event *e,
			 char *reason, size_t reason_size);

/*
 * No more requests: let it end by itself for up to ten seconds.  Returns
 * false with a reason if it did not end well.
 */
bool dialogue_end(struct dialogue *d, char *reason, size_t reason_size);

/* Kill it and all it started. */
void dialogue_kill(struct dialogue *d);

/*
 * Can the subject have caused this end?  A signal that only people and the
 * out-of-memory killer send cannot be held against it, nor can an exit status
 * by which drivers say that they ended of their own will (doc/stream.md).
 */
bool death_may_be_subjects(int status);

#endif
