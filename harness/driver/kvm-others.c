// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vCPUs beside the boot vCPU: a thread for each, which runs it until it is
 * held.  While an action runs the boot vCPU stands; the others go on unless the
 * action holds them, which completes their pending I/O first.  What ends one of
 * them ends the VM.
 */
#include "harness/driver/kvm.h"

#include <signal.h>
#include <sys/mman.h>
#include <time.h>

enum { KICK_AGAIN_NANOSECONDS = 5000000 };

static void on_kick(int signal)
{
	(void)signal;
}

/* Ends a KVM_RUN that is under way; the run structure's immediate_exit one that is about to be. */
static void prepare_kicks(void)
{
	struct sigaction action = { .sa_handler = on_kick };

	sigaction(SIGUSR1, &action, NULL);
}

bool kvm_others_open(struct kvm_vm *k, struct text *why)
{
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++) {
		struct kvm_other *o = &k->other[i];

		o->vm = k;
		o->number = i + 1;
		o->fd = ioctl(k->fd, KVM_CREATE_VCPU, i + 1);
		if (o->fd < 0) {
			text_add(why, "KVM_CREATE_VCPU of vCPU %u: %s", i + 1,
				 strerrorname_np(errno));
			return false;
		}
		o->run = mmap(NULL, (size_t)kvm.vcpu_mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			      o->fd, 0);
		if (o->run == MAP_FAILED) {
			o->run = NULL;
			text_add(why, "mmap of vCPU %u: %s", i + 1, strerrorname_np(errno));
			return false;
		}
		if (!kvm_vcpu_set_up(k, i + 1, why))
			return false;
	}
	return true;
}

/* --- the thread --- */

static void failed(struct kvm_other *o, const char *call)
{
	struct kvm_vm *k = o->vm;
	struct text why;

	pthread_mutex_lock(&k->lock);
	if (!k->other_reason[0]) {
		why = text_into(k->other_reason, sizeof(k->other_reason));
		text_add(&why, "vCPU %u: %s", o->number, call);
		kvm_describe_exit(o->fd, o->run, &why);
	}
	k->other_failed = true;
	pthread_mutex_unlock(&k->lock);
	pthread_kill(k->boot_thread, SIGALRM);
}

/* Run until a signal came: then nothing is left half done.  False if it died. */
static bool run_until_kicked(struct kvm_other *o)
{
	for (;;) {
		if (!ioctl(o->fd, KVM_RUN, 0)) {
			if (kvm_serve_device(o->run) ||
			    kvm_doubt_delivery(o->fd, o->run, &o->doubt))
				continue;
			failed(o, o->run->exit_reason == KVM_EXIT_IO
					  ? "it rang the doorbell, which only the boot CPU may: "
					  : "");
			return false;
		}
		if (errno == EINTR)
			return true;
		if (errno != EAGAIN) {
			char call[64];

			snprintf(call, sizeof(call), "KVM_RUN: %s, last exit ",
				 strerrorname_np(errno));
			failed(o, call);
			return false;
		}
	}
}

static void *run_other(void *argument)
{
	struct kvm_other *o = argument;
	struct kvm_vm *k = o->vm;
	bool alive = true;

	o->task = gettid();
	/* Not where an action has put the thread that made us. */
	pthread_setaffinity_np(pthread_self(), sizeof(kvm.cpus), &kvm.cpus);
	pthread_mutex_lock(&k->lock);
	while (!k->quit) {
		if (k->hold || !alive) {
			o->physical = sched_getcpu();
			o->held = true;
			pthread_cond_broadcast(&k->changed);
			pthread_cond_wait(&k->changed, &k->lock);
			continue;
		}
		o->held = false;
		pthread_mutex_unlock(&k->lock);
		alive = run_until_kicked(o);
		pthread_mutex_lock(&k->lock);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

/* The ticks that end the boot vCPU's KVM_RUN are for its thread alone. */
static bool start_thread(struct kvm_other *o)
{
	sigset_t ticks, before;

	sigemptyset(&ticks);
	sigaddset(&ticks, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &ticks, &before);
	o->threaded = !pthread_create(&o->thread, NULL, run_other, o);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return o->threaded;
}

/* --- the boot vCPU's side --- */

bool kvm_others_run(struct kvm_vm *k, struct text *why)
{
	if (k->vm.cpus <= 1)
		return true;
	prepare_kicks();
	pthread_mutex_lock(&k->lock);
	k->boot_thread = pthread_self();
	if (k->hold)
		for (unsigned int i = 0; i + 1 < k->vm.cpus; i++)
			k->other[i].run->immediate_exit = 0;
	k->hold = false;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++) {
		if (k->other[i].threaded || start_thread(&k->other[i]))
			continue;
		text_add(why, "pthread_create: %s", strerrorname_np(errno));
		return false;
	}
	return true;
}

void kvm_others_hold(struct kvm_vm *k)
{
	struct timespec soon;

	if (k->vm.cpus <= 1)
		return;
	pthread_mutex_lock(&k->lock);
	k->hold = true;
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++)
		if (k->other[i].run)
			k->other[i].run->immediate_exit = 1;
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++) {
		while (k->other[i].threaded && !k->other[i].held) {
			pthread_kill(k->other[i].thread, SIGUSR1);
			clock_gettime(CLOCK_REALTIME, &soon);
			soon.tv_nsec += KICK_AGAIN_NANOSECONDS;
			soon.tv_sec += soon.tv_nsec / 1000000000;
			soon.tv_nsec %= 1000000000;
			pthread_cond_timedwait(&k->changed, &k->lock, &soon);
		}
	}
	pthread_mutex_unlock(&k->lock);
}

void kvm_others_close(struct kvm_vm *k)
{
	kvm_others_hold(k);
	pthread_mutex_lock(&k->lock);
	k->quit = true;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++) {
		struct kvm_other *o = &k->other[i];

		if (o->threaded)
			pthread_join(o->thread, NULL);
		if (o->run)
			munmap(o->run, (size_t)kvm.vcpu_mmap_size);
		if (o->fd > 0)
			close(o->fd);
		*o = (struct kvm_other){ .fd = -1 };
	}
	k->quit = k->hold = k->other_failed = false;
	k->other_reason[0] = '\0';
}

bool kvm_others_failed(struct kvm_vm *k, struct text *why)
{
	if (!k->other_failed)
		return false;
	pthread_mutex_lock(&k->lock);
	text_add(why, "%s", k->other_reason);
	pthread_mutex_unlock(&k->lock);
	return true;
}

void kvm_describe_others(struct kvm_vm *k, struct text *t)
{
	struct kvm_mp_state state;

	kvm_others_hold(k);
	for (unsigned int i = 0; i + 1 < k->vm.cpus; i++) {
		struct kvm_other *o = &k->other[i];

		if (ioctl(o->fd, KVM_GET_MP_STATE, &state))
			continue;
		text_add(t, "; vCPU %u in KVM_MP_STATE %u, last exit ", o->number, state.mp_state);
		kvm_describe_exit(o->fd, o->run, t);
	}
}
