// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are run to their end; see kernel-command.h. */
#include "harness/lab/kernel-command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MOST = 4 << 20 };

static _Noreturn void become(char *const *argv, pid_t parent, int out)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* We may have died before that. */
	if (getppid() != parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	/* Its messages are read: they come in English. */
	setenv("LC_ALL", "C.UTF-8", 1);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	execv(argv[0], argv);
	dprintf(2, "E: cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static char *read_all(int fd)
{
	size_t room = 4096, size = 0;
	char *text = new_zeroed(room, 1);

	for (;;) {
		ssize_t got = read(fd, text + size, room - 1 - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		size += (size_t)got;
		if (size + 1 == room && room < SAID_MOST) {
			text = realloc(text, room *= 2);
			if (!text)
				abort();
		} else if (size + 1 == room) {
			size = 0; /* nobody reads that much: keep the end */
		}
	}
	text[size] = '\0';
	return text;
}

bool command_run(char *const *argv, struct said *said, struct problem *p)
{
	pid_t parent = getpid(), pid;
	int fd[2], status;

	*said = (struct said){ 0 };
	if (pipe2(fd, O_CLOEXEC))
		return problem_set(p, EXIT_LAB, "%s: cannot be started: %s", argv[0],
				   strerror(errno));
	pid = fork();
	if (!pid)
		become(argv, parent, fd[1]);
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return problem_set(p, EXIT_LAB, "%s: cannot be started: %s", argv[0],
				   strerror(errno));
	}
	said->out = read_all(fd[0]);
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	said->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

void said_free(struct said *said)
{
	free(said->out);
	*said = (struct said){ 0 };
}

char *said_reason(const struct said *said)
{
	struct strings lines = strings_split(said->out ? said->out : "", '\n');
	const char *best = "it says nothing";
	bool error = false;
	char *reason;

	for (size_t i = 0; i < lines.count; i++) {
		if (!*lines.item[i] || (error && strncmp(lines.item[i], "E: ", 3)))
			continue;
		if (!error || strncmp(lines.item[i], "E: Download Failed", 18))
			best = lines.item[i];
		error |= !strncmp(lines.item[i], "E: ", 3);
	}
	reason = new_string(strncmp(best, "E: ", 3) ? best : best + 3);
	strings_free(&lines);
	return reason;
}
