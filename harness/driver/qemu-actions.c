// SPDX-License-Identifier: GPL-2.0-only
/*
 * Actions on the VM where it is.
 *
 * The guest waits for its reply by polling a serial port, so it runs.  The
 * first action of a sync stops the vCPU and wait() lets it go on: what is
 * injected stays pending until then, as the order of the table promises.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/driver/qemu.h"

/* A reset of a machine without devices takes microseconds. */
#define RESET_SECONDS 10

static void sleep_seconds(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

bool vm_pause(struct vm_qemu *q, struct text *detail)
{
	if (!q->paused)
		q->paused = qmp_command(&q->process->qmp, "stop", NULL, NULL, detail);
	return q->paused;
}

bool vm_resume(struct vm_qemu *q, struct text *detail)
{
	if (q->paused)
		q->paused = !saved_settle(q, detail) ||
			    !qmp_command(&q->process->qmp, "cont", NULL, NULL, detail);
	return !q->paused;
}

bool registers_read(struct process *p, char **text, struct text *detail)
{
	return qmp_human(&p->qmp, "info registers", text, detail);
}

enum sync_status act_wait_halted(struct vm *vm, const u64 *arguments, u64 *value,
				 struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	double nap = 50e-6, end = seconds_now() + vm->deadline;
	bool halted;
	char *text;

	(void)arguments;
	(void)value;
	for (;;) {
		if (!vm_resume(q, detail))
			return SYNC_FAILED;
		sleep_seconds(nap);
		nap = MIN(2 * nap, 5e-3);
		if (!registers_read(q->process, &text, detail))
			return SYNC_FAILED;
		halted = registers_halted(q->process, text, detail);
		if (halted) {
			/* Looked at while it ran: only a stopped vCPU stays halted. */
			free(text);
			if (!vm_pause(q, detail) || !registers_read(q->process, &text, detail))
				return SYNC_FAILED;
			halted = registers_halted(q->process, text, detail);
		}
		if (!halted && seconds_now() > end) {
			text_add(detail, "the vCPU did not halt: ");
			registers_describe(text, detail);
		}
		free(text);
		if (halted)
			return SYNC_OK;
		if (seconds_now() > end)
			return SYNC_FAILED;
	}
}

enum sync_status act_preempt(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	(void)arguments;
	(void)value;
	if (!vm_pause(q, detail))
		return SYNC_FAILED;
	/* Its processor is free; give others the time to take it. */
	sched_yield();
	sleep_seconds(1e-3);
	return SYNC_OK;
}

/* The thread of a vCPU, or 0. */
static pid_t vcpu_thread(const json_t *cpus, unsigned int cpu)
{
	return (pid_t)json_integer_value(
		json_object_get(json_array_get(cpus, cpu), "thread-id"));
}

/* The processor on which a thread ran last; field 39 of proc(5)'s stat. */
static int processor_of(pid_t pid, pid_t thread)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)thread);
	file = fopen(path, "re");
	if (!file)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at ? atoi(at) : -1;
}

/* How long it ran, by schedstat; *known is false where that cannot be read. */
u64 process_vcpu_nanoseconds(struct process *p, bool *known, struct text *detail)
{
	unsigned long long nanoseconds = 0;
	char path[64];
	json_t *cpus;
	pid_t thread;
	FILE *file;

	*known = false;
	if (!qmp_command(&p->qmp, "query-cpus-fast", NULL, &cpus, detail))
		return 0;
	thread = vcpu_thread(cpus, 0);
	json_decref(cpus);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)p->pid, (int)thread);
	file = fopen(path, "re");
	if (!file)
		return 0;
	*known = fscanf(file, "%llu", &nanoseconds) == 1;
	fclose(file);
	return nanoseconds;
}

static enum sync_status move_thread(pid_t process, pid_t thread, struct text *detail)
{
	int from = processor_of(process, thread), to = from;
	cpu_set_t allowed, one;

	/* Ours, not the thread's: the last migration left it only one. */
	sched_getaffinity(0, sizeof(allowed), &allowed);
	do {
		to = (to + 1) % CPU_SETSIZE;
	} while (!CPU_ISSET(to, &allowed));
	if (to == from) {
		text_add(detail, "there is only one processor");
		return SYNC_UNSUPPORTED;
	}
	CPU_ZERO(&one);
	CPU_SET(to, &one);
	if (sched_setaffinity(thread, sizeof(one), &one)) {
		text_add(detail, "sched_setaffinity to processor %d failed", to);
		return SYNC_FAILED;
	}
	return SYNC_OK;
}

/* Every vCPU moves. */
enum sync_status act_migrate_vcpu(struct vm *vm, const u64 *arguments, u64 *value,
				  struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	enum sync_status status = SYNC_OK;
	json_t *cpus;

	(void)arguments;
	(void)value;
	if (!vm_pause(q, detail) ||
	    !qmp_command(&q->process->qmp, "query-cpus-fast", NULL, &cpus, detail))
		return SYNC_FAILED;
	for (unsigned int i = 0; i < vm->cpus && status == SYNC_OK; i++) {
		pid_t thread = vcpu_thread(cpus, i);

		if (!thread) {
			text_add(detail, "query-cpus-fast: vCPU %u has no thread-id", i);
			status = SYNC_FAILED;
		} else {
			status = move_thread(q->process->pid, thread, detail);
		}
	}
	json_decref(cpus);
	return status;
}

/* QEMU walks as its debugger does: it looks at P and PS, not at rights or reserved bits. */
enum sync_status act_translate(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	enum sync_status status = SYNC_OK;
	char command[48], *text;

	if (arguments[1]) {
		text_add(detail, "gva2gpa does not look at reserved bits");
		return SYNC_UNSUPPORTED;
	}
	snprintf(command, sizeof(command), "gva2gpa %#llx", (unsigned long long)arguments[0]);
	if (!vm_pause(q, detail) || !qmp_human(&q->process->qmp, command, &text, detail))
		return SYNC_FAILED;
	if (!strncmp(text, "gpa: ", 5)) {
		*value = strtoull(text + 5, NULL, 16);
	} else if (!strncmp(text, "Unmapped", 8)) {
		*value = SYNC_NO_TRANSLATION;
	} else {
		text_add(detail, "%s: %.80s", command, text);
		status = SYNC_FAILED;
	}
	free(text);
	return status;
}

enum sync_status act_get_register(struct vm *vm, const u64 *arguments, u64 *value,
				  struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	bool cr8 = arguments[0] == SYNC_REG_CR8, found;
	const char *command = cr8 ? "info lapic" : "info registers";
	char *text;

	if (!vm_pause(q, detail) || !qmp_human(&q->process->qmp, command, &text, detail))
		return SYNC_FAILED;
	found = cr8 ? registers_find_cr8(text, value) : registers_get(text, arguments[0], value);
	free(text);
	if (found)
		return SYNC_OK;
	if (arguments[0] < SYNC_REG_COUNT)
		text_add(detail, "QEMU's %s does not print %s", command,
			 sync_register_name[arguments[0]]);
	else
		text_add(detail, "QEMU's %s does not print MSR %#x", command, (u32)arguments[0]);
	return SYNC_UNSUPPORTED;
}

static bool set_reboot(struct process *p, const char *action, struct text *detail)
{
	return qmp_command(&p->qmp, "set-action", json_pack("{s:s}", "reboot", action), NULL,
			   detail);
}

/*
 * Under -no-reboot a system_reset ends QEMU too, so that is lifted until the
 * payload is back: SeaBIOS, when it finds that it ran before, resets the machine
 * once more.  It is lifted only for so long, because else a triple fault would
 * boot the payload again and again.
 */
enum sync_status act_reset(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	struct process *p = q->process;
	double end = seconds_now() + RESET_SECONDS;

	(void)arguments;
	(void)value;
	p->resets = 0;
	if (!vm_pause(q, detail) || !set_reboot(p, "reset", detail) ||
	    !qmp_command(&p->qmp, "system_reset", NULL, NULL, detail))
		return SYNC_FAILED;
	q->rebooting = true;
	while (!p->resets && !p->qmp.ended && seconds_now() < end)
		qmp_service(&p->qmp, end - seconds_now());
	if (!p->resets) {
		text_add(detail, "system_reset: no RESET event");
		return SYNC_FAILED;
	}
	wire_forget(q);
	return SYNC_OK;
}

/* A triple fault ends QEMU under -no-reboot; here it is as a RESET. */
enum sync_status act_expect_shutdown(struct vm *vm, const u64 *arguments, u64 *value,
				     struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	(void)arguments;
	(void)value;
	q->process->resets = 0;
	if (!set_reboot(q->process, "reset", detail))
		return SYNC_FAILED;
	q->rebooting = true;
	return SYNC_OK;
}

bool reset_finish(struct vm_qemu *q, struct text *detail)
{
	if (q->rebooting && !set_reboot(q->process, "shutdown", detail))
		return false;
	q->rebooting = false;
	return true;
}
