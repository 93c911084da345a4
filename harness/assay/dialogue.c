// SPDX-License-Identifier: GPL-2.0-only
/* The conversation with a driver; see dialogue.h. */
#include "harness/assay/dialogue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/assay/interrupt.h"

enum {
	END_SECONDS = 10, /* for a driver to stop its VMs */
	EXIT_SECONDS = 1, /* between the end of its output and the end of its process */
};

bool dialogue_start(struct dialogue *d, char *const *argv, struct problem *p)
{
	*d = (struct dialogue){ 0 };
	d->last_line = clock_seconds();
	return child_start(&d->child, argv, p);
}

bool dialogue_ask(struct dialogue *d, const char *line)
{
	/* One request is under way at a time and is shorter than a pipe: this never blocks. */
	d->last_line = clock_seconds();
	return d->child.in >= 0 && dprintf(d->child.in, "%s\n", line) > 0;
}

/* Read what is there; true at the end. */
static bool take(int fd, struct lines *l)
{
	size_t room;
	char *to = lines_room(l, &room);
	ssize_t n = fd >= 0 ? read(fd, to, room) : 0;

	if (n > 0)
		lines_added(l, n);
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* A whole line of either stream, if there is one. */
static bool hear_line(struct dialogue *d, enum heard *heard, struct event *e, char *reason,
		      size_t reason_size)
{
	char *line;
	size_t length;

	switch (lines_next(&d->out, &line, &length)) {
	case LINES_LINE:
		d->last_line = clock_seconds();
		*heard = event_parse(e, line, length, reason, reason_size) ? HEARD_EVENT
									   : HEARD_NONSENSE;
		return true;
	case LINES_TOO_LONG:
		snprintf(reason, reason_size, "a line of more than %d bytes", LINE_LENGTH_MAX);
		*heard = HEARD_NONSENSE;
		return true;
	case LINES_NONE:
		break;
	}
	if (lines_next(&d->err, &line, &length) != LINES_LINE || !length)
		return false;
	snprintf(d->words, sizeof(d->words), "%s", line);
	snprintf(reason, reason_size, "%s", line);
	*heard = HEARD_WORDS;
	return true;
}

static enum heard bury(struct dialogue *d, char *reason, size_t reason_size)
{
	char how[96], *line;
	size_t length;
	struct pollfd process = { .fd = d->child.handle, .events = POLLIN };

	/* Its output ended; the process itself may need a moment. */
	poll(&process, 1, EXIT_SECONDS * 1000);
	if (d->child.err >= 0)
		take(d->child.err, &d->err);
	while (lines_next(&d->err, &line, &length) != LINES_NONE)
		snprintf(d->words, sizeof(d->words), "%s", line);
	d->cut_off = lines_unfinished(&d->out);
	d->status = child_end(&d->child);
	status_words(d->status, how, sizeof(how));
	snprintf(reason, reason_size, "the driver ended: %s%s%s%s", how,
		 d->cut_off ? ", in the middle of a line" : "", *d->words ? ": " : "", d->words);
	children_sweep();
	lines_free(&d->out);
	lines_free(&d->err);
	return HEARD_DEATH;
}

enum heard dialogue_hear(struct dialogue *d, double silence, double tick, struct event *e,
			 char *reason, size_t reason_size)
{
	double until = tick > 0 ? clock_seconds() + tick : 0;
	enum heard heard;

	for (;;) {
		struct pollfd fd[] = {
			{ .fd = d->out_ended ? -1 : d->child.out, .events = POLLIN },
			{ .fd = d->child.err, .events = POLLIN },
			{ .fd = d->child.handle, .events = POLLIN },
			{ .fd = interrupt_descriptor(), .events = POLLIN },
		};
		double now, wait;
		bool err_ended = false;

		if (hear_line(d, &heard, e, reason, reason_size))
			return heard;
		if (d->out_ended)
			return bury(d, reason, reason_size);
		if (interrupted())
			return HEARD_INTERRUPT;
		now = clock_seconds();
		if (now - d->last_line >= silence)
			return HEARD_SILENCE;
		if (until && now >= until)
			return HEARD_TICK;
		wait = d->last_line + silence;
		if (until && until < wait)
			wait = until;
		if (poll(fd, ARRAY_SIZE(fd), (int)((wait - now) * 1000) + 1) < 0 && errno != EINTR)
			return HEARD_SILENCE;
		if (fd[1].revents)
			err_ended = take(d->child.err, &d->err);
		if (fd[0].revents)
			d->out_ended = take(d->child.out, &d->out);
		else if (fd[2].revents)
			/* It is dead and there is nothing more to read. */
			d->out_ended = true;
		if (err_ended) {
			close(d->child.err);
			d->child.err = -1;
		}
	}
}

bool dialogue_end(struct dialogue *d, char *reason, size_t reason_size)
{
	double until = clock_seconds() + END_SECONDS;
	struct event e;

	if (!d->child.pid)
		return true;
	child_close_input(&d->child);
	d->last_line = clock_seconds();
	for (;;) {
		double left = until - clock_seconds();
		enum heard heard =
			left > 0 ? dialogue_hear(d, END_SECONDS, left, &e, reason, reason_size)
				 : HEARD_SILENCE;

		if (heard == HEARD_EVENT)
			event_free(&e);
		if (heard == HEARD_DEATH)
			return WIFEXITED(d->status) && !WEXITSTATUS(d->status);
		if (heard == HEARD_SILENCE || heard == HEARD_TICK) {
			snprintf(reason, reason_size, "the driver did not end within %d s",
				 END_SECONDS);
			dialogue_kill(d);
			return false;
		}
		if (heard == HEARD_INTERRUPT) {
			dialogue_kill(d);
			return true;
		}
	}
}

void dialogue_kill(struct dialogue *d)
{
	if (!d->child.pid)
		return;
	d->status = child_end(&d->child);
	children_sweep();
	lines_free(&d->out);
	lines_free(&d->err);
}

bool death_may_be_subjects(int status)
{
	static const int others[] = { SIGKILL, SIGTERM, SIGINT, SIGHUP };

	if (WIFEXITED(status))
		return WEXITSTATUS(status) != EXIT_EXPECTED && WEXITSTATUS(status) != EXIT_USAGE &&
		       WEXITSTATUS(status) != EXIT_LAB && WEXITSTATUS(status) != 127;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (WTERMSIG(status) == others[i])
			return false;
	return true;
}
