// SPDX-License-Identifier: GPL-2.0-only
/* The vCPUs' threads and their physical CPUs: moved, and taken away. */
#include "harness/driver/kvm.h"

/* How often, and for how long, the disturber takes the CPU: longer than any scheduler tick. */
enum { BURN_ROUNDS = 5, BURN_PAUSE_MICROSECONDS = 200, BURN_MICROSECONDS = 1000 };

static bool pin(pthread_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !pthread_setaffinity_np(thread, sizeof(set), &set);
}

/* Put a thread on the next CPU behind this one that takes it; its number or -1. */
static int move(pthread_t thread, int from)
{
	for (int i = 1; i < CPU_SETSIZE; i++) {
		int cpu = (from + i) % CPU_SETSIZE;

		if (CPU_ISSET(cpu, &kvm.cpus) && pin(thread, cpu))
			return cpu;
	}
	return -1;
}

/* Every vCPU moves; those beside the boot vCPU are held, so that they are where they were. */
KVM_ACTION(kvm_act_migrate_vcpu)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	int to = move(pthread_self(), sched_getcpu());
	bool moved = to >= 0 && sched_getcpu() == to;

	(void)arguments;
	(void)value;
	kvm_others_hold(k);
	for (unsigned int i = 0; moved && i + 1 < vm->cpus; i++)
		moved = !k->other[i].threaded ||
			move(k->other[i].thread, k->other[i].physical) >= 0;
	if (moved)
		return SYNC_OK;
	text_add(detail, "no other CPU takes this thread");
	return SYNC_FAILED;
}

/* Wakes on the vCPU's CPU and burns: ahead of the vCPU's thread if it may, by fairness if not. */
static void *burn(void *argument)
{
	const struct kvm_burner *b = argument;
	struct sched_param fifo = { .sched_priority = 1 };
	double end;

	pin(pthread_self(), b->physical);
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &fifo);
	for (int i = 0; i < BURN_ROUNDS; i++) {
		usleep(BURN_PAUSE_MICROSECONDS);
		end = seconds_now() + BURN_MICROSECONDS / 1e6;
		while (seconds_now() < end)
			;
	}
	return NULL;
}

void kvm_preempt_end(struct kvm_vm *k)
{
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		if (k->burner[i].runs)
			pthread_join(k->burner[i].thread, NULL);
		k->burner[i].runs = false;
	}
}

/* Disturb the thread of a vCPU where it is. */
static bool disturb(struct kvm_burner *b, pthread_t thread, int physical, struct text *detail)
{
	b->physical = physical;
	/* Else the scheduler would move the vCPU away instead of taking it off. */
	pin(thread, physical);
	b->runs = !pthread_create(&b->thread, NULL, burn, b);
	if (!b->runs)
		text_add(detail, "pthread_create: %s", strerrorname_np(errno));
	return b->runs;
}

KVM_ACTION(kvm_act_preempt)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	bool done;

	(void)arguments;
	(void)value;
	kvm_preempt_end(k);
	kvm_others_hold(k);
	done = disturb(&k->burner[0], pthread_self(), sched_getcpu(), detail);
	for (unsigned int i = 0; done && i + 1 < vm->cpus; i++)
		if (k->other[i].threaded)
			done = disturb(&k->burner[i + 1], k->other[i].thread,
				       k->other[i].physical, detail);
	return done ? SYNC_OK : SYNC_FAILED;
}
