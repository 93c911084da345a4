// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host `qemu`: QEMU's own emulation (TCG) as a subject, or QEMU with KVM.
 *
 * Starting QEMU costs more than most tests, and asking it for its version
 * would cost half of that again.  So probing starts the first VM, reads the
 * version from its greeting, and start() finds the guest already booting.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/qemu.h"
#include "harness/driver/stream.h"

/* The image and the memory of tests end at GUEST_MEMORY_BYTES of x86/boot/x86.h; RAM below 3 GiB. */
enum { GUEST_MEMORY_LEAST_MIB = 32, GUEST_MEMORY_MOST_MIB = 3072 };

struct host_option qemu_options[] = {
	{ "arch", "x86|arm64", "x86", "the architecture that QEMU emulates", NULL },
	{ "machine", "microvm|pc|q35|virt", "microvm", "the machine that QEMU emulates", NULL },
	{ "accel", "tcg|kvm", "tcg", "who executes the guest; never replaced by another", NULL },
	{ "boot", "pvh|multiboot|disk|image|elf", "pvh",
	  "how the payload is loaded; microvm has no firmware for a disk", NULL },
	{ "cpu", "TEXT", "max", "the CPU model, as of qemu -cpu", NULL },
	{ "memory", "NUMBER", STRING(GUEST_MEMORY_DEFAULT_MIB), "guest memory in MiB", NULL },
	{ "binary", "TEXT", "qemu-system-x86_64", "which QEMU to run", NULL },
	{ "sandbox", "on|off", "on", "QEMU's seccomp filter", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* The VM that probing started; the first start() takes it. */
static struct process *early;

static char subject[128];

static bool read_version(struct process *p, struct text *missing)
{
	const json_t *version = qmp_version(&p->qmp, missing);
	const json_t *number = json_object_get(version, "qemu");
	const char *package = json_string_value(json_object_get(version, "package"));
	char text[64];

	if (!version)
		return false;
	snprintf(text, sizeof(text), "%d.%d.%d",
		 (int)json_integer_value(json_object_get(number, "major")),
		 (int)json_integer_value(json_object_get(number, "minor")),
		 (int)json_integer_value(json_object_get(number, "micro")));
	snprintf(subject, sizeof(subject), "QEMU %s %s, machine %s", text,
		 option_is(&qemu_ops, "accel", "kvm") ? "KVM" : "TCG",
		 option_get(&qemu_ops, "machine"));
	stream_fact("qemu", text);
	if (package && *package)
		stream_fact("package", package);
	return true;
}

/* The actions that this machine and this QEMU have commands for. */
static u64 find_actions(void)
{
	cpu_set_t allowed;
	u64 actions = 0;

	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (qemu_ops.act[i])
			actions |= BIT(i) & ~qemu_arch()->no_actions;
	if (!sched_getaffinity(0, sizeof(allowed), &allowed) && CPU_COUNT(&allowed) < 2)
		actions &= ~(u64)MIGRATE_VCPU;
	return actions;
}

static bool options_agree(struct text *missing)
{
	const char *memory = option_get(&qemu_ops, "memory");
	unsigned long mib = strtoul(memory, NULL, 0);

	if (option_is(&qemu_ops, "machine", "microvm") && option_is(&qemu_ops, "boot", "disk"))
		text_add(missing, "machine=microvm has no BIOS that could boot a disk: "
				  "use machine=pc or machine=q35");
	else if (mib < GUEST_MEMORY_LEAST_MIB || mib > GUEST_MEMORY_MOST_MIB)
		text_add(missing, "memory=%s: payloads take %u to %u MiB", memory,
			 GUEST_MEMORY_LEAST_MIB, GUEST_MEMORY_MOST_MIB);
	return !missing->length;
}

/* A QEMU that did not greet: its own words say more than ours. */
static void explain_absence(struct process *p, struct text *missing)
{
	char reason[REASON_MAX];

	if (!process_wait(p, reason, sizeof(reason)))
		return;
	*missing = text_into(missing->buffer, missing->size);
	if (p->exit_status == STATUS_NO_BINARY)
		text_add(missing, "no %s in PATH: run ci/setup or apt-get install %s",
			 option_get(&qemu_ops, "binary"), qemu_arch()->package);
	else
		text_add(missing, "%s", reason);
}

/* Start the first QEMU and hear its greeting. */
static struct process *greeted_process(const struct image *image, struct text *missing)
{
	enum process_kind kind = image ? PROCESS_BOOT : PROCESS_PROBE;

	for (bool again = true;; again = false) {
		struct process *p = process_start(kind, image ? image->path : NULL, 1, missing);

		if (!p)
			return NULL;
		p->console.quiet = true;
		if (read_version(p, missing))
			return p;
		explain_absence(p, missing);
		/* Killed from outside: that says nothing about the machine. */
		again = again && p->exit_status < 0;
		process_stop(p);
		if (!again)
			return NULL;
		*missing = text_into(missing->buffer, missing->size);
	}
}

static bool qemu_probe(const struct image *image, u64 *actions, const char **subject_text,
		       struct text *missing)
{
	struct process *p;

	*subject_text = subject;
	if (!qemu_arch_choose(missing) || !options_agree(missing))
		return false;
	if (image && image->machine != qemu_arch()->elf_machine) {
		text_add(missing, "the image %s is not of arch=%s", image->path, qemu_arch()->name);
		return false;
	}
	p = greeted_process(image, missing);
	if (!p)
		return false;
	stream_fact("machine", option_get(&qemu_ops, "machine"));
	stream_fact("accel", option_get(&qemu_ops, "accel"));
	stream_fact("boot", option_get(&qemu_ops, "boot"));
	stream_fact("cpu", option_get(&qemu_ops, "cpu"));
	*actions = find_actions();
	if (image)
		early = p;
	else
		process_stop(p);
	return true;
}

static bool many_cpus(struct text *missing)
{
	(void)missing;
	return true;
}

static struct vm *qemu_start(const struct image *image, unsigned int cpus, struct text *reason)
{
	struct vm_qemu *q = calloc(1, sizeof(*q));

	if (!q) {
		text_add(reason, "no memory for a VM");
		return NULL;
	}
	q->vm.image = image;
	q->saved = -1;
	if (cpus > 1) {
		/* That one has one CPU. */
		process_stop(early);
		early = NULL;
	}
	q->process = early ? early : process_start(PROCESS_BOOT, image->path, cpus, reason);
	early = NULL;
	if (!q->process) {
		free(q);
		return NULL;
	}
	q->process->console.quiet = false;
	return &q->vm;
}

static void qemu_stop(struct vm *vm)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	process_stop(q->process);
	process_stop(q->spare);
	console_flush(&q->input.text);
	saved_forget(q);
	free(q);
}

static bool qemu_killed(struct vm *vm)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	return q->killed || wire_killed(q, q->process);
}

const struct host_ops qemu_ops = {
	.name = "qemu",
	.options = qemu_options,
	.probe = qemu_probe,
	.many_cpus = many_cpus,
	.start = qemu_start,
	.wait = wire_wait,
	.reply = wire_reply,
	.killed = qemu_killed,
	.act = {
		[SYNC_BIT_WAIT_HALTED] = act_wait_halted,
		[SYNC_BIT_INJECT_NMI] = act_inject_nmi,
		[SYNC_BIT_SIGNAL_MSI] = act_signal_msi,
		[SYNC_BIT_SET_IRQ_LINE] = act_set_irq_line,
		[SYNC_BIT_SAVE] = act_save,
		[SYNC_BIT_RESTORE] = act_restore,
		[SYNC_BIT_MIGRATE_VCPU] = act_migrate_vcpu,
		[SYNC_BIT_PREEMPT] = act_preempt,
		[SYNC_BIT_TRANSLATE] = act_translate,
		[SYNC_BIT_GET_REGISTER] = act_get_register,
		[SYNC_BIT_EXPECT_SHUTDOWN] = act_expect_shutdown,
		[SYNC_BIT_RESET] = act_reset,
	},
	.stop = qemu_stop,
};

int main(int argc, char **argv)
{
	int status = driver_main(&qemu_ops, argc, argv);

	process_stop(early);
	return status;
}
