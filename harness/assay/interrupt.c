// SPDX-License-Identifier: GPL-2.0-only
/* Signals that end a run; see interrupt.h.  A handler may only set, write and kill. */
#include "harness/assay/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { GROUPS_MAX = 64 };

/* Read by several threads and by the handler. */
static _Atomic int signal_seen;
static _Atomic pid_t group[GROUPS_MAX];
static int wake[2] = { -1, -1 };

static void handle(int number)
{
	int saved = errno;

	if (signal_seen) {
		for (int i = 0; i < GROUPS_MAX; i++)
			if (group[i])
				kill(-group[i], SIGKILL);
		_exit(128 + number);
	}
	signal_seen = number;
	if (write(wake[1], "", 1) < 0) {
		/* The pipe is full of wake-ups: nothing is lost. */
	}
	errno = saved;
}

void interrupt_init(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
		wake[0] = wake[1] = -1;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		/* What nohup or a shell's background job ignores stays ignored. */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

int interrupted(void)
{
	return signal_seen;
}

int interrupt_descriptor(void)
{
	return wake[0];
}

void interrupt_add_group(pid_t added)
{
	for (int i = 0; i < GROUPS_MAX; i++) {
		if (group[i])
			continue;
		group[i] = added;
		return;
	}
}

void interrupt_remove_group(pid_t removed)
{
	for (int i = 0; i < GROUPS_MAX; i++)
		if (group[i] == removed)
			group[i] = 0;
}
