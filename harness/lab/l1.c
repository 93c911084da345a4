// SPDX-License-Identifier: GPL-2.0-only
/* A running lab machine; see l1.h. */
#include "harness/lab/l1.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/bochs.h"

/* The console is a file: nothing tells that it grew. */
enum { CONSOLE_MILLISECONDS = 100, EXIT_MILLISECONDS = 2000, RESTORE_SECONDS = 60, IDLE_SECONDS = 8 };

static void note_event(void *context, const char *event, const json_t *data)
{
	struct l1 *l1 = context;

	(void)data;
	l1->resumed |= !strcmp(event, "RESUME");
}

/* Bytes that come to the port before the state has arrived would be lost with the port's old state. */
static bool wait_resumed(struct l1 *l1, struct problem *p)
{
	double end = clock_seconds() + RESTORE_SECONDS;

	while (!l1->resumed && !l1->qmp.ended && clock_seconds() < end)
		qmp_service(&l1->qmp, end - clock_seconds());
	return l1->resumed || problem_set(p, EXIT_LAB, "lab: the saved machine does not go on");
}

bool l1_start(struct l1 *l1, const struct lab *lab, int incoming, struct problem *p)
{
	struct machine_descriptors fd = { .incoming = incoming, .qmp = -1 };
	int qmp[2] = { -1, -1 };
	struct strings command;
	char **argv;
	bool ok;

	if (lab->machine->bochs)
		return bochs_start(l1, lab, p);
	*l1 = (struct l1){ .qmp.fd = -1, .slave = -1, .last_line = clock_seconds() };
	/* Without CLOEXEC: QEMU inherits them. */
	l1->console = fd.console = memfd_create("console", 0);
	if (l1->console < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, qmp)) {
		if (l1->console >= 0)
			close(l1->console);
		return problem_set(p, EXIT_LAB, "lab: no descriptors for QEMU: %s",
				   strerror(errno));
	}
	fd.qmp = qmp[1];
	fcntl(qmp[0], F_SETFD, FD_CLOEXEC);
	if (incoming >= 0)
		lseek(incoming, 0, SEEK_SET);
	command = machine_command(lab, &fd);
	argv = new_zeroed(command.count + 1, sizeof(*argv));
	memcpy(argv, command.item, command.count * sizeof(*argv));
	ok = child_start(&l1->qemu, argv, p);
	free(argv);
	strings_free(&command);
	close(qmp[1]);
	qmp_open(&l1->qmp, qmp[0], note_event, l1);
	ok = ok && (incoming < 0 || wait_resumed(l1, p));
	if (!ok)
		l1_stop(l1);
	return ok;
}

void l1_stop(struct l1 *l1)
{
	child_end(&l1->qemu);
	if (l1->qmp.fd >= 0)
		qmp_close(&l1->qmp);
	l1->qmp.fd = -1;
	if (l1->slave >= 0) {
		close(l1->slave);
		close(l1->unread);
	}
	l1->slave = l1->unread = -1;
	if (l1->console >= 0)
		close(l1->console);
	l1->console = -1;
	lines_free(&l1->out);
	lines_free(&l1->err);
	lines_free(&l1->text);
}

/* Bytes of *fd from an offset, or as they come if it is -1; true at the end. */
static bool take(int fd, struct lines *l, off_t *offset)
{
	size_t room;
	char *to = lines_room(l, &room);
	ssize_t n = offset ? pread(fd, to, room, *offset) : read(fd, to, room);

	if (n > 0) {
		lines_added(l, (size_t)n);
		if (offset)
			*offset += n;
	}
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool next_line(struct lines *l, const char **text)
{
	enum lines_result result;
	size_t length;
	char *line;

	while ((result = lines_next(l, &line, &length)) == LINES_TOO_LONG)
		;
	if (result == LINES_NONE)
		return false;
	while (length && line[length - 1] == '\r')
		line[--length] = '\0';
	*text = line;
	return true;
}

static bool next_console_line(struct l1 *l1, const char **text)
{
	while (!next_line(&l1->text, text))
		if (take(l1->console, &l1->text, &l1->console_read))
			return false;
	return true;
}

static enum l1_heard bury(struct l1 *l1, const char **text)
{
	struct pollfd process = { .fd = l1->qemu.handle, .events = POLLIN };
	char how[96];
	const char *line;

	/* Its output ended; the process itself may need a moment. */
	poll(&process, 1, EXIT_MILLISECONDS);
	take(l1->qemu.err, &l1->err, NULL);
	while (next_line(&l1->err, &line))
		/* The last one, but for what Bochs says behind its panic. */
		if (!strstr(l1->words, ">>PANIC<<"))
			snprintf(l1->words, sizeof(l1->words), "%s", line);
	l1->status = child_end(&l1->qemu);
	status_words(l1->status, how, sizeof(how));
	if (l1->status || !*l1->words) {
		char *words = new_format("%s ended: %s%s%s", l1->slave < 0 ? "QEMU" : "Bochs", how,
					 *l1->words ? ": " : "", l1->words);

		snprintf(l1->words, sizeof(l1->words), "%s", words);
		free(words);
	}
	*text = l1->words;
	return L1_DEATH;
}

void (*l1_idle)(void);

enum l1_heard l1_hear(struct l1 *l1, double silence, const char **text)
{
	double idle = clock_seconds();

	for (;;) {
		struct pollfd fd[] = {
			{ .fd = l1->out_ended ? -1 : l1->qemu.out, .events = POLLIN },
			{ .fd = l1->qemu.err, .events = POLLIN },
			{ .fd = l1->qemu.handle, .events = POLLIN },
		};

		/* What stands on the console now was there before any stream line read later. */
		if (next_console_line(l1, text))
			return L1_CONSOLE;
		if (next_line(&l1->out, text)) {
			l1->last_line = clock_seconds();
			return L1_LINE;
		}
		if (l1->out_ended)
			return bury(l1, text);
		if (clock_seconds() - l1->last_line > silence)
			return L1_SILENCE;
		if (l1_idle && clock_seconds() - idle > IDLE_SECONDS) {
			l1_idle();
			idle = clock_seconds();
		}
		poll(fd, ARRAY_SIZE(fd), CONSOLE_MILLISECONDS);
		if (fd[1].revents & POLLIN)
			take(l1->qemu.err, &l1->err, NULL);
		/* A terminal does not end with the process: what it left there is read first. */
		if (fd[0].revents)
			l1->out_ended = take(l1->qemu.out, &l1->out, NULL);
		else if (fd[2].revents)
			l1->out_ended = true;
	}
}

bool l1_tell(struct l1 *l1, const char *line)
{
	/* However long it had nothing to say: its silence begins now. */
	l1->last_line = clock_seconds();
	/* Shorter than a pipe, one at a time: this never blocks. */
	return l1->qemu.pid && dprintf(l1->qemu.in, "%s\n", line) > 0;
}
