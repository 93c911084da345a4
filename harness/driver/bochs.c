// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host `bochs`: Bochs' own emulation as a subject, on bare metal.  It has what
 * no QEMU emulates: AMX, and with our patches (ci/bochs) XFD too.  The unpatched
 * build is a subject like any other, whose deviations are findings.
 */
#include "harness/driver/bochs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/stream.h"

/* The image and the memory of tests end at GUEST_MEMORY_BYTES of x86/boot/x86.h. */
enum { GUEST_MEMORY_LEAST_MIB = 32, GUEST_MEMORY_MOST_MIB = 2048 };

#define BIOS "/usr/share/bochs/BIOS-bochs-latest"

static struct host_option options[] = {
	{ "build", "patched|unpatched", "patched", "which of the builds of `make bochs`", NULL },
	{ "model", "TEXT", "sapphire_rapids", "the processor, as of Bochs' cpu: model=", NULL },
	{ "memory", "NUMBER", STRING(GUEST_MEMORY_DEFAULT_MIB), "guest memory in MiB", NULL },
	{ "bios", "TEXT", BIOS, "the ROM that boots the disk", NULL },
	{ "binary", "TEXT", "default", "another Bochs than those of `make bochs`", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static char subject[160];

/* The folder that this driver lies in. */
static bool own_folder(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n < 0)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return slash;
}

bool bochs_path(char *path, struct text *missing)
{
	const char *named = option_get(&bochs_ops, "binary");
	char folder[REASON_MAX / 2];

	if (strcmp(named, "default")) {
		snprintf(path, REASON_MAX, "%s", named);
		if (!access(path, X_OK))
			return true;
		text_add(missing, "binary=%s: no such program", named);
		return false;
	}
	if (own_folder(folder, sizeof(folder))) {
		snprintf(path, REASON_MAX, "%s/bochs/%s/bochs", folder,
			 option_get(&bochs_ops, "build"));
		if (!access(path, X_OK))
			return true;
	}
	text_add(missing, "no %s Bochs is built: run make bochs", option_get(&bochs_ops, "build"));
	return false;
}

/* "Bochs 3.0+dfsg of trixie, ...": the first words of what lies beside a build of ours. */
static void read_version(const char *binary, char *version, size_t size)
{
	char path[REASON_MAX + 16], line[128];
	FILE *about;

	snprintf(version, size, "of unknown version");
	snprintf(path, sizeof(path), "%.*sabout", (int)(strrchr(binary, '/') + 1 - binary), binary);
	about = strchr(binary, '/') ? fopen(path, "re") : NULL;
	if (!about)
		return;
	if (fgets(line, sizeof(line), about) && !strncmp(line, "Bochs ", 6))
		snprintf(version, size, "%.*s", (int)strcspn(line + 6, " \n"), line + 6);
	fclose(about);
}

static bool bochs_probe(const struct image *image, u64 *actions, const char **subject_text,
			struct text *missing)
{
	const char *bios = option_get(&bochs_ops, "bios");
	unsigned long mib = strtoul(option_get(&bochs_ops, "memory"), NULL, 0);
	char path[REASON_MAX], version[64];
	bool ours = option_is(&bochs_ops, "binary", "default");

	(void)image;
	*subject_text = subject;
	*actions = 0;
	if (mib < GUEST_MEMORY_LEAST_MIB || mib > GUEST_MEMORY_MOST_MIB) {
		text_add(missing, "memory=%lu: payloads take %u to %u MiB", mib,
			 GUEST_MEMORY_LEAST_MIB, GUEST_MEMORY_MOST_MIB);
		return false;
	}
	if (!bochs_path(path, missing))
		return false;
	if (access(bios, R_OK)) {
		text_add(missing, "no %s: run ci/setup bochs or apt-get install bochsbios", bios);
		return false;
	}
	read_version(path, version, sizeof(version));
	snprintf(subject, sizeof(subject), "Bochs %s %s, model %s", version,
		 ours ? option_get(&bochs_ops, "build") : "binary",
		 option_get(&bochs_ops, "model"));
	stream_fact("bochs", version);
	stream_fact("build", ours ? option_get(&bochs_ops, "build") : path);
	stream_fact("model", option_get(&bochs_ops, "model"));
	return true;
}

static bool many_cpus(struct text *missing)
{
	text_add(missing, "host bochs has one CPU: its build has no SMP");
	return false;
}

static struct vm *bochs_start(const struct image *image, unsigned int cpus, struct text *reason)
{
	struct vm_bochs *b = bochs_process_start(image, reason);

	(void)cpus;
	return b ? &b->vm : NULL;
}

static bool bochs_killed(struct vm *vm)
{
	return ((struct vm_bochs *)vm)->killed;
}

static void bochs_stop(struct vm *vm)
{
	bochs_process_stop((struct vm_bochs *)vm);
}

const struct host_ops bochs_ops = {
	.name = "bochs",
	.options = options,
	.probe = bochs_probe,
	.many_cpus = many_cpus,
	.start = bochs_start,
	.wait = bochs_wait,
	.reply = bochs_reply,
	.killed = bochs_killed,
	.stop = bochs_stop,
};

int main(int argc, char **argv)
{
	return driver_main(&bochs_ops, argc, argv);
}
