// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rounds with a vCPU that blocks (lib/arm64/blocked.h).  The boot vCPU's thread runs the
 * guest on one processor; a thread of ours on another one wakes it, lets the device
 * raise its interrupt, and looks.
 *
 * WFI is trapped only where somebody else wants the processor, so a thread of the
 * lowest priority burns there (`crowded`).  A vCPU that merely starves is late and not
 * lost: before it is judged, that thread rests.
 */
#include "harness/driver/kvm-arm64-rounds.h"

#include <signal.h>
#include <sys/syscall.h>

enum {
	BLOCKED_MILLISECONDS = 2000, /* to block at all */
	TAKEN_MILLISECONDS = 300, /* for the interrupt; seen: at most 50 */
	LATE_MILLISECONDS = 1500, /* more of it, with nobody else there */
	KICKED_MILLISECONDS = 3000,
	LOST_ENOUGH = 2, /* each costs seconds, and more would prove no more */
	RUN_LOOPS = 10000, /* so often a guest that runs has let interrupts in */
};

struct kvm_rounds kvm_rounds;

bool kvm_rounds_blocked(void)
{
	return kvm_thread_is_blocked(kvm_rounds.vcpu) &&
	       (!(kvm_rounds.how & BLOCKED_BOTH) ||
		kvm_thread_is_blocked(kvm_rounds.k->other[0].task));
}

bool kvm_rounds_need_other(void)
{
	return kvm_rounds.how & BLOCKED_BOTH || kvm_rounds.waker == WAKER_OTHER ||
	       kvm_rounds.waker == WAKER_OTHER_AROUND;
}

u64 kvm_rounds_switches(const char *kind)
{
	return kvm_thread_switches(kvm_rounds.vcpu, kind);
}

/* --- waiting --- */

bool kvm_rounds_soon(double end)
{
	usleep(500);
	return seconds_now() < end && !kvm_rounds.stop;
}

static bool wait_blocked(unsigned int milliseconds)
{
	double end = seconds_now() + milliseconds / 1e3;

	while (!kvm_rounds_blocked())
		if (!kvm_rounds_soon(end))
			return false;
	return true;
}

static unsigned int devices(void)
{
	return kvm_rounds.how & BLOCKED_ALL_DEVICES ? kvm_devices_assigned() : 1;
}

static void raise_devices(bool raise)
{
	for (unsigned int i = 0; i < devices(); i++)
		kvm_device_raise(i, raise);
}

static bool wait_taken(u64 before, unsigned int milliseconds)
{
	double end = seconds_now() + milliseconds / 1e3;

	while (kvm_rounds.record->taken < before + devices())
		if (!kvm_rounds_soon(end))
			return false;
	return true;
}

/* --- a round --- */

static void kick(void)
{
	pthread_kill(kvm_rounds.vcpu_thread, SIGUSR1);
	if (kvm_rounds.how & BLOCKED_BOTH)
		pthread_kill(kvm_rounds.k->other[0].thread, SIGUSR1);
}

/* It sleeps, and nothing else is there to do. */
static void judge_blocked(u64 before)
{
	struct blocked_record *r = kvm_rounds.record;

	kvm_rounds.rest = true;
	if (wait_taken(before, LATE_MILLISECONDS)) {
		r->late++;
	} else if (kvm_rounds_blocked()) {
		r->lost++;
		kick();
		r->recovered += wait_taken(before, KICKED_MILLISECONDS);
	}
	kvm_rounds.rest = false;
}

/* It had its processor all the time, let interrupts in again and again, and took none. */
static void judge_running(u64 before, u64 switches, u64 loops)
{
	struct blocked_record *r = kvm_rounds.record;
	bool ran = r->loops - loops >= RUN_LOOPS &&
		   kvm_rounds_switches("voluntary") + kvm_rounds_switches("nonvoluntary") ==
			   switches;

	r->lost += ran;
	r->late += !ran;
	kick();
	r->recovered += wait_taken(before, KICKED_MILLISECONDS) && ran;
}

static void judge(u64 before, double begin, u64 switches, u64 loops)
{
	struct blocked_record *r = kvm_rounds.record;
	u64 microseconds;

	if (wait_taken(before, TAKEN_MILLISECONDS)) {
		microseconds = (u64)((seconds_now() - begin) * 1e6);
		r->slowest = MAX(r->slowest, microseconds);
	} else if (kvm_rounds.how & BLOCKED_NEVER) {
		judge_running(before, switches, loops);
	} else {
		judge_blocked(before);
	}
}

static void do_round(void)
{
	struct blocked_record *r = kvm_rounds.record;
	u64 doorbells, msis, taken, loops, voluntary, nonvoluntary;
	double begin;

	r->rounds++;
	if (!(kvm_rounds.how & BLOCKED_NEVER) && !wait_blocked(BLOCKED_MILLISECONDS))
		r->not_blocked++;
	usleep(SETTLE_MICROSECONDS);
	kvm_rounds_wake();
	doorbells = kvm_host_interrupts("GICv4-vpe");
	msis = kvm_host_interrupts("vfio-msi");
	r->direct += kvm_lpi_is_direct(kvm_rounds.lpi);
	taken = r->taken;
	loops = r->loops;
	voluntary = kvm_rounds_switches("voluntary");
	nonvoluntary = kvm_rounds_switches("nonvoluntary");
	begin = seconds_now();
	raise_devices(true);
	kvm_rounds_after(voluntary);
	judge(taken, begin, voluntary + nonvoluntary, loops);
	raise_devices(false);
	kvm_rounds_unwake();
	usleep(SETTLE_MICROSECONDS);
	kvm_rounds.k->progress++;
	r->doorbells += kvm_host_interrupts("GICv4-vpe") - doorbells;
	r->host_msis += kvm_host_interrupts("vfio-msi") - msis;
}

static void *burn(void *argument)
{
	struct sched_param p = { 0 };

	(void)argument;
	sched_setscheduler(0, SCHED_IDLE, &p);
	while (!kvm_rounds.stop)
		if (kvm_rounds.rest)
			usleep(2000);
	return NULL;
}

static void *run_rounds(void *argument)
{
	u64 before = kvm_rounds_switches("nonvoluntary");

	(void)argument;
	for (u64 i = 0;
	     i < kvm_rounds.count && !kvm_rounds.stop && kvm_rounds.record->lost < LOST_ENOUGH; i++)
		do_round();
	kvm_rounds.record->preemptions = kvm_rounds_switches("nonvoluntary") - before;
	kvm_rounds.stop = true;
	if (kvm_rounds.how & BLOCKED_CROWDED)
		pthread_join(kvm_rounds.burner, NULL);
	if (kvm_rounds.waker == WAKER_PREEMPT)
		kvm_preemptor_end(&kvm_rounds.preemptor, kvm_rounds.vcpu_thread);
	kvm_rounds_free_other();
	kvm_rounds.record->done = 1;
	kvm_ticks(true);
	pthread_kill(kvm_rounds.vcpu_thread, SIGUSR1);
	return NULL;
}

/* --- beginning and end --- */

static void on_kick(int signal)
{
	(void)signal;
}

/* SIGUSR1 ends KVM_RUN; SIGUSR2 wakes a thread that blocks it and tells it nothing. */
static void prepare_signals(void)
{
	struct sigaction action = { .sa_handler = on_kick };
	sigset_t set;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool start_threads(void)
{
	sigset_t ours, before;
	bool ok;

	sigemptyset(&ours);
	sigaddset(&ours, SIGALRM);
	sigaddset(&ours, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &ours, &before);
	ok = (!(kvm_rounds.how & BLOCKED_CROWDED) ||
	      !pthread_create(&kvm_rounds.burner, NULL, burn, NULL)) &&
	     (kvm_rounds.waker != WAKER_PREEMPT ||
	      kvm_preemptor_begin(&kvm_rounds.preemptor, kvm_rounds.vcpu_thread, VCPU_CPU)) &&
	     !pthread_create(&kvm_rounds.thread, NULL, run_rounds, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok && kvm_rounds.how & BLOCKED_CROWDED)
		kvm_pin_thread(kvm_rounds.burner, VCPU_CPU);
	if (ok)
		kvm_pin_thread(kvm_rounds.thread, OUR_CPU);
	return ok;
}

KVM_ACTION(kvm_act_blocked_rounds)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)value;
	kvm_rounds_end();
	if (CPU_COUNT(&kvm.cpus) < 2) {
		text_add(detail, "there is one processor, and rounds need two");
		return SYNC_UNSUPPORTED;
	}
	kvm_rounds = (struct kvm_rounds){
		.k = k,
		.waker = arguments[0],
		.line = arguments[1],
		.count = arguments[2],
		.how = arguments[3],
		.vcpu_cpu = VCPU_CPU,
		.record = (struct blocked_record *)kvm_memory_at(k, arguments[4],
								 sizeof(struct blocked_record)),
		.vcpu = (pid_t)syscall(SYS_gettid),
		.vcpu_thread = pthread_self(),
		.line_event = -1,
	};
	if (!kvm_devices_assigned() || !kvm_rounds.record || kvm_rounds.waker >= WAKER_COUNT) {
		text_add(detail, "BLOCKED_ROUNDS needs an assigned device, a waker and a record");
		return SYNC_REFUSED;
	}
	if (kvm_rounds_need_other() && !k->other[0].threaded) {
		text_add(detail, "BLOCKED_ROUNDS needs vCPU 1");
		return SYNC_REFUSED;
	}
	if (kvm_rounds.waker == WAKER_PREEMPT && !kvm_host_is_preemptible(detail))
		return SYNC_UNSUPPORTED;
	kvm_rounds.lpi = (u32)kvm_rounds.record->direct;
	kvm_rounds.record->direct = 0;
	kvm_rounds.message[0] = PLATFORM_ITS + GITS_TRANSLATER;
	if (kvm_rounds.waker == WAKER_IRQFD) {
		kvm_rounds.line_event = kvm_line_eventfd(k, (u32)kvm_rounds.line, detail);
		if (kvm_rounds.line_event < 0)
			return SYNC_FAILED;
	}
	kvm_rounds.preemptor =
		(struct kvm_preemptor){ .stop = &kvm_rounds.stop, .rest = &kvm_rounds.rest };
	prepare_signals();
	kvm_pin_thread(pthread_self(), VCPU_CPU);
	kvm_rounds_place_other();
	kvm_ticks(false);
	kvm_rounds.runs = start_threads();
	if (kvm_rounds.runs)
		return SYNC_OK;
	kvm_ticks(true);
	text_add(detail, "pthread_create: %s", strerrorname_np(errno));
	return SYNC_FAILED;
}

void kvm_rounds_end(void)
{
	if (!kvm_rounds.runs)
		return;
	kvm_rounds.stop = true;
	pthread_join(kvm_rounds.thread, NULL);
	if (kvm_rounds.line_event >= 0)
		close(kvm_rounds.line_event);
	kvm_rounds.runs = false;
	pthread_setaffinity_np(pthread_self(), sizeof(kvm.cpus), &kvm.cpus);
}
