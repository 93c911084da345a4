// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are run to their end; see kernel-command.h. */
#include "harness/lab/kernel-command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/assay/interrupt.h"

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

/* Until there is something to read; false: we were interrupted. */
static bool wait_for(int fd)
{
	struct pollfd either[] = { { fd, POLLIN, 0 }, { interrupt_descriptor(), POLLIN, 0 } };

	while (poll(either, ARRAY_SIZE(either), -1) < 0 && errno == EINTR)
		;
	return !interrupted();
}

static char *read_all(int fd)
{
	size_t room = 4096, size = 0;
	char *text = new_zeroed(room, 1);

	while (wait_for(fd)) {
		ssize_t got = read(fd, text + size, room - 1 - size);
		char *more;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		size += (size_t)got;
		if (size + 1 < room)
			continue;
		if (room >= SAID_MOST) {
			size = 0; /* nobody reads that much: keep the end */
			continue;
		}
		more = new_zeroed(2 * room, 1);
		memcpy(more, text, size);
		free(text);
		text = more;
		room *= 2;
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
	if (interrupted())
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (interrupted()) {
		said_free(said);
		return problem_set(p, EXIT_LAB, "interrupted");
	}
	said->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

void said_free(struct said *said)
{
	free(said->out);
	*said = (struct said){ 0 };
}

bool reason_is_missing_file(const char *line)
{
	return strstr(line, "404  Not Found") || strstr(line, "File not found");
}

/* How much a line of apt's says of what went wrong. */
static int weight(const char *line)
{
	if (!strncmp(line, "W: Failed to fetch", 18))
		return reason_is_missing_file(line) ? 3 : 4;
	if (strncmp(line, "E: ", 3))
		return *line != '\0';
	if (!strncmp(line, "E: Download Failed", 18) || !strncmp(line, "E: Some index files", 19))
		return 2;
	return reason_is_missing_file(line) ? 3 : 4;
}

char *said_reason(const struct said *said)
{
	struct strings lines = strings_split(said->out ? said->out : "", '\n');
	const char *best = "it says nothing";
	int most = 1;
	char *reason;

	for (size_t i = 0; i < lines.count; i++) {
		if (weight(lines.item[i]) < most)
			continue;
		most = weight(lines.item[i]);
		best = lines.item[i];
	}
	reason = new_string(most > 1 ? best + 3 : best); /* without "E: " */
	strings_free(&lines);
	return reason;
}
