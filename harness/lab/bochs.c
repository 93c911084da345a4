// SPDX-License-Identifier: GPL-2.0-only
/* A Bochs process as a lab's machine; see bochs.h. */
#include "harness/lab/bochs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/driver/terminal.h"
#include "harness/lab/bochs-layout.h"
#include "harness/lab/kernel-files.h"

/*
 * ips: how many instructions make a second of its devices; its TSC says 2.2 GHz
 * whatever stands there, so that a guest's second is long, and nothing may wait
 * for one.  LA57: Bochs ends in RSM with it.  A triple fault, which is how a
 * kernel without a way to reset ends (reboot=t), ends Bochs.
 */
static const char config[] =
	"display_library: nogui\n"
	"config_interface: textconfig\n"
	"romimage: file=/usr/share/bochs/BIOS-bochs-latest\n"
	"vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin\n"
	"optromimage1: file=\"%s/rom\", address=%#x\n"
	"optramimage1: file=\"%s/parameters\", address=%#x\n"
	"optramimage2: file=\"%s/kernel\", address=%s\n"
	"optramimage3: file=\"%s/initramfs\", address=%#x\n"
	"cpu: model=%s, count=1, ips=20000000, reset_on_triple_fault=0, ignore_bad_msrs=1, "
	"exclude_features=\"la57\"\n"
	"memory: guest=%s, host=%s\n"
	"clock: sync=none, time0=utc\n"
	"boot: disk\n"
	"log: /dev/stderr\n"
	"logprefix: %%d\n"
	"panic: action=fatal\n"
	"error: action=ignore\n"
	"info: action=ignore\n"
	"debug: action=ignore\n";

static char *first_line(const char *folder, const char *name)
{
	char *path = new_format("%s/%s", folder, name), *line;
	struct problem ignored;
	struct bytes text;

	if (!file_read(path, 4096, &text, &ignored)) {
		free(path);
		return new_string("");
	}
	line = new_format("%.*s", (int)strcspn((char *)text.data, "\n"), (char *)text.data);
	bytes_free(&text);
	free(path);
	return line;
}

char *bochs_config(const struct lab *lab, const char *folder)
{
	const char *memory = lab->place.value[PLACE_MEMORY], *cpu = lab->place.value[PLACE_CPU];
	char *base = first_line(folder, "kernel-at");
	char *text = new_format(config, folder, BOCHS_ROM, folder, BOCHS_PARAMETERS, folder, base,
				folder, BOCHS_INITRAMFS, cpu, memory, memory);

	free(base);
	return text;
}

/* "Bochs 3.0+dfsg of trixie, source ...": what lies beside a build of ours. */
static char *version_of(const char *binary)
{
	char *folder = path_folder(binary), *line = first_line(folder, "about"), *version;

	if (strncmp(line, "Bochs ", 6))
		version = new_string("Bochs");
	else
		version = new_format("%.*s", (int)(6 + strcspn(line + 6, " ")), line);
	free(line);
	free(folder);
	return version;
}

bool bochs_find(struct lab *lab, struct problem *p)
{
	const char *named = lab->place.value[PLACE_QEMU];
	char *build = path_folder(lab->driver);

	lab->qemu = *named ? new_string(named) : new_format("%s/bochs/patched/bochs", build);
	free(build);
	if (access(lab->qemu, X_OK))
		return *named ? problem_set(p, EXIT_USAGE, "@lab,qemu=%s: no such program", named)
			      : problem_set(p, EXIT_LAB, "no Bochs is built: run make bochs");
	if (strcmp(lab->place.value[PLACE_CPUS], "1") || place_is(&lab->place, PLACE_LA57, '1'))
		return problem_set(p, EXIT_USAGE,
				   "machine bochs has one processor, and no 5-level paging");
	lab->qemu_version = version_of(lab->qemu);
	return true;
}

/* In memory, and without CLOEXEC: Bochs reads it, and nothing stays behind. */
static int config_file(const struct lab *lab, const char *terminal, int console)
{
	char *folder = path_folder(lab->initramfs), *text = bochs_config(lab, folder);
	int fd = memfd_create("bochsrc", 0);

	if (fd >= 0)
		dprintf(fd,
			"%scom1: enabled=1, mode=file, dev=/proc/self/fd/%d\n"
			"com2: enabled=1, mode=term, dev=%s\n",
			text, console, terminal);
	free(text);
	free(folder);
	return fd;
}

/* Bochs talks to the terminal, not to its standard input and output. */
static void take_terminal(struct l1 *l1, int terminal)
{
	close(l1->qemu.in);
	l1->unread = l1->qemu.out;
	l1->qemu.in = terminal;
	l1->qemu.out = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
}

bool bochs_start(struct l1 *l1, const struct lab *lab, struct problem *p)
{
	char terminal[64], rc[64], *argv[] = { lab->qemu, "-q", "-f", rc, NULL };
	int fd, file;
	bool ok;

	*l1 = (struct l1){ .qmp.fd = -1, .slave = -1, .unread = -1, .last_line = clock_seconds() };
	l1->console = memfd_create("console", 0);
	fd = terminal_open(terminal, sizeof(terminal), &l1->slave);
	file = l1->console < 0 || fd < 0 ? -1 : config_file(lab, terminal, l1->console);
	if (file < 0) {
		if (fd >= 0)
			close(fd);
		l1_stop(l1);
		return problem_set(p, EXIT_LAB, "lab: no terminal or memory for Bochs: %s",
				   strerror(errno));
	}
	snprintf(rc, sizeof(rc), "/proc/self/fd/%d", file);
	setenv("BXSHARE", "/usr/share/bochs", 0);
	ok = child_start(&l1->qemu, argv, p);
	close(file);
	if (ok)
		take_terminal(l1, fd);
	else
		close(fd);
	if (!ok)
		l1_stop(l1);
	return ok;
}
