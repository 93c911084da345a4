// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU process: started so that it dies with the driver whatever happens,
 * ended by force, and its death told in words.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/driver/qemu.h"

/* A QEMU that has closed its sockets is about to exit. */
#define EXIT_SECONDS 10

/* The ends that QEMU gets, at the numbers it gets them: 0, 1, 2, QMP, qtest. */
enum { CHILD_ENDS = 5 };

_Noreturn static void become_qemu(struct command *c, const int *ends, pid_t driver)
{
	sigset_t none;
	int moved[CHILD_ENDS], error;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The driver may have died before the line above. */
	if (getppid() != driver)
		_exit(STATUS_NO_BINARY);

	/* Out of each other's way first. */
	for (int i = 0; i < CHILD_ENDS; i++)
		moved[i] = fcntl(ends[i], F_DUPFD, CHILD_ENDS);
	for (int i = 0; i < CHILD_ENDS; i++)
		dup2(moved[i], i);
	close_range(CHILD_ENDS, ~0u, 0);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(c->word[0], c->word);
	error = errno;
	dprintf(2, "cannot run %s: %s\n", c->word[0], strerror(error));
	_exit(error == ENOENT ? STATUS_NO_BINARY : STATUS_CANNOT_RUN);
}

/* Pairs of descriptors: ours and QEMU's. */
struct ends {
	int in[2], out[2], errors[2], qmp[2], qtest[2];
};

static void close_ends(struct ends *e)
{
	for (size_t i = 0; i < sizeof(*e) / sizeof(int); i++)
		if (((int *)e)[i] >= 0)
			close(((int *)e)[i]);
}

static bool open_ends(struct ends *e)
{
	memset(e, 0xff, sizeof(*e));
	return !pipe2(e->in, O_CLOEXEC) && !pipe2(e->out, O_CLOEXEC) &&
	       !pipe2(e->errors, O_CLOEXEC) &&
	       !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e->qmp) &&
	       !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e->qtest);
}

static void handle_event(void *context, const char *event, const json_t *data)
{
	const char *reason = json_string_value(json_object_get(data, "reason"));
	const char *status = json_string_value(json_object_get(data, "status"));
	struct process *p = context;

	if (!strcmp(event, "SHUTDOWN")) {
		bool reset = reason && !strcmp(reason, "guest-reset");

		if (!p->end[0])
			snprintf(p->end, sizeof(p->end), "%s (QMP SHUTDOWN, %s)",
				 reset ? "triple fault or reset" : "the machine was switched off",
				 reason ? reason : "no reason given");
	} else if (!strcmp(event, "GUEST_PANICKED")) {
		snprintf(p->end, sizeof(p->end), "the guest panicked (QMP GUEST_PANICKED)");
	} else if (!strcmp(event, "STOP")) {
		p->stopped = true;
	} else if (!strcmp(event, "RESUME")) {
		p->stopped = false;
	} else if (!strcmp(event, "RESET")) {
		p->resets++;
	} else if (!strcmp(event, "MIGRATION") && status) {
		snprintf(p->migration, sizeof(p->migration), "%s", status);
	}
}

struct process *process_start(enum process_kind kind, const char *image_path, unsigned int cpus,
			      struct text *reason)
{
	struct process *p = calloc(1, sizeof(*p));
	pid_t driver = getpid();
	struct command command;
	struct ends e;

	if (!p || !open_ends(&e)) {
		text_add(reason, "cannot open pipes for QEMU: %s", strerror(errno));
		goto failed;
	}
	command_make(&command, kind, image_path, cpus);
	p->pid = fork();
	if (!p->pid)
		become_qemu(&command,
			    (int[CHILD_ENDS]){ e.in[0], e.out[1], e.errors[1], e.qmp[1], e.qtest[1] },
			    driver);
	command_free(&command);
	if (p->pid < 0) {
		text_add(reason, "fork: %s", strerror(errno));
		goto failed;
	}
	setpgid(p->pid, p->pid);
	clock_getcpuclockid(p->pid, &p->cpu_clock);
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	p->to_guest = e.in[1];
	p->from_guest = e.out[0];
	p->errors = e.errors[0];
	p->qtest = e.qtest[0];
	qmp_open(&p->qmp, e.qmp[0], handle_event, p);
	fcntl(p->from_guest, F_SETFL, O_NONBLOCK);
	fcntl(p->errors, F_SETFL, O_NONBLOCK);
	e.in[1] = e.out[0] = e.errors[0] = e.qmp[0] = e.qtest[0] = -1;
	close_ends(&e);
	return p;

failed:
	if (p)
		close_ends(&e);
	free(p);
	return NULL;
}

static void kill_group(struct process *p)
{
	/* By number too: the child may not lead its group yet. */
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
}

void process_stop(struct process *p)
{
	if (!p)
		return;
	if (p->pid > 0) {
		kill_group(p);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	process_listen(p);
	console_flush(&p->console);
	qmp_close(&p->qmp);
	close(p->to_guest);
	close(p->from_guest);
	if (p->errors >= 0)
		close(p->errors);
	close(p->qtest);
	if (p->pidfd >= 0)
		close(p->pidfd);
	free(p);
}

void process_listen(struct process *p)
{
	qmp_service(&p->qmp, 0);
	console_read(&p->console, &p->errors);
}

/* The signals that QEMU can bring upon itself; the others somebody sent. */
static bool own_fault(int signal)
{
	return signal != SIGKILL && signal != SIGTERM && signal != SIGINT && signal != SIGHUP;
}

/* Say how it died, unless QMP said why already. */
static void describe_end(struct process *p, int status)
{
	p->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	p->killed = WIFSIGNALED(status) && !own_fault(WTERMSIG(status));
	if (p->end[0])
		return;
	if (WIFSIGNALED(status))
		snprintf(p->end, sizeof(p->end), "QEMU was killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(p->end, sizeof(p->end), "QEMU ended with exit status %d",
			 p->exit_status);
}

bool process_ended(struct process *p, char *reason, size_t size)
{
	siginfo_t info = { 0 };
	int status = 0;

	if (p->pid > 0) {
		/* Looked at first and reaped later, so that the group's number is still its own. */
		if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
			return false;
		kill_group(p);
		waitpid(p->pid, &status, 0);
		p->pid = 0;
		process_listen(p);
		console_flush(&p->console);
		describe_end(p, status);
	}
	snprintf(reason, size, "%s%s%s", p->end, p->console.first[0] ? ": " : "",
		 p->console.first);
	return true;
}

bool process_wait(struct process *p, char *reason, size_t size)
{
	struct pollfd exit = { .fd = p->pidfd, .events = POLLIN };

	if (p->pid > 0)
		poll(&exit, 1, EXIT_SECONDS * 1000);
	return process_ended(p, reason, size);
}

double process_cpu_seconds(const struct process *p)
{
	struct timespec used;

	if (clock_gettime(p->cpu_clock, &used))
		return 0;
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}
