// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that runs a vCPU: where it is put, what the kernel shows of it, and one
 * that preempts it.
 */
#include "harness/driver/kvm.h"

#include <fcntl.h>
#include <sys/utsname.h>

void kvm_pin_thread(pthread_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(thread, sizeof(set), &set);
}

void kvm_set_priority(int priority)
{
	struct sched_param p = { .sched_priority = priority };

	sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &p);
}

static bool read_task(pid_t thread, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", thread, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[MAX(n, 0)] = '\0';
	return n > 0;
}

bool kvm_thread_is_blocked(pid_t thread)
{
	char stat[512], where[64], *behind;

	if (!read_task(thread, "stat", stat, sizeof(stat)) ||
	    !read_task(thread, "wchan", where, sizeof(where)))
		return false;
	behind = strrchr(stat, ')');
	return behind && behind[1] && behind[2] == 'S' && !strncmp(where, "kvm_vcpu_", 9);
}

/* The 39th field of stat; the name, which may have blanks, is the second. */
int kvm_thread_processor(pid_t thread)
{
	char stat[512], *at;

	if (!read_task(thread, "stat", stat, sizeof(stat)))
		return -1;
	at = strrchr(stat, ')');
	for (unsigned int field = 2; at && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at ? atoi(at) : -1;
}

u64 kvm_thread_switches(pid_t thread, const char *kind)
{
	char text[4096], name[48], *at;

	snprintf(name, sizeof(name), "\n%s_ctxt_switches:", kind);
	at = read_task(thread, "status", text, sizeof(text)) ? strstr(text, name) : NULL;
	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* --- preemption: the vCPU's thread above the burner, ours above it, at random times --- */

enum { VCPU_PRIORITY = 10, PREEMPTOR_PRIORITY = 50, PREEMPT_MICROSECONDS = 400 };

/* A kernel that is not preemptible is never preempted between two steps of blocking. */
bool kvm_host_is_preemptible(struct text *why)
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
	const struct kvm_preemptor *p = argument;
	u64 state = 1;

	kvm_set_priority(PREEMPTOR_PRIORITY);
	while (!*p->stop) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		usleep(*p->rest ? 20000
				: PREEMPT_MICROSECONDS / 2 +
					  (unsigned int)(state >> 40) % PREEMPT_MICROSECONDS);
	}
	return NULL;
}

/* Without the limit on real-time threads, which would stop the vCPU itself. */
static void set_vcpu_priority(pthread_t vcpu, bool real_time)
{
	struct sched_param p = { .sched_priority = real_time ? VCPU_PRIORITY : 0 };
	FILE *f = fopen("/proc/sys/kernel/sched_rt_runtime_us", "we");

	if (f) {
		fputs(real_time ? "-1" : "950000", f);
		fclose(f);
	}
	pthread_setschedparam(vcpu, real_time ? SCHED_FIFO : SCHED_OTHER, &p);
}

bool kvm_preemptor_begin(struct kvm_preemptor *p, pthread_t vcpu, int cpu)
{
	if (pthread_create(&p->thread, NULL, preempt, p))
		return false;
	kvm_pin_thread(p->thread, cpu);
	set_vcpu_priority(vcpu, true);
	return true;
}

void kvm_preemptor_end(struct kvm_preemptor *p, pthread_t vcpu)
{
	pthread_join(p->thread, NULL);
	set_vcpu_priority(vcpu, false);
}
