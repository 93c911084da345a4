// SPDX-License-Identifier: GPL-2.0-only
/* Processes that cannot be left behind; see child.h. */
#include "harness/assay/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/assay/interrupt.h"

/* Held from a fork to the entry in the list, so that nobody sweeps a newborn away. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What children_sweep() leaves alone: our drivers, and what whoever became us had started. */
static struct pids {
	pid_t *pid;
	size_t count;
} alive, inherited;

static bool is_among(pid_t pid, const pid_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == pid)
			return true;
	return false;
}

/*
 * All children of our first thread, as the kernel lists them; none where it does
 * not.  Orphans come to this thread; drivers that another one started are not here.
 */
static pid_t *children(size_t *count)
{
	char path[64], *line = NULL, *next;
	pid_t *list = NULL, pid;
	size_t size = 0;
	FILE *f;

	*count = 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f && getline(&line, &size, f) > 0) {
		for (next = line; (pid = (pid_t)strtol(next, &next, 10)) > 0;) {
			list = grow(list, *count, sizeof(*list));
			list[(*count)++] = pid;
		}
	}
	free(line);
	if (f)
		fclose(f);
	return list;
}

/* Orphans of a driver that died become ours, so that none is left behind. */
static void adopt_orphans(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	inherited.pid = children(&inherited.count);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void alive_add(pid_t pid)
{
	alive.pid = grow(alive.pid, alive.count, sizeof(*alive.pid));
	alive.pid[alive.count++] = pid;
	interrupt_add_group(pid);
}

static void alive_remove(pid_t pid)
{
	for (size_t i = 0; i < alive.count; i++) {
		if (alive.pid[i] != pid)
			continue;
		alive.pid[i] = alive.pid[--alive.count];
		break;
	}
	interrupt_remove_group(pid);
}

static _Noreturn void become(char *const *argv, pid_t parent, int in, int out, int err)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* We may have died before that. */
	if (getppid() != parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	execv(argv[0], argv);
	dprintf(2, "cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static void close_all(const int *fd, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

bool child_start(struct child *c, char *const *argv, struct problem *p)
{
	int fd[6] = { -1, -1, -1, -1, -1, -1 }; /* three pipes, reading end first */
	pid_t parent = getpid();

	pthread_mutex_lock(&lock);
	*c = (struct child){ .handle = -1, .in = -1, .out = -1, .err = -1 };
	adopt_orphans();
	for (int i = 0; i < 6; i += 2)
		if (pipe2(fd + i, O_CLOEXEC))
			goto failed;
	c->pid = fork();
	if (c->pid < 0)
		goto failed;
	if (!c->pid)
		become(argv, parent, fd[0], fd[3], fd[5]);
	setpgid(c->pid, c->pid); /* here too: whoever comes first */
	alive_add(c->pid);
	pthread_mutex_unlock(&lock);
	close(fd[0]);
	close(fd[3]);
	close(fd[5]);
	c->in = fd[1];
	c->out = fd[2];
	c->err = fd[4];
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	fcntl(c->err, F_SETFL, O_NONBLOCK);
	c->handle = pidfd_open(c->pid, 0);
	return true;
failed:
	pthread_mutex_unlock(&lock);
	problem_set(p, EXIT_LAB, "%s: cannot be started: %s", argv[0], strerror(errno));
	close_all(fd, ARRAY_SIZE(fd));
	c->pid = 0;
	return false;
}

void child_close_input(struct child *c)
{
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
}

int child_end(struct child *c)
{
	siginfo_t info;
	int status = 0;

	if (!c->pid)
		return 0;
	child_close_input(c);
	/*
	 * The dead leader is not waited for before its group is killed: only
	 * as long as it is a zombie can nobody else get its number.  If it
	 * lives, it is killed with the rest.
	 */
	info.si_pid = 0;
	waitid(P_PID, c->pid, &info, WEXITED | WNOWAIT | WNOHANG);
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&lock);
	alive_remove(c->pid);
	pthread_mutex_unlock(&lock);
	close_all((int[]){ c->handle, c->out, c->err }, 3);
	*c = (struct child){ .handle = -1, .in = -1, .out = -1, .err = -1 };
	return status;
}

void status_words(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
}

void children_sweep(void)
{
	size_t count;
	pid_t *pid;

	pthread_mutex_lock(&lock);
	pid = children(&count);

	for (size_t i = 0; i < count; i++) {
		if (is_among(pid[i], alive.pid, alive.count) ||
		    is_among(pid[i], inherited.pid, inherited.count))
			continue;
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	free(pid);
	pthread_mutex_unlock(&lock);
}
