// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated machines.  Each has two serial ports: the first is the kernel's
 * console, the second carries the stream, so that printk never mixes with it.
 *
 * Why the kernel's command line is as it is: without a known TSC frequency a
 * microvm hangs in the calibration against the PIT; one processor and one TCG
 * thread, because text patching under multi-threaded TCG made L1 panic; no
 * mitigations and no self-tests of crypto, because both cost seconds; panic=-1
 * with -no-reboot turns a panic into the end of QEMU; expedited grace periods, because
 * the end of a VM waits for several, and they outlast a short test.
 *
 * Why no CMPXCHG16B: QEMU 7.2's TCG computes the flags after it from a stale
 * state, so that EFLAGS becomes garbage now and then; Linux uses it in each
 * allocation.  With it 23 of 123 boots died, without it none of 60.
 */
#include "harness/lab/lab.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPEND_X86                                                                                 \
	"console=ttyS0 loglevel=5 printk.time=1 nokaslr mitigations=off cryptomgr.notests "        \
	"tsc=reliable no_timer_check noreplace-smp apparmor=0 audit=0 random.trust_cpu=on "        \
	"tsc_early_khz=2500000 rcupdate.rcu_expedited=1 panic=-1 oops=panic"

static const struct machine machines[] = {
	{ .name = "microvm",
	  .arch = "amd64",
	  .qemu = "qemu-system-x86_64",
	  .words = "-machine microvm,rtc=on,pit=on,pic=on",
	  .cpu = "max,-cx16",
	  .stream = "-device isa-serial,chardev=stream,iobase=0x2f8,irq=3",
	  .port = "/dev/ttyS1",
	  .append = APPEND_X86,
	  .kvm = "kvm-amd" },
	{ .name = "pc",
	  .arch = "amd64",
	  .qemu = "qemu-system-x86_64",
	  .words = "-machine pc",
	  .cpu = "max,-cx16",
	  .stream = "-device isa-serial,chardev=stream,iobase=0x2f8,irq=3",
	  .port = "/dev/ttyS1",
	  .append = APPEND_X86,
	  .kvm = "kvm-amd" },
};

const struct machine *machine_find(const char *name, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (!strcmp(machines[i].name, name) && !strcmp(machines[i].arch, arch))
			return &machines[i];
	return NULL;
}

static void add_words(struct strings *c, const char *words)
{
	struct strings parts = strings_split(words, ' ');

	for (size_t i = 0; i < parts.count; i++)
		strings_add(c, parts.item[i]);
	strings_free(&parts);
}

static void printf_like(3, 4) add(struct strings *c, const char *option, const char *format, ...)
{
	va_list args;
	char *value;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		abort();
	va_end(args);
	strings_add(c, option);
	strings_add(c, value);
	free(value);
}

/*
 * The uncompressed kernel enters by its PVH note and saves the seconds of
 * unpacking itself, but in 4-level paging; only the way through the bzImage's
 * own entry turns 5-level paging on.
 */
static void add_kernel(struct strings *c, const struct lab *lab)
{
	bool la57 = place_is(&lab->place, PLACE_LA57, '1');

	add(c, "-kernel", "%s", la57 ? lab->kernel.image : lab->kernel.vmlinux);
	add(c, "-initrd", "%s", lab->initramfs);
	add(c, "-append", "%s assay.stream=%s", lab->machine->append, lab->machine->port);
}

struct strings machine_command(const struct lab *lab, const struct machine_descriptors *fd)
{
	const char *cpus = lab->place.value[PLACE_CPUS], *cpu = lab->place.value[PLACE_CPU];
	struct strings c = { 0 };

	strings_add(&c, lab->qemu);
	add_words(&c, "-nodefaults -no-user-config -no-reboot -display none -net none");
	add(&c, "-sandbox",
	    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
	    "resourcecontrol=deny");
	add_words(&c, lab->machine->words);
	add(&c, "-accel", "tcg,thread=%s", strcmp(cpus, "1") ? "multi" : "single");
	add(&c, "-smp", "%s", cpus);
	add(&c, "-cpu", "%s", *cpu ? cpu : lab->machine->cpu);
	add(&c, "-m", "%s", lab->place.value[PLACE_MEMORY]);
	/* A file and pipes: serial output through a socket was seen to stall after a restore. */
	add(&c, "-chardev", "file,id=console,path=/proc/self/fd/%d", fd->console);
	add(&c, "-serial", "chardev:console");
	add(&c, "-chardev", "stdio,id=stream,signal=off");
	add_words(&c, lab->machine->stream);
	add(&c, "-chardev", "socket,id=qmp,fd=%d", fd->qmp);
	add(&c, "-mon", "chardev=qmp,mode=control");
	add_kernel(&c, lab);
	if (fd->incoming >= 0)
		add(&c, "-incoming", "fd:%d", fd->incoming);
	return c;
}
