// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a VM costs on this KVM, for `make bench` to compare with: N
 * times create one as the driver does, run it to its first exit, destroy it.
 * A program of its own; the driver does not use it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY_BYTES = 64 << 20, CPUID_ENTRIES = 256 };

static struct kvm_cpuid2 *supported;
static int kvm_fd, run_size;

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "kvm-bare: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* out %al, $0x80, at the reset vector's segment, in real mode. */
static void load(unsigned char *memory)
{
	static const unsigned char code[] = { 0xe6, 0x80 };

	memcpy(memory + 0x1000, code, sizeof(code));
}

static void enter(int vcpu)
{
	struct kvm_regs regs = { .rip = 0x1000, .rflags = 2 };
	struct kvm_sregs sregs;

	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void one_cycle(void)
{
	struct kvm_pit_config pit = { 0 };
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY_BYTES };
	unsigned char *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct kvm_run *run;
	int vm, vcpu;

	load(memory);
	must(vm = ioctl(kvm_fd, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	must(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	must(ioctl(vm, KVM_CREATE_PIT2, &pit), "KVM_CREATE_PIT2");
	must(vcpu = ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	run = mmap(NULL, (size_t)run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	must(ioctl(vcpu, KVM_SET_CPUID2, supported), "KVM_SET_CPUID2");
	region.userspace_addr = (unsigned long)memory;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
	enter(vcpu);
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	if (run->exit_reason != KVM_EXIT_IO) {
		fprintf(stderr, "kvm-bare: exit reason %u\n", run->exit_reason);
		exit(3);
	}
	munmap(run, (size_t)run_size);
	close(vcpu);
	close(vm);
	munmap(memory, MEMORY_BYTES);
}

int main(int argc, char **argv)
{
	int cycles = argc > 1 ? atoi(argv[1]) : 100;
	struct timespec start, end;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	must(kvm_fd, "/dev/kvm");
	must(run_size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	supported = calloc(1, sizeof(*supported) + CPUID_ENTRIES * sizeof(supported->entries[0]));
	supported->nent = CPUID_ENTRIES;
	must(ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, supported), "KVM_GET_SUPPORTED_CPUID");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < cycles; i++)
		one_cycle();
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) +
				 (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	return 0;
}
