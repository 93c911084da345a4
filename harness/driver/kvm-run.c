// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the vCPU until its guest has something to say.  A timer's signal gets
 * us out of KVM_RUN now and then, so that a guest that loops, halts or hangs
 * inside the kernel ends at its deadline and not never.
 */
#include "harness/driver/kvm.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

enum { TICK_MICROSECONDS = 100000 };

/* A guest that is halted or starved burns no CPU; only this much real time ends it. */
static const double real_time_factor = 6;

struct watch {
	double real, cpu; /* when the guest last said something */
};

static void on_tick(int signal)
{
	(void)signal;
}

void kvm_ticks(bool on)
{
	struct itimerval interval = { 0 };

	if (on)
		interval.it_interval.tv_usec = interval.it_value.tv_usec = TICK_MICROSECONDS;
	setitimer(ITIMER_REAL, &interval, NULL);
}

static void start_ticks(void)
{
	static bool started;
	/* KVM_RUN ends with EINTR all the same; the read of the next request must not. */
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };

	if (started)
		return;
	started = true;
	sigaction(SIGALRM, &action, NULL);
	kvm_ticks(true);
}

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct text reason_of(struct kvm_vm *k)
{
	return text_into(k->vm.reason, sizeof(k->vm.reason));
}

static bool deadline_passed(struct kvm_vm *k, const struct watch *watch)
{
	double real = seconds_now() - watch->real, cpu = cpu_now() - watch->cpu;
	struct text why = reason_of(k);
	bool halted;

	if (cpu < k->vm.deadline && real < k->vm.deadline)
		return false;
	halted = kvm_is_halted(k);
	if (cpu < k->vm.deadline && !halted && real < real_time_factor * k->vm.deadline)
		return false;
	text_add(&why, "no word from the guest for %u s (%u s of CPU time), it is %s; last exit ",
		 (unsigned int)real, (unsigned int)cpu, !halted ? "running" : kvm_halt_words(k));
	k->run->exit_reason = k->last_exit;
	kvm_describe_exit(k->vcpu, k->run, &why);
	kvm_describe_others(k, &why);
	return true;
}

bool kvm_complete_io(struct kvm_vm *k, struct text *why)
{
	int result;

	k->run->immediate_exit = 1;
	result = ioctl(k->vcpu, KVM_RUN, 0);
	k->run->immediate_exit = 0;
	if (result < 0 && errno == EINTR)
		return true;
	text_add(why, "KVM_RUN with immediate_exit did not end with EINTR but with %s",
		 result < 0 ? strerrorname_np(errno) : "an exit");
	return false;
}

/* The message lies where the guest said, if that is memory of its. */
static bool read_message(struct kvm_vm *k, u64 gpa, struct message *m)
{
	struct text why = reason_of(k);
	u64 offset = gpa - KVM_MEMORY_BASE;
	size_t used;

	if (offset < kvm.memory_size &&
	    wire_decode(m, k->memory + offset, MIN(kvm.memory_size - offset, (u64)WIRE_BYTES_MAX),
			&used) == WIRE_OK) {
		k->doorbell = gpa;
		return true;
	}
	text_add(&why, "the doorbell was rung for %#llx, where there is no message",
		 (unsigned long long)gpa);
	return false;
}

bool kvm_reply(struct vm *vm, const struct message *m)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 offset = k->doorbell - KVM_MEMORY_BASE;

	if (offset + WIRE_BYTES_MAX > kvm.memory_size)
		return false;
	wire_encode(m, k->memory + offset);
	return true;
}

static bool serve_io(struct kvm_vm *k, struct message *m, enum wait_result *result)
{
	u8 *data = (u8 *)k->run + k->run->io.data_offset;
	size_t size = k->run->io.size * k->run->io.count;
	u32 value;

	if (k->run->io.port != WIRE_DOORBELL_PORT || size != sizeof(value)) {
		k->run->io.port = 0; /* none of ours */
		kvm_serve_device(k->run);
		return false;
	}
	if (k->run->io.direction == KVM_EXIT_IO_IN) {
		value = WIRE_MAGIC;
		memcpy(data, &value, sizeof(value));
		return false;
	}
	memcpy(&value, data, sizeof(value));
	k->shutdown_expected = false;
	*result = read_message(k, value, m) ? WAIT_MESSAGE : WAIT_DIED;
	return true;
}

/* INJECT_IRQ without an interrupt controller: hand it over when the guest can take it. */
static void try_irq(struct kvm_vm *k)
{
	struct kvm_interrupt irq = { .irq = (u32)k->pending_irq };

	k->run->request_interrupt_window = 0;
	if (k->pending_irq < 0)
		return;
	if (k->run->ready_for_interrupt_injection && k->run->if_flag &&
	    !ioctl(k->vcpu, KVM_INTERRUPT, &irq)) {
		k->pending_irq = -1;
		k->halted = false;
	} else {
		k->run->request_interrupt_window = 1;
	}
}

/* True when there is a result. */
static bool handle_exit(struct kvm_vm *k, struct message *m, enum wait_result *result)
{
	struct text why = reason_of(k);
	u64 gpa;

	k->exits++;
	k->last_exit = k->run->exit_reason;
	switch (k->run->exit_reason) {
	case KVM_EXIT_IO:
		return serve_io(k, m, result);
	case KVM_EXIT_HLT: /* without irqchip: we are the one who wakes it */
		k->halted = k->pending_irq < 0;
		return false;
	case KVM_EXIT_MMIO:
		switch (kvm_mmio(k, k->run, &gpa)) {
		case KVM_MMIO_DONE:
			return false;
		case KVM_MMIO_DOORBELL:
			*result = read_message(k, gpa, m) ? WAIT_MESSAGE : WAIT_DIED;
			return true;
		case KVM_MMIO_ELSEWHERE:
			break;
		}
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		if (kvm_return_unemulated(k) || kvm_doubt_delivery(k->vcpu, k->run, &k->doubt))
			return false;
		break;
	case KVM_EXIT_SHUTDOWN:
		if (!k->shutdown_expected)
			break;
		/* What is left of the vCPU is undefined on some processors: begin with another. */
		*result = WAIT_BROKEN;
		return !kvm_restart(k, &why);
	}
	if (kvm_serve_device(k->run))
		return false;
	kvm_describe_exit(k->vcpu, k->run, &why);
	*result = WAIT_DIED;
	return true;
}

static enum wait_result run_until(struct kvm_vm *k, struct message *m, bool until_halted)
{
	struct watch watch = { seconds_now(), cpu_now() };
	struct text why = reason_of(k);
	u64 progress = k->progress;
	enum wait_result result;
	int failed;

	start_ticks();
	k->capture_is_old = true;
	if (!kvm_others_run(k, &why))
		return WAIT_BROKEN;
	for (;;) {
		if (kvm_others_failed(k, &why))
			return WAIT_DIED;
		if (k->halted) {
			if (until_halted)
				return WAIT_MESSAGE;
			if (deadline_passed(k, &watch))
				return WAIT_TIMEOUT;
			usleep(1000);
			continue;
		}
		try_irq(k);
		kvm_own_tiles_load();
		failed = ioctl(k->vcpu, KVM_RUN, 0);
		if (!kvm_own_tiles_kept(&why))
			return WAIT_DIED;
		if (!failed) {
			if (handle_exit(k, m, &result))
				return result;
			continue;
		}
		if (errno != EINTR && errno != EAGAIN) {
			text_add(&why, "KVM_RUN: %s, last exit ", strerrorname_np(errno));
			kvm_describe_exit(k->vcpu, k->run, &why);
			return WAIT_DIED;
		}
		k->interrupted++;
		if (progress != k->progress) {
			progress = k->progress;
			watch = (struct watch){ seconds_now(), cpu_now() };
		}
		if (until_halted && kvm_is_halted(k))
			return WAIT_MESSAGE;
		if (deadline_passed(k, &watch))
			return WAIT_TIMEOUT;
	}
}

enum wait_result kvm_wait(struct vm *vm, struct message *m)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	if (k->has_early) {
		k->has_early = false;
		*m = k->early;
		return WAIT_MESSAGE;
	}
	return run_until(k, m, false);
}

/* A one-shot signal soon: where the irqchip is the kernel's a halted vCPU gives no exit. */
static void tick_soon(void)
{
	struct itimerval soon = {
		.it_interval = { .tv_usec = TICK_MICROSECONDS },
		.it_value = { .tv_usec = 2000 },
	};

	start_ticks();
	setitimer(ITIMER_REAL, &soon, NULL);
}

KVM_ACTION(kvm_act_wait_halted)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	enum wait_result result;

	(void)arguments;
	(void)value;
	k->early.type = WIRE_TYPE_COUNT;
	tick_soon();
	result = run_until(k, &k->early, true);
	if (result == WAIT_MESSAGE && k->early.type == WIRE_TYPE_COUNT)
		return SYNC_OK;
	if (result == WAIT_MESSAGE) {
		k->has_early = true;
		text_add(detail, "the guest did not halt but sent %s",
			 wire_type_info[k->early.type].name);
		return SYNC_FAILED;
	}
	text_add(detail, "%s", vm->reason);
	return SYNC_FAILED;
}
