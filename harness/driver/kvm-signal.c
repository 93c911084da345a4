// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGNAL_AMID_TILES: a signal is delivered to the thread of the vCPU, and in the
 * middle of its delivery another process, which uses tiles, has the processor.
 *
 * The kernel first stores the thread's XSAVE state on the signal stack, then writes
 * the frame below it, then loads initial state.  The frame lies on a page that is
 * not there: userfaultfd(2) hands the fault to that process, which uses its tiles
 * before it gives the page.  So there is no race: the kernel waits where we want it.
 */
#include "harness/driver/kvm.h"

#include <cpuid.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PAGE = 4096, STACK_PAGES = 8, XTILEDATA = 18, FRAME_PART = 128, GET_XCOMP_SUPP = 0x1021 };

static volatile sig_atomic_t delivered;

static void on_signal(int signal)
{
	(void)signal;
	delivered = 1;
}

/* What the kernel stores of a thread without tiles: the standard format up to the last component. */
static size_t state_bytes(void)
{
	unsigned int eax, ebx, ecx, edx, low, high;
	size_t end = 576;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	for (unsigned int i = 2; i < XTILEDATA; i++) {
		__cpuid_count(0xd, i, eax, ebx, ecx, edx);
		if (low >> i & 1 && ebx + eax > end)
			end = ebx + eax;
	}
	return end;
}

/* A userfaultfd for one page of ours, or -1. */
static int watch_page(void *page, struct text *detail)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (unsigned long)page, .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range))
		return fd;
	text_add(detail, "userfaultfd: %s", strerrorname_np(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The other process: says a byte when it has tiles, then serves the one fault. */
static _Noreturn void use_tiles(int fd, int ready, void *page)
{
	struct uffdio_zeropage zero = { .range = { .start = (unsigned long)page, .len = PAGE } };
	struct uffd_msg message;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!kvm_use_tiles() || write(ready, "r", 1) != 1 ||
	    read(fd, &message, sizeof(message)) != sizeof(message))
		_exit(1);
	kvm_use_tiles();
	_exit(ioctl(fd, UFFDIO_ZEROPAGE, &zero) ? 1 : 0);
}

static void pin_here(cpu_set_t *before)
{
	cpu_set_t here;

	sched_getaffinity(0, sizeof(*before), before);
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
}

/* The alternate stack ends so far above the page that state lies on it and the frame reaches below. */
static bool take_signal(u8 *boundary, struct text *detail)
{
	u8 *bottom = boundary - (STACK_PAGES / 2) * PAGE;
	size_t state = (state_bytes() + 4 + 63) & ~(size_t)63;
	stack_t stack = { .ss_sp = bottom,
			  .ss_size = (size_t)(boundary + state + FRAME_PART - bottom) };
	stack_t none = { .ss_flags = SS_DISABLE };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART };
	struct sigaction old;

	delivered = 0;
	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR2, &action, &old)) {
		text_add(detail, "sigaltstack: %s", strerrorname_np(errno));
		return false;
	}
	raise(SIGUSR2);
	sigaction(SIGUSR2, &old, NULL);
	sigaltstack(&none, NULL);
	return delivered;
}

static enum sync_status with_stack(u8 *memory, struct text *detail)
{
	u8 *boundary = memory + (STACK_PAGES / 2) * PAGE;
	int fd = watch_page(boundary - PAGE, detail), ready[2], status = 0;
	cpu_set_t before;
	bool took;
	char byte;
	pid_t pid;

	if (fd < 0)
		return SYNC_FAILED;
	if (pipe2(ready, O_CLOEXEC)) {
		close(fd);
		return SYNC_FAILED;
	}
	/* The state's own pages are there. */
	memset(boundary, 1, (STACK_PAGES / 2) * PAGE);
	pin_here(&before);
	pid = fork();
	if (!pid)
		use_tiles(fd, ready[1], boundary - PAGE);
	close(ready[1]);
	took = pid > 0 && read(ready[0], &byte, 1) == 1 && take_signal(boundary, detail);
	if (!took && pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, &status, 0);
	sched_setaffinity(0, sizeof(before), &before);
	close(ready[0]);
	close(fd);
	if (took && WIFEXITED(status) && !WEXITSTATUS(status))
		return SYNC_OK;
	text_add(detail, took ? "no fault came from the signal's frame"
			      : "no process with tiles, or no signal");
	return SYNC_FAILED;
}

bool kvm_can_signal_amid_tiles(void)
{
	u64 supported = 0;
	int fd;

	if (option_is(&kvm_ops, "own_tiles", "on") ||
	    syscall(SYS_arch_prctl, GET_XCOMP_SUPP, &supported) || !(supported >> XTILEDATA & 1))
		return false;
	fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

KVM_ACTION(kvm_act_signal_amid_tiles)
{
	enum sync_status status;
	u8 *memory;

	(void)vm;
	(void)arguments;
	(void)value;
	memory = mmap(NULL, STACK_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (memory == MAP_FAILED) {
		text_add(detail, "mmap: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	status = with_stack(memory, detail);
	munmap(memory, STACK_PAGES * PAGE);
	return status;
}
