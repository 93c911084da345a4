// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated machines.  Each has two serial ports: the first is the kernel's
 * console, the second carries the stream, so that printk never mixes with it.
 *
 * Why the kernel's command line is as it is: without a known TSC frequency a
 * microvm hangs in the calibration against the PIT; one processor and one TCG
 * thread, because text patching under multi-threaded TCG made L1 panic; no
 * mitigations and no self-tests of crypto, because both cost seconds; panic=-1
 * with -no-reboot turns a panic into the end of QEMU; expedited grace periods, and
 * callbacks by threads at once and not by the next ticks, because the end of a VM waits
 * for several of both, and they outlast a short test.
 *
 * Why delivery errors are tried again: see harness/driver/kvm-delivery.c.
 *
 * Why no CMPXCHG16B: QEMU 7.2's TCG computes the flags after it from a stale
 * state, so that EFLAGS becomes garbage now and then; Linux uses it in each
 * allocation.  With it 23 of 123 boots died, without it none of 60.
 *
 * Why no ERMS: TCG performs REP MOVSB and STOSB byte by byte, so that what is fastest on a
 * processor, for Linux to clear a page and for libc to copy, is slowest here.
 */
#include "harness/lab/lab.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPEND_X86                                                                                 \
	"console=ttyS0 loglevel=5 printk.time=1 nokaslr mitigations=off cryptomgr.notests "        \
	"tsc=reliable no_timer_check noreplace-smp apparmor=0 audit=0 random.trust_cpu=on "        \
	"tsc_early_khz=2500000 rcupdate.rcu_expedited=1 rcu_nocbs=all "                            \
	"rcutree.enable_rcu_lazy=0 panic=-1 oops=panic"

/*
 * virt: L1 runs at EL2, with a GICv4 and the device `edu` behind an SMMUv3, so that its
 * messages go into a vCPU directly where KVM lets them.  Two processors: a vCPU's, and
 * one for those that disturb it.  QEMU 7.2 migrates no configuration space of edu, so
 * this machine boots for every image.
 */
#define APPEND_ARM64                                                                               \
	"console=ttyAMA0 loglevel=5 printk.time=1 nokaslr mitigations=off cryptomgr.notests "      \
	"apparmor=0 audit=0 random.trust_cpu=on rcupdate.rcu_expedited=1 panic=-1 oops=panic "     \
	"kvm-arm.vgic_v4_enable=1"

static const struct machine machines[] = {
	{ .name = "microvm",
	  .arch = "amd64",
	  .qemu = "qemu-system-x86_64",
	  .words = "-machine microvm,rtc=on,pit=on,pic=on",
	  .package = "qemu-system-x86",
	  .cpu = "max,-cx16,-erms",
	  .memory = "256",
	  .cpus = "1",
	  .stream = "-device isa-serial,chardev=stream,iobase=0x2f8,irq=3",
	  .port = "/dev/ttyS1",
	  .append = APPEND_X86,
	  .kvm = "kvm-amd",
	  .driver = "delivery-error=retry",
	  .loses_shadow = true,
	  .patience = 60,
	  .deadline = 30 },
	{ .name = "pc",
	  .arch = "amd64",
	  .qemu = "qemu-system-x86_64",
	  .words = "-machine pc",
	  .package = "qemu-system-x86",
	  .cpu = "max,-cx16,-erms",
	  .memory = "256",
	  .cpus = "1",
	  .stream = "-device isa-serial,chardev=stream,iobase=0x2f8,irq=3",
	  .port = "/dev/ttyS1",
	  .append = APPEND_X86,
	  .kvm = "kvm-amd",
	  .driver = "delivery-error=retry",
	  .loses_shadow = true,
	  .patience = 60,
	  .deadline = 30 },
	/*
	 * reboot=t: a triple fault is how Bochs ends.  No printk.time: it reads the clock
	 * for every line.  All of its boot is text patching, which is slow and silent.
	 */
	{ .name = "bochs",
	  .arch = "amd64",
	  .cpu = "sapphire_rapids",
	  .memory = "256",
	  .cpus = "1",
	  .port = "/dev/ttyS1",
	  .append = "console=ttyS0,115200 loglevel=5 nokaslr nosmp mitigations=off "
		    "cryptomgr.notests apparmor=0 audit=0 random.trust_cpu=on "
		    "oops=panic panic=-1 reboot=t",
	  .kvm = "kvm-intel",
	  .bochs = true,
	  .cold = true,
	  .patience = 240,
	  .deadline = 5 },
	{ .name = "virt",
	  .arch = "arm64",
	  .qemu = "qemu-system-aarch64",
	  .package = "qemu-system-arm",
	  .words = "-machine virt,virtualization=on,gic-version=4,iommu=smmuv3 "
		   "-device edu,addr=1 -device edu,addr=2",
	  /* Not cortex-a57: for its erratum 834220 kernels from 6.16 on find no HPFAR there. */
	  .cpu = "cortex-a72",
	  .memory = "512",
	  .cpus = "2",
	  .stream = "-device pci-serial,chardev=stream",
	  .port = "/dev/ttyS0",
	  .append = APPEND_ARM64,
	  .kvm = "kvm",
	  .early =
		  "mode vgic_v4_enable vgic_v3_group0_trap vgic_v3_group1_trap vgic_v3_common_trap "
		  "wfe_trap_policy wfi_trap_policy",
	  .modules = "vfio-pci vfio_iommu_type1",
	  .cold = true,
	  .patience = 60,
	  .deadline = 30 },
};

const struct machine *machine_find(const char *name, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if ((!*name || !strcmp(machines[i].name, name)) &&
		    (!arch || !strcmp(machines[i].arch, arch)))
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
	bool image = !lab->kernel.vmlinux || place_is(&lab->place, PLACE_LA57, '1');
	char *parameters = strings_join(&lab->boot_parameters, " ");

	add(c, "-kernel", "%s", image ? lab->kernel.image : lab->kernel.vmlinux);
	add(c, "-initrd", "%s", lab->initramfs);
	add(c, "-append", "%s assay.stream=%s%s%s", lab->machine->append, lab->machine->port,
	    *parameters ? " " : "", parameters);
	free(parameters);
}

struct strings machine_command(const struct lab *lab, const struct machine_descriptors *fd)
{
	const char *cpus = lab->place.value[PLACE_CPUS];
	struct strings c = { 0 };

	strings_add(&c, lab->qemu);
	add_words(&c, "-nodefaults -no-user-config -no-reboot -display none -net none");
	add(&c, "-sandbox",
	    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
	    "resourcecontrol=deny");
	add_words(&c, lab->machine->words);
	add(&c, "-accel", "tcg,thread=%s", strcmp(cpus, "1") ? "multi" : "single");
	add(&c, "-smp", "%s", cpus);
	add(&c, "-cpu", "%s", lab->place.value[PLACE_CPU]);
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
