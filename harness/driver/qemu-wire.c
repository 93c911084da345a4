// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages over the guest's serial port, and how long to wait for one.
 *
 * The deadline follows progress: on a busy machine a QEMU that got no processor
 * time is not blamed for its silence.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/qemu.h"

/* However busy the machine is, silence ends after so many deadlines. */
#define DEADLINES_MAX 6
/* Firmware resets again, on a busy machine more than five times; more than these are triple faults. */
#define RESETS_MAX 50
/* A QEMU that is asked why it is silent may be hung itself. */
#define DIAGNOSIS_SECONDS 5

/* When the guest's silence began, in real and in its processor time. */
struct silence {
	double since;
	double cpu_since;
};

void wire_forget(struct vm_qemu *q)
{
	q->input.length = 0;
}

/* Wait for the guest's bytes or QEMU's words, and take the words in. */
static void wait_for_anything(struct process *p, double seconds)
{
	struct pollfd on[] = {
		{ .fd = p->qmp.ended ? -1 : p->qmp.fd, .events = POLLIN },
		{ .fd = p->errors, .events = POLLIN },
		{ .fd = p->from_guest, .events = POLLIN },
		{ .fd = p->pidfd, .events = POLLIN },
	};

	poll(on, ARRAY_SIZE(on), (int)(seconds * 1e3) + 1);
	if (on[0].revents || on[1].revents)
		process_listen(p);
}

bool wire_killed(struct vm_qemu *q, struct process *p)
{
	q->killed |= process_wait(p, q->vm.reason, sizeof(q->vm.reason)) && p->killed;
	return q->killed;
}

static enum wait_result died(struct vm_qemu *q)
{
	console_flush(&q->input.text);
	if (process_wait(q->process, q->vm.reason, sizeof(q->vm.reason)))
		return q->process->killed ? WAIT_BROKEN : WAIT_DIED;
	snprintf(q->vm.reason, sizeof(q->vm.reason),
		 "QEMU closed the guest's serial port or its monitor, but does not exit");
	return WAIT_BROKEN;
}

/* QEMU stopped the VM by itself: with accel=kvm after an internal error of KVM. */
static enum wait_result stopped(struct vm_qemu *q)
{
	struct process *p = q->process;
	struct text detail = text_into(q->vm.reason, sizeof(q->vm.reason));
	const char *status;
	json_t *reply;

	text_add(&detail, "QEMU stopped the VM: ");
	if (!qmp_command(&p->qmp, "query-status", NULL, &reply, &detail))
		return died(q);
	status = json_string_value(json_object_get(reply, "status"));
	process_listen(p);
	text_add(&detail, "%s%s%s", status ? status : "no status",
		 p->console.first[0] ? ": " : "", p->console.first);
	json_decref(reply);
	return WAIT_DIED;
}

/* What the vCPU is doing, from a QEMU that may not answer; to be freed. */
static char *look_at_vcpu(struct process *p, struct text *detail)
{
	double patience = p->qmp.patience;
	char *text;

	p->qmp.patience = DIAGNOSIS_SECONDS;
	if (!registers_read(p, &text, detail))
		text = NULL;
	p->qmp.patience = patience;
	return text;
}

static enum wait_result resets_again(struct vm_qemu *q)
{
	snprintf(q->vm.reason, sizeof(q->vm.reason),
		 "the machine resets itself again and again after RESET (%u QMP RESET events)",
		 q->process->resets);
	return WAIT_DIED;
}

static bool is_halted(struct process *p)
{
	char *text = look_at_vcpu(p, NULL);
	bool halted = text && registers_halted(p, text, NULL);

	free(text);
	return halted;
}

/* Has the guest been silent for too long, by its own clock? */
static bool too_long(const struct vm_qemu *q, const struct silence *s)
{
	double silent = seconds_now() - s->since;

	if (silent < q->vm.deadline)
		return false;
	/* The last question: has it nothing to do, and nothing that will wake it? */
	return silent >= DEADLINES_MAX * q->vm.deadline ||
	       process_cpu_seconds(q->process) - s->cpu_since >= q->vm.deadline ||
	       is_halted(q->process);
}

static enum wait_result timed_out(struct vm_qemu *q, const struct silence *s)
{
	struct process *p = q->process;
	struct text words;
	size_t length;
	char *text;

	snprintf(q->vm.reason, sizeof(q->vm.reason),
		 "no message for %.1f s (%.1f s of processor time): ", seconds_now() - s->since,
		 process_cpu_seconds(p) - s->cpu_since);
	length = strlen(q->vm.reason);
	words = text_into(q->vm.reason + length, sizeof(q->vm.reason) - length);
	text = look_at_vcpu(p, &words);
	if (text)
		registers_describe(text, &words);
	free(text);
	return WAIT_TIMEOUT;
}

enum wait_result wire_wait(struct vm *vm, struct message *m)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	struct text reason = text_into(vm->reason, sizeof(vm->reason));
	double slice = MIN(1.0, vm->deadline / 4);
	struct silence silence = { .since = seconds_now() };

	silence.cpu_since = process_cpu_seconds(q->process);
	if (!vm_resume(q, &reason))
		return q->process->qmp.ended ? died(q) : WAIT_BROKEN;
	saved_forget(q);
	for (;;) {
		struct process *p = q->process;
		ssize_t n;

		if (wire_next(&q->input, m))
			return reset_finish(q, &reason) ? WAIT_MESSAGE : died(q);
		n = wire_read(&q->input, p->from_guest);
		if (n > 0)
			continue;
		if (!n)
			return died(q);
		wait_for_anything(p, slice);
		if (p->stopped && !p->end[0])
			return stopped(q);
		if (q->rebooting && p->resets > RESETS_MAX)
			return resets_again(q);
		if (too_long(q, &silence))
			return timed_out(q, &silence);
	}
}

/* A QEMU that is gone takes no answer; the next wait() says how it died. */
bool wire_reply(struct vm *vm, const struct message *m)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	if (wire_write(q->process->to_guest, m) || errno == EPIPE)
		return true;
	snprintf(vm->reason, sizeof(vm->reason), "cannot write to the guest's serial port: %s",
		 strerror(errno));
	return false;
}
