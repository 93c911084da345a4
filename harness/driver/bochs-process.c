// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Bochs process: a folder with its configuration and a link to the image, so
 * that its lock file lies there and not beside the image; a terminal for the
 * guest's serial port; and what its end was, in words.
 *
 * It cannot outlive the driver, and what it opened it needs no longer: the folder
 * goes when the payload said its first word, so that nothing stays behind even
 * where both are killed.
 */
#include "harness/driver/bochs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/driver/terminal.h"

/* Nothing is seen of it, but Bochs does not start without. */
#define VGA_BIOS "/usr/share/seabios/vgabios-stdvga.bin"

/* Files of the folder. */
static const char *const leaves[] = { "bochsrc", "disk", "disk.lock" };

/*
 * A panic of Bochs ends it with its words on the error output: a triple fault, and
 * what it does not emulate.  Its clock is that of its instructions, so that
 * nothing depends on how busy the machine is.
 */
static const char config[] = "display_library: nogui\n"
			     "config_interface: textconfig\n"
			     "romimage: file=%s\n"
			     "vgaromimage: file=" VGA_BIOS "\n"
			     "cpu: model=%s, count=1, ips=50000000, reset_on_triple_fault=0\n"
			     "memory: guest=%lu, host=%lu\n"
			     "clock: sync=none, time0=utc\n"
			     "boot: disk\n"
			     "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n"
			     "ata0-master: type=disk, path=%s/disk, mode=flat\n"
			     "com1: enabled=1, mode=term, dev=%s\n"
			     "log: /dev/stderr\n"
			     "logprefix: %%d\n"
			     "panic: action=fatal\n"
			     "error: action=ignore\n"
			     "info: action=ignore\n"
			     "debug: action=ignore\n";

static bool write_config(struct vm_bochs *b, const struct image *image, const char *terminal,
			 struct text *reason)
{
	unsigned long mib = strtoul(option_get(&bochs_ops, "memory"), NULL, 0);
	char path[128], disk[PATH_MAX], absolute[PATH_MAX];
	FILE *f;

	snprintf(b->folder, sizeof(b->folder), "/tmp/assay-bochs-XXXXXX");
	if (!mkdtemp(b->folder)) {
		b->folder[0] = '\0';
		text_add(reason, "mkdtemp: %s", strerror(errno));
		return false;
	}
	snprintf(disk, sizeof(disk), "%s.img", image->path);
	snprintf(path, sizeof(path), "%s/disk", b->folder);
	if (!realpath(disk, absolute) || symlink(absolute, path)) {
		text_add(reason, "%s: %s", disk, strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/bochsrc", b->folder);
	f = fopen(path, "we");
	if (f)
		fprintf(f, config, option_get(&bochs_ops, "bios"), option_get(&bochs_ops, "model"),
			mib, mib, b->folder, terminal);
	if (!f || fclose(f)) {
		text_add(reason, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

void bochs_forget_folder(struct vm_bochs *b)
{
	char path[128];

	if (!b->folder[0])
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++) {
		snprintf(path, sizeof(path), "%s/%s", b->folder, leaves[i]);
		unlink(path);
	}
	rmdir(b->folder);
	b->folder[0] = '\0';
}

_Noreturn static void become_bochs(const char *binary, const char *folder, int errors, pid_t driver)
{
	char rc[128], *argv[] = { "bochs", "-q", "-f", rc, NULL };
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The driver may have died before the line above. */
	if (getppid() != driver)
		_exit(126);
	snprintf(rc, sizeof(rc), "%s/bochsrc", folder);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(errors, 2);
	/* What it says on standard output is on the error output too, and its banner. */
	dup2(open("/dev/null", O_WRONLY), 1);
	close_range(3, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* Only so that its first words are not that it is not set. */
	setenv("BXSHARE", "/usr/share/bochs", 0);
	execv(binary, argv);
	dprintf(2, "cannot run %s: %s\n", binary, strerror(errno));
	_exit(126);
}

struct vm_bochs *bochs_process_start(const struct image *image, struct text *reason)
{
	struct vm_bochs *b = calloc(1, sizeof(*b));
	char binary[REASON_MAX], terminal[64];
	pid_t driver = getpid();
	int errors[2] = { -1, -1 }, slave = -1;

	if (!b || !bochs_path(binary, reason)) {
		free(b);
		return NULL;
	}
	b->vm.image = image;
	b->wire = b->errors = b->pidfd = -1;
	b->console.explains = ">>PANIC<<";
	b->wire = terminal_open(terminal, sizeof(terminal), &slave);
	if (b->wire < 0 || pipe2(errors, O_CLOEXEC)) {
		text_add(reason, "no terminal or pipe for Bochs: %s", strerror(errno));
		goto failed;
	}
	b->errors = errors[0];
	fcntl(b->errors, F_SETFL, O_NONBLOCK);
	if (!write_config(b, image, terminal, reason))
		goto failed;
	b->pid = fork();
	if (!b->pid)
		become_bochs(binary, b->folder, errors[1], driver);
	if (b->pid < 0) {
		b->pid = 0;
		text_add(reason, "fork: %s", strerror(errno));
		goto failed;
	}
	setpgid(b->pid, b->pid);
	clock_getcpuclockid(b->pid, &b->cpu_clock);
	b->pidfd = (int)syscall(SYS_pidfd_open, b->pid, 0);
	close(errors[1]);
	/* Kept until now: a terminal that nobody has open is a wire that ended. */
	b->slave = slave;
	return b;

failed:
	if (slave >= 0)
		close(slave);
	if (errors[1] >= 0)
		close(errors[1]);
	bochs_process_stop(b);
	return NULL;
}

static void kill_group(const struct vm_bochs *b)
{
	/* By number too: the child may not lead its group yet. */
	kill(-b->pid, SIGKILL);
	kill(b->pid, SIGKILL);
}

void bochs_process_stop(struct vm_bochs *b)
{
	if (b->pid > 0) {
		kill_group(b);
		while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	console_read(&b->console, &b->errors);
	console_flush(&b->console);
	console_flush(&b->input.text);
	bochs_forget_folder(b);
	if (b->wire >= 0)
		close(b->wire);
	if (b->slave >= 0)
		close(b->slave);
	if (b->errors >= 0)
		close(b->errors);
	if (b->pidfd >= 0)
		close(b->pidfd);
	free(b);
}

/* Its own words first, else how it ended. */
static void describe_end(struct vm_bochs *b, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	b->killed = signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
	if (signal)
		snprintf(b->vm.reason, sizeof(b->vm.reason), "Bochs was killed by signal %d (%s)",
			 signal, strsignal(signal));
	else if (b->console.first[0])
		snprintf(b->vm.reason, sizeof(b->vm.reason), "Bochs ended: %s", b->console.first);
	else
		snprintf(b->vm.reason, sizeof(b->vm.reason), "Bochs ended with exit status %d",
			 WEXITSTATUS(status));
}

bool bochs_process_ended(struct vm_bochs *b, int milliseconds)
{
	struct pollfd exit = { .fd = b->pidfd, .events = POLLIN };
	int status = 0;

	if (b->pid > 0) {
		if (poll(&exit, 1, milliseconds) != 1)
			return false;
		kill_group(b);
		waitpid(b->pid, &status, 0);
		b->pid = 0;
		console_read(&b->console, &b->errors);
		console_flush(&b->console);
		describe_end(b, status);
	}
	return true;
}

double bochs_cpu_seconds(const struct vm_bochs *b)
{
	struct timespec used;

	if (clock_gettime(b->cpu_clock, &used))
		return 0;
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}
