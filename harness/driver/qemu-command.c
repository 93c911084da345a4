// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's command line, made of the target's options.
 *
 * Nothing but what is written here: no default devices, no configuration file,
 * no network, no display; a seccomp filter that lets QEMU start no process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/qemu.h"

__attribute__((format(printf, 2, 3))) static void add(struct command *c, const char *format, ...)
{
	va_list args;
	char *word;

	va_start(args, format);
	if (c->words < COMMAND_WORDS_MAX && vasprintf(&word, format, args) >= 0)
		c->word[c->words++] = word;
	va_end(args);
	c->word[c->words] = NULL;
}

static void add_option(struct command *c, const char *option, const char *value)
{
	add(c, "%s", option);
	add(c, "%s", value);
}

/* A comma in a value of -drive is written twice. */
static char *double_commas(const char *path)
{
	char *doubled = malloc(2 * strlen(path) + 1), *to = doubled;

	for (; doubled && *path; path++) {
		if (*path == ',')
			*to++ = ',';
		*to++ = *path;
	}
	if (doubled)
		*to = '\0';
	return doubled;
}

/*
 * Only read, so without locks: during RESTORE two processes have it open.
 * SeaBIOS boots no disk that is smaller than a cylinder (16 * 63 sectors).
 */
static void add_disk(struct command *c, const char *image_path)
{
	char *path = double_commas(image_path);

	add(c, "-drive");
	add(c, "file=%s.img,format=raw,if=virtio,readonly=on,file.locking=off", path ? path : "");
	free(path);
}

static void add_image(struct command *c, const char *image_path)
{
	bool flat = option_is(&qemu_ops, "boot", "multiboot") ||
		    option_is(&qemu_ops, "boot", "image");

	if (option_is(&qemu_ops, "boot", "disk")) {
		add_disk(c, image_path);
	} else {
		add(c, "-kernel");
		add(c, flat ? "%s.bin" : "%s", image_path);
	}
}

void command_make(struct command *c, enum process_kind kind, const char *image_path,
		  unsigned int cpus)
{
	const char *machine = option_get(&qemu_ops, "machine"), *words = "";

	/* Without ACPI microvm's firmware is qboot, which enters a PVH payload at once. */
	if (!strcmp(machine, "microvm"))
		words = ",acpi=off,x-option-roms=off";
	if (!strcmp(machine, "virt"))
		words = ",gic-version=3,its=on";
	c->words = 0;
	add(c, "%s", option_get(&qemu_ops, "binary"));
	add(c, "-nodefaults");
	add(c, "-no-user-config");
	/* A triple fault ends QEMU, with a SHUTDOWN event that says so. */
	add(c, "-no-reboot");
	add_option(c, "-display", "none");
	add_option(c, "-net", "none");
	if (option_is(&qemu_ops, "sandbox", "on"))
		add_option(c, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
					  "resourcecontrol=deny");

	add(c, "-machine");
	add(c, "%s%s", machine, words);
	add_option(c, "-accel", option_get(&qemu_ops, "accel"));
	add_option(c, "-cpu", option_get(&qemu_ops, "cpu"));
	if (cpus > 1) {
		add(c, "-smp");
		add(c, "%u", cpus);
	}
	add(c, "-m");
	add(c, "%lu", strtoul(option_get(&qemu_ops, "memory"), NULL, 0));

	/* The wire is a pair of pipes: a socket was seen to stall after RESTORE. */
	add_option(c, "-chardev", "stdio,id=wire,signal=off");
	add_option(c, "-serial", "chardev:wire");
	add(c, "-chardev");
	add(c, "socket,id=qmp,fd=%d", QEMU_FD_QMP);
	add_option(c, "-mon", "chardev=qmp,mode=control");
	add(c, "-chardev");
	add(c, "socket,id=qtest,fd=%d", QEMU_FD_QTEST);
	add_option(c, "-qtest", "chardev:qtest");
	add_option(c, "-qtest-log", "none");

	if (kind == PROCESS_INCOMING)
		add_option(c, "-incoming", "defer");
	if (kind == PROCESS_PROBE)
		add(c, "-S");
	else
		add_image(c, image_path);
}

void command_free(struct command *c)
{
	while (c->words)
		free(c->word[--c->words]);
}
