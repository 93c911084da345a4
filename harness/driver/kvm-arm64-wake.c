// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wakers of blocked rounds: what wakes a vCPU's thread with nothing that the guest
 * could take, and whether that was so.
 */
#include "harness/driver/kvm-arm64-rounds.h"

#include <signal.h>

enum {
	WOKEN_MILLISECONDS = 500, /* to wake and block again */
	ASLEEP_MILLISECONDS = 100, /* of a waker that wakes nobody */
	ACTED_MILLISECONDS = 500, /* for vCPU 1 to do it and to block again */
	PULSE_PRIORITY = 60, /* above the vCPU's own */
};

static void set_line(bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (u32)kvm_rounds.line,
		.level = level,
	};

	kvm_call(kvm_rounds.k->fd, KVM_IRQ_LINE, &line);
}

/* Before the vCPU's thread can run: on its processor, with a priority above its own. */
static void pulse_line(void)
{
	kvm_set_priority(PULSE_PRIORITY);
	kvm_pin_thread(pthread_self(), VCPU_CPU);
	set_line(true);
	set_line(false);
	kvm_pin_thread(pthread_self(), OUR_CPU);
	kvm_set_priority(0);
}

/* --- vCPU 1 --- */

/*
 * As the waker, what vCPU 1 does must be over before the boot vCPU's thread runs, or it
 * were no wake with nothing to take: both on one processor, vCPU 1 with the higher priority.
 */
void kvm_rounds_place_other(void)
{
	const u64 both_crowded = BLOCKED_BOTH | BLOCKED_CROWDED;
	struct sched_param p = { .sched_priority = PULSE_PRIORITY };
	const struct kvm_other *o = &kvm_rounds.k->other[0];
	bool beside = kvm_rounds.waker == WAKER_OTHER ||
		      (kvm_rounds.how & both_crowded) == both_crowded;

	if (!kvm_rounds_need_other())
		return;
	kvm_pin_thread(o->thread, beside ? VCPU_CPU : OUR_CPU);
	if (kvm_rounds.waker == WAKER_OTHER)
		pthread_setschedparam(o->thread, SCHED_FIFO, &p);
}

void kvm_rounds_free_other(void)
{
	struct sched_param p = { 0 };
	const struct kvm_other *o = &kvm_rounds.k->other[0];

	if (!o->threaded)
		return;
	pthread_setschedparam(o->thread, SCHED_OTHER, &p);
	pthread_setaffinity_np(o->thread, sizeof(kvm.cpus), &kvm.cpus);
}

/* It has acted when it says so, and as a waker waits again. */
static bool call_other(void)
{
	struct blocked_record *r = kvm_rounds.record;
	double end = seconds_now() + ACTED_MILLISECONDS / 1e3;

	r->asked++;
	set_line(true);
	set_line(false);
	while (r->acted != r->asked || (kvm_rounds.waker == WAKER_OTHER &&
					!kvm_thread_is_blocked(kvm_rounds.k->other[0].task)))
		if (!kvm_rounds_soon(end))
			return false;
	return true;
}

/* --- the wakers --- */

/* To the other processor, and what competes with it there. */
static void migrate(void)
{
	kvm_rounds.vcpu_cpu = kvm_rounds.vcpu_cpu == VCPU_CPU ? OUR_CPU : VCPU_CPU;
	/* A vCPU that runs needs a processor that we do not take from it. */
	if (kvm_rounds.how & BLOCKED_NEVER)
		kvm_pin_thread(pthread_self(),
			       kvm_rounds.vcpu_cpu == VCPU_CPU ? OUR_CPU : VCPU_CPU);
	kvm_pin_thread(kvm_rounds.vcpu_thread, kvm_rounds.vcpu_cpu);
	if (kvm_rounds.how & BLOCKED_CROWDED)
		kvm_pin_thread(kvm_rounds.burner, kvm_rounds.vcpu_cpu);
	if (!(kvm_rounds.how & BLOCKED_NEVER))
		set_line(true);
}

static bool wake(void)
{
	struct kvm_msi msi = {
		.address_lo = (u32)kvm_rounds.message[0],
		.data = (u32)kvm_rounds.message[1] + 1,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = (u32)kvm_rounds.line,
	};
	const u64 one = 1;

	switch (kvm_rounds.waker) {
	case WAKER_LINE:
		set_line(true);
		break;
	case WAKER_LINE_PULSE:
		pulse_line();
		break;
	case WAKER_IRQFD:
		return write(kvm_rounds.line_event, &one, sizeof(one)) == sizeof(one);
	case WAKER_MSI:
		kvm_call(kvm_rounds.k->fd, KVM_SIGNAL_MSI, &msi);
		break;
	case WAKER_SIGNAL:
		pthread_kill(kvm_rounds.vcpu_thread, SIGUSR2);
		break;
	case WAKER_MOVE:
		kvm_pin_thread(kvm_rounds.vcpu_thread, OUR_CPU);
		kvm_pin_thread(kvm_rounds.vcpu_thread, VCPU_CPU);
		break;
	case WAKER_MIGRATE:
		migrate();
		break;
	case WAKER_OTHER:
		return call_other();
	}
	return true;
}

static bool is_there(void)
{
	return kvm_rounds.waker != WAKER_MIGRATE ||
	       kvm_thread_processor(kvm_rounds.vcpu) == kvm_rounds.vcpu_cpu;
}

/* A vCPU that always runs was moved as soon as it runs there. */
static bool has_woken(u64 before)
{
	if (kvm_rounds.how & BLOCKED_NEVER)
		return is_there();
	return kvm_rounds_switches("voluntary") > before && kvm_rounds_blocked();
}

static bool wait_woken(u64 before)
{
	bool wakes = kvm_rounds.waker != WAKER_SIGNAL && kvm_rounds.waker != WAKER_MOVE;
	double end = seconds_now() + (wakes ? WOKEN_MILLISECONDS : ASLEEP_MILLISECONDS) / 1e3;

	while (!has_woken(before))
		if (!kvm_rounds_soon(end))
			return false;
	usleep(SETTLE_MICROSECONDS);
	return is_there();
}

void kvm_rounds_wake(void)
{
	struct blocked_record *r = kvm_rounds.record;
	u64 before = kvm_rounds_switches("voluntary"), loops = r->loops;
	u64 interrupted = kvm_rounds.k->interrupted;
	bool woken;

	if (kvm_rounds.waker == WAKER_NONE || kvm_rounds.waker == WAKER_PREEMPT)
		return;
	if (kvm_rounds.waker == WAKER_OTHER_AROUND) {
		call_other();
		return;
	}
	woken = wake() && wait_woken(before);
	r->woken += woken;
	r->windows += woken && (kvm_rounds.how & BLOCKED_NEVER ||
				(r->loops == loops && kvm_rounds.k->interrupted == interrupted));
}

/* The device has raised what the guest must not take yet; the doorbell wakes the thread. */
void kvm_rounds_after(u64 switches_before)
{
	struct blocked_record *r = kvm_rounds.record;
	u64 loops = r->loops, taken = r->taken;
	bool woken;

	if (kvm_rounds.waker != WAKER_OTHER_AROUND)
		return;
	woken = wait_woken(switches_before);
	r->woken += woken;
	r->windows += woken && r->loops == loops && r->taken == taken;
	call_other();
}

void kvm_rounds_unwake(void)
{
	if (kvm_rounds.waker == WAKER_LINE || kvm_rounds.waker == WAKER_MIGRATE)
		set_line(false);
}
