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

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

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
	pthread_t vcpu_thread, thread, burner, preemptor;
	bool runs;
	volatile bool stop, rest;
	int line_event;
	u64 message[2]; /* of WAKER_MSI: address, data */
} rounds;

static void pin_to(pthread_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(thread, sizeof(set), &set);
}

/* --- the vCPU's thread, as the kernel shows it --- */

static bool read_task(const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", rounds.vcpu, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[MAX(n, 0)] = '\0';
	return n > 0;
}

/* Does it sleep in KVM's block loop? */
static bool is_blocked(void)
{
	char stat[512], where[64], *behind;

	if (!read_task("stat", stat, sizeof(stat)) || !read_task("wchan", where, sizeof(where)))
		return false;
	behind = strrchr(stat, ')');
	return behind && behind[1] && behind[2] == 'S' && !strncmp(where, "kvm_vcpu_", 9);
}

/* How often it gave its processor away, or had it taken: "voluntary", "nonvoluntary". */
static u64 switches(const char *kind)
{
	char text[4096], name[48], *at;

	snprintf(name, sizeof(name), "\n%s_ctxt_switches:", kind);
	at = read_task("status", text, sizeof(text)) ? strstr(text, name) : NULL;
	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
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

static void set_priority(int priority)
{
	struct sched_param p = { .sched_priority = priority };

	sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &p);
}

/* Before the vCPU's thread can run: on its processor, with a priority above its own. */
static void pulse_line(void)
{
	set_priority(60);
	pin_to(pthread_self(), VCPU_CPU);
	set_line(true);
	set_line(false);
	pin_to(pthread_self(), OUR_CPU);
	set_priority(0);
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
		pin_to(rounds.vcpu_thread, OUR_CPU);
		pin_to(rounds.vcpu_thread, VCPU_CPU);
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

/* --- preemption: the vCPU's thread above the burner, ours above it, at random times --- */

enum { VCPU_PRIORITY = 10, PREEMPTOR_PRIORITY = 50, PREEMPT_MICROSECONDS = 400 };

/* A kernel that is not preemptible is never preempted between two steps of blocking. */
static bool kernel_is_preemptible(struct text *why)
{
	struct utsname u;

	uname(&u);
	if (strstr(u.version, "PREEMPT"))
		return true;
	text_add(why, "the host's kernel is not preemptible: its version says no PREEMPT");
	return false;
}

static void *preempt(void *argument)
{
	u64 state = 1;

	(void)argument;
	set_priority(PREEMPTOR_PRIORITY);
	while (!rounds.stop) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		usleep(rounds.rest ? 20000
				   : PREEMPT_MICROSECONDS / 2 +
					     (unsigned int)(state >> 40) % PREEMPT_MICROSECONDS);
	}
	return NULL;
}

/* Without the limit on real-time threads, which would stop the vCPU itself. */
static void set_vcpu_priority(bool real_time)
{
	struct sched_param p = { .sched_priority = real_time ? VCPU_PRIORITY : 0 };
	FILE *f = fopen("/proc/sys/kernel/sched_rt_runtime_us", "we");

	if (f) {
		fputs(real_time ? "-1" : "950000", f);
		fclose(f);
	}
	pthread_setschedparam(rounds.vcpu_thread, real_time ? SCHED_FIFO : SCHED_OTHER, &p);
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
	if (rounds.waker == WAKER_PREEMPT) {
		pthread_join(rounds.preemptor, NULL);
		set_vcpu_priority(false);
	}
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
	      !pthread_create(&rounds.preemptor, NULL, preempt, NULL)) &&
	     !pthread_create(&rounds.thread, NULL, run_rounds, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok && rounds.crowded)
		pin_to(rounds.burner, VCPU_CPU);
	if (ok && rounds.waker == WAKER_PREEMPT) {
		pin_to(rounds.preemptor, VCPU_CPU);
		set_vcpu_priority(true);
	}
	if (ok)
		pin_to(rounds.thread, OUR_CPU);
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
	if (rounds.waker == WAKER_PREEMPT && !kernel_is_preemptible(detail))
		return SYNC_UNSUPPORTED;
	rounds.lpi = (u32)rounds.record->direct;
	rounds.record->direct = 0;
	rounds.message[0] = PLATFORM_ITS + GITS_TRANSLATER;
	if (rounds.waker == WAKER_IRQFD) {
		rounds.line_event = kvm_line_eventfd(k, (u32)rounds.line, detail);
		if (rounds.line_event < 0)
			return SYNC_FAILED;
	}
	prepare_signals();
	pin_to(pthread_self(), VCPU_CPU);
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
