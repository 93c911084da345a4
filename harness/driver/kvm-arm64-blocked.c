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
#include "harness/driver/kvm.h"
#include "lib/arm64/blocked.h"

#include <signal.h>
#include <sys/syscall.h>

enum { VCPU_CPU = 0, OUR_CPU = 1 };
enum {
	BLOCKED_MILLISECONDS = 2000, /* to block at all */
	WOKEN_MILLISECONDS = 500, /* to wake and block again */
	TAKEN_MILLISECONDS = 300, /* for the interrupt; seen: at most 50 */
	LATE_MILLISECONDS = 1500, /* more of it, with nobody else there */
	KICKED_MILLISECONDS = 3000,
	LOST_ENOUGH = 2, /* each costs seconds, and more would prove no more */
	SETTLE_MICROSECONDS = 3000,
};

static struct rounds {
	struct kvm_vm *k;
	struct blocked_record *record;
	u64 waker, line, count;
	u32 lpi;
	bool crowded;
	pid_t vcpu; /* the thread */
	pthread_t vcpu_thread, thread, burner;
	struct kvm_preemptor preemptor;
	bool runs;
	volatile bool stop, rest;
	int line_event;
	u64 message[2]; /* of WAKER_MSI: address, data */
} rounds;

static bool is_blocked(void)
{
	return kvm_thread_is_blocked(rounds.vcpu);
}

static u64 switches(const char *kind)
{
	return kvm_thread_switches(rounds.vcpu, kind);
}

/* --- waiting --- */

static bool soon(double end)
{
	usleep(500);
	return seconds_now() < end && !rounds.stop;
}

static bool wait_blocked(unsigned int milliseconds)
{
	double end = seconds_now() + milliseconds / 1e3;

	while (!is_blocked())
		if (!soon(end))
			return false;
	return true;
}

static bool wait_taken(u64 before, unsigned int milliseconds)
{
	double end = seconds_now() + milliseconds / 1e3;

	while (rounds.record->taken == before)
		if (!soon(end))
			return false;
	return true;
}

/* --- the wakers --- */

static void set_line(bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (u32)rounds.line,
		.level = level,
	};

	kvm_call(rounds.k->fd, KVM_IRQ_LINE, &line);
}

/* Before the vCPU's thread can run: on its processor, with a priority above its own. */
static void pulse_line(void)
{
	kvm_set_priority(60);
	kvm_pin_thread(pthread_self(), VCPU_CPU);
	set_line(true);
	set_line(false);
	kvm_pin_thread(pthread_self(), OUR_CPU);
	kvm_set_priority(0);
}

static void wake(void)
{
	struct kvm_msi msi = {
		.address_lo = (u32)rounds.message[0],
		.data = (u32)rounds.message[1] + 1,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = (u32)rounds.line,
	};
	const u64 one = 1;

	switch (rounds.waker) {
	case WAKER_LINE:
		set_line(true);
		break;
	case WAKER_LINE_PULSE:
		pulse_line();
		break;
	case WAKER_IRQFD:
		if (write(rounds.line_event, &one, sizeof(one)) != sizeof(one))
			return;
		break;
	case WAKER_MSI:
		kvm_call(rounds.k->fd, KVM_SIGNAL_MSI, &msi);
		break;
	case WAKER_SIGNAL:
		pthread_kill(rounds.vcpu_thread, SIGUSR2);
		break;
	case WAKER_MOVE:
		kvm_pin_thread(rounds.vcpu_thread, OUR_CPU);
		kvm_pin_thread(rounds.vcpu_thread, VCPU_CPU);
		break;
	}
}

/* Wake it, and see whether it blocked again without the guest. */
static void wake_round(void)
{
	struct blocked_record *r = rounds.record;
	u64 before = switches("voluntary"), loops = r->loops, interrupted = rounds.k->interrupted;
	double end = seconds_now() + WOKEN_MILLISECONDS / 1e3;
	bool woken;

	if (rounds.waker == WAKER_NONE || rounds.waker == WAKER_PREEMPT)
		return;
	wake();
	do
		woken = switches("voluntary") > before && is_blocked();
	while (!woken && soon(end));
	usleep(SETTLE_MICROSECONDS);
	r->woken += woken;
	r->windows += woken && r->loops == loops && rounds.k->interrupted == interrupted;
}

/* --- a round --- */

static void judge(u64 before, double begin)
{
	struct blocked_record *r = rounds.record;
	u64 microseconds;

	if (!wait_taken(before, TAKEN_MILLISECONDS)) {
		rounds.rest = true;
		if (wait_taken(before, LATE_MILLISECONDS)) {
			r->late++;
		} else if (is_blocked()) {
			r->lost++;
			pthread_kill(rounds.vcpu_thread, SIGUSR1);
			r->recovered += wait_taken(before, KICKED_MILLISECONDS);
		}
		rounds.rest = false;
		return;
	}
	microseconds = (u64)((seconds_now() - begin) * 1e6);
	r->slowest = MAX(r->slowest, microseconds);
}

static void do_round(void)
{
	struct blocked_record *r = rounds.record;
	u64 doorbells, msis, taken;
	double begin;

	r->rounds++;
	if (!wait_blocked(BLOCKED_MILLISECONDS))
		r->not_blocked++;
	usleep(SETTLE_MICROSECONDS);
	wake_round();
	doorbells = kvm_host_interrupts("GICv4-vpe");
	msis = kvm_host_interrupts("vfio-msi");
	r->direct += kvm_lpi_is_direct(rounds.lpi);
	taken = r->taken;
	begin = seconds_now();
	kvm_device_raise(true);
	judge(taken, begin);
	kvm_device_raise(false);
	if (rounds.waker == WAKER_LINE)
		set_line(false);
	usleep(SETTLE_MICROSECONDS);
	r->doorbells += kvm_host_interrupts("GICv4-vpe") - doorbells;
	r->host_msis += kvm_host_interrupts("vfio-msi") - msis;
}

static void *burn(void *argument)
{
	struct sched_param p = { 0 };

	(void)argument;
	sched_setscheduler(0, SCHED_IDLE, &p);
	while (!rounds.stop)
		if (rounds.rest)
			usleep(2000);
	return NULL;
}

static void *run_rounds(void *argument)
{
	u64 before = switches("nonvoluntary");

	(void)argument;
	for (u64 i = 0; i < rounds.count && !rounds.stop && rounds.record->lost < LOST_ENOUGH; i++)
		do_round();
	rounds.record->preemptions = switches("nonvoluntary") - before;
	rounds.stop = true;
	if (rounds.crowded)
		pthread_join(rounds.burner, NULL);
	if (rounds.waker == WAKER_PREEMPT)
		kvm_preemptor_end(&rounds.preemptor, rounds.vcpu_thread);
	rounds.record->done = 1;
	kvm_ticks(true);
	pthread_kill(rounds.vcpu_thread, SIGUSR1);
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
	ok = (!rounds.crowded || !pthread_create(&rounds.burner, NULL, burn, NULL)) &&
	     (rounds.waker != WAKER_PREEMPT ||
	      kvm_preemptor_begin(&rounds.preemptor, rounds.vcpu_thread, VCPU_CPU)) &&
	     !pthread_create(&rounds.thread, NULL, run_rounds, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok && rounds.crowded)
		kvm_pin_thread(rounds.burner, VCPU_CPU);
	if (ok)
		kvm_pin_thread(rounds.thread, OUR_CPU);
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
	rounds = (struct rounds){
		.k = k,
		.waker = arguments[0],
		.line = arguments[1],
		.count = arguments[2],
		.crowded = arguments[3],
		.record = (struct blocked_record *)kvm_memory_at(k, arguments[4],
								 sizeof(struct blocked_record)),
		.vcpu = (pid_t)syscall(SYS_gettid),
		.vcpu_thread = pthread_self(),
		.line_event = -1,
	};
	if (!kvm_device_assigned() || !rounds.record || rounds.waker >= WAKER_COUNT) {
		text_add(detail, "BLOCKED_ROUNDS needs an assigned device, a waker and a record");
		return SYNC_REFUSED;
	}
	if (rounds.waker == WAKER_PREEMPT && !kvm_host_is_preemptible(detail))
		return SYNC_UNSUPPORTED;
	rounds.lpi = (u32)rounds.record->direct;
	rounds.record->direct = 0;
	rounds.message[0] = PLATFORM_ITS + GITS_TRANSLATER;
	if (rounds.waker == WAKER_IRQFD) {
		rounds.line_event = kvm_line_eventfd(k, (u32)rounds.line, detail);
		if (rounds.line_event < 0)
			return SYNC_FAILED;
	}
	rounds.preemptor = (struct kvm_preemptor){ .stop = &rounds.stop, .rest = &rounds.rest };
	prepare_signals();
	kvm_pin_thread(pthread_self(), VCPU_CPU);
	kvm_ticks(false);
	rounds.runs = start_threads();
	if (rounds.runs)
		return SYNC_OK;
	kvm_ticks(true);
	text_add(detail, "pthread_create: %s", strerrorname_np(errno));
	return SYNC_FAILED;
}

void kvm_rounds_end(void)
{
	if (!rounds.runs)
		return;
	rounds.stop = true;
	pthread_join(rounds.thread, NULL);
	if (rounds.line_event >= 0)
		close(rounds.line_event);
	rounds.runs = false;
	pthread_setaffinity_np(pthread_self(), sizeof(kvm.cpus), &kvm.cpus);
}
