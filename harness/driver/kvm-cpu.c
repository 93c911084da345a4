// SPDX-License-Identifier: GPL-2.0-only
/* The vCPU's thread and its physical CPU: moved, and taken away. */
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

KVM_ACTION(kvm_act_migrate_vcpu)
{
	int here = sched_getcpu();

	(void)vm;
	(void)arguments;
	(void)value;
	for (int i = 1; i < CPU_SETSIZE; i++) {
		int cpu = (here + i) % CPU_SETSIZE;

		if (!CPU_ISSET(cpu, &kvm.cpus))
			continue;
		if (pin(pthread_self(), cpu) && sched_getcpu() == cpu)
			return SYNC_OK;
	}
	text_add(detail, "no other CPU takes this thread");
	return SYNC_FAILED;
}

/* Wakes on the vCPU's CPU and burns: ahead of the vCPU's thread if it may, by fairness if not. */
static void *burn(void *argument)
{
	const struct kvm_vm *k = argument;
	struct sched_param fifo = { .sched_priority = 1 };
	double end;

	pin(pthread_self(), k->burner_cpu);
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
	if (k->burner_runs)
		pthread_join(k->burner, NULL);
	k->burner_runs = false;
}

KVM_ACTION(kvm_act_preempt)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	kvm_preempt_end(k);
	k->burner_cpu = sched_getcpu();
	/* Else the scheduler would move the vCPU away instead of taking it off. */
	pin(pthread_self(), k->burner_cpu);
	if (pthread_create(&k->burner, NULL, burn, k)) {
		text_add(detail, "pthread_create: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	k->burner_runs = true;
	return SYNC_OK;
}
