// SPDX-License-Identifier: GPL-2.0-only
/* The first process of a lab's kernel; see init.h. */
#include "harness/driver/init.h"
#include "harness/driver/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 32 };

static const struct {
	const char *type, *path;
} mounts[] = {
	{ "devtmpfs", "/dev" },
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
};

/* Nobody can go on without this: the console tells, and the kernel stops with us. */
static _Noreturn void give_up(const char *what)
{
	dprintf(STDERR_FILENO, "assay init: %s: %s\n", what, strerror(errno));
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static void mount_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].path, 0755);
		/* The kernel may have mounted /dev itself (DEVTMPFS_MOUNT). */
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL) &&
		    errno != EBUSY)
			give_up(mounts[i].path);
	}
}

/* The port becomes standard input and output; what is written for people goes to the console. */
static void open_ports(void)
{
	static const char option[] = "assay.stream=";
	char line[4096] = "", *path;
	struct termios raw;
	int console = open("/dev/console", O_RDWR | O_NOCTTY), port;
	FILE *f = fopen("/proc/cmdline", "r");

	if (console >= 0)
		dup2(console, STDERR_FILENO);
	if (!f || !fgets(line, sizeof(line), f))
		give_up("/proc/cmdline");
	fclose(f);
	path = strstr(line, option);
	path = path ? strtok(path + strlen(option), " \n") : NULL;
	port = path ? open(path, O_RDWR | O_NOCTTY) : -1;
	if (port < 0)
		give_up(path ? path : "no assay.stream= on the kernel's command line");
	if (!tcgetattr(port, &raw)) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		raw.c_cflag |= CLOCAL | CREAD;
		tcsetattr(port, TCSANOW, &raw);
	}
	dup2(port, STDIN_FILENO);
	dup2(port, STDOUT_FILENO);
}

static bool load_module(const char *path, const char *parameters, struct text *missing)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && (!syscall(SYS_finit_module, fd, parameters, 0) || errno == EEXIST);

	if (!ok)
		text_add(missing, "the kernel does not load %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static void load_modules(struct text *missing)
{
	char line[1024], *parameters;
	FILE *f = fopen(LAB_MODULES, "r");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		parameters = strchr(line, ' ');
		if (parameters)
			*parameters++ = '\0';
		if (!load_module(line, parameters ? parameters : "", missing))
			break;
	}
	if (f)
		fclose(f);
}

/* By single bytes: what comes behind the line is the driver's. */
static void read_line(char *line, size_t size)
{
	size_t length = 0;
	char c;

	for (;;) {
		ssize_t n = read(STDIN_FILENO, &c, 1);

		if (n < 0 && errno != EINTR)
			give_up("read");
		if (n <= 0)
			continue;
		if (c == '\n')
			break;
		if (length + 1 < size)
			line[length++] = c;
	}
	line[length] = '\0';
}

/* Cut "start ARGUMENT..." into words; 0 if it is something else. */
static int parse_start(char *line, char **argv)
{
	int argc = 0;

	for (char *word = strtok(line, " "); word && argc < ARGUMENTS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc && !strcmp(argv[0], "start") ? argc : 0;
}

/*
 * A kernel whose calibration of its timer an emulator's pauses have spoilt goes without
 * it, and knows the time by ticks alone: every test that waits would be late.
 */
static bool knows_time_by_ticks(void)
{
	struct timespec resolution = { 0 };

	return !clock_getres(CLOCK_MONOTONIC, &resolution) && resolution.tv_nsec > 1000;
}

static void run_driver(const struct host_ops *ops, int argc, char **argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (!pid)
		exit(driver_main(ops, argc, argv));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	stream_begin("ended");
	stream_number("status", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	stream_send();
}

void init_main(const struct host_ops *ops)
{
	char line[2048], *argv[ARGUMENTS_MAX + 1], why[256] = "";
	struct text missing = text_into(why, sizeof(why));
	int argc;

	mount_all();
	open_ports();
	load_modules(&missing);
	stream_begin("ready");
	if (*why)
		stream_string("missing", why);
	if (knows_time_by_ticks())
		stream_string("doubt", "its timers are no finer than its ticks");
	stream_send();
	for (;;) {
		read_line(line, sizeof(line));
		argc = parse_start(line, argv);
		if (argc)
			run_driver(ops, argc, argv);
	}
}
