// SPDX-License-Identifier: GPL-2.0-only
/* See kvm-scratch.h. */
#include "harness/driver/kvm-scratch.h"

#include <sys/mman.h>
#include <sys/time.h>

struct kvm_scratch kvm_scratch = { .vm = -1 };

void kvm_scratch_close(void)
{
	struct kvm_scratch *s = &kvm_scratch;

	for (unsigned int i = 0; i < SCRATCH_OBJECTS_MAX; i++) {
		if (i < s->devices)
			close(s->device[i]);
		if (s->vcpu[i] > 0)
			close(s->vcpu[i]);
	}
	if (s->vm >= 0)
		close(s->vm);
	if (s->memory)
		munmap(s->memory, s->bytes);
	*s = (struct kvm_scratch){ .vm = -1 };
}

s64 kvm_scratch_vm(u64 base, u64 bytes)
{
	struct kvm_userspace_memory_region region = { .guest_phys_addr = base,
						      .memory_size = bytes };
	struct kvm_scratch *s = &kvm_scratch;

	kvm_scratch_close();
	s->vm = kvm_call(kvm.fd, KVM_CREATE_VM, NULL);
	if (s->vm < 0 || !bytes)
		return kvm_made(s->vm);
	s->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->memory == MAP_FAILED) {
		s->memory = NULL;
		return -errno;
	}
	s->base = base;
	s->bytes = bytes;
	region.userspace_addr = (u64)s->memory;
	return kvm_made(kvm_call(s->vm, KVM_SET_USER_MEMORY_REGION, &region));
}

s64 kvm_scratch_vcpu(u64 number)
{
	int fd;

	if (number >= SCRATCH_OBJECTS_MAX)
		return -EINVAL;
	fd = ioctl(kvm_scratch.vm, KVM_CREATE_VCPU, number);
	if (fd >= 0)
		kvm_scratch.vcpu[number] = fd;
	return kvm_made(fd);
}

static struct kvm_run *map_run(int vcpu)
{
	struct kvm_run *run =
		mmap(NULL, (size_t)kvm.vcpu_mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

	return run == MAP_FAILED ? NULL : run;
}

/* No tick may end it, or nobody could tell what did: one signal at its deadline, and none else. */
s64 kvm_scratch_run(int vcpu, bool immediate_exit, u64 *got)
{
	struct itimerval deadline = { .it_value.tv_sec = SCRATCH_RUN_SECONDS }, left;
	struct kvm_run *run = map_run(vcpu);
	s64 result;

	if (!run)
		return -errno;
	run->immediate_exit = immediate_exit;
	setitimer(ITIMER_REAL, &deadline, NULL);
	result = kvm_made(ioctl(vcpu, KVM_RUN, 0));
	getitimer(ITIMER_REAL, &left);
	kvm_ticks(true);
	if (result == -EINTR && !left.it_value.tv_sec && !left.it_value.tv_usec)
		result = -ETIMEDOUT;
	*got = run->exit_reason;
	munmap(run, (size_t)kvm.vcpu_mmap_size);
	return result;
}

s64 kvm_scratch_run_word(int vcpu, bool write, u64 offset, u64 new, u64 *got)
{
	struct kvm_run *run;

	if (offset > sizeof(*run) - sizeof(u64))
		return -EINVAL;
	run = map_run(vcpu);
	if (!run)
		return -errno;
	if (write)
		memcpy((u8 *)run + offset, &new, sizeof(new));
	memcpy(got, (u8 *)run + offset, sizeof(*got));
	munmap(run, (size_t)kvm.vcpu_mmap_size);
	return 0;
}

int kvm_object(const struct kvm_vm *k, u64 object)
{
	const struct kvm_scratch *s = &kvm_scratch;
	u64 device = object - SCRATCH_OBJECT_DEVICE, vcpu = object - SCRATCH_OBJECT_VCPU;

	switch (object) {
	case HOST_VM:
		return k->fd;
	case HOST_VGIC:
		return k->gic;
	case HOST_ITS:
		return k->its;
	case HOST_VCPU:
		return k->vcpu;
	case SCRATCH_OBJECT_VM:
		return s->vm;
	}
	if (object >= SCRATCH_OBJECT_DEVICE && device < s->devices)
		return s->device[device];
	if (object >= SCRATCH_OBJECT_VCPU && vcpu < SCRATCH_OBJECTS_MAX && s->vcpu[vcpu] > 0)
		return s->vcpu[vcpu];
	return -1;
}

s64 kvm_call_memory(struct kvm_vm *k, bool write, u64 gpa, u64 new, u64 *got)
{
	const struct kvm_scratch *s = &kvm_scratch;
	u64 *word = (u64 *)kvm_memory_at(k, gpa, sizeof(u64));

	if (s->memory && gpa >= s->base && gpa - s->base <= s->bytes - sizeof(u64))
		word = (u64 *)(s->memory + (gpa - s->base));
	if (!word || gpa % sizeof(u64))
		return -EFAULT;
	if (write)
		*word = new;
	*got = *word;
	return 0;
}

KVM_ACTION(kvm_act_host_call)
{
	if (arguments[0] >= HOST_CALL_COUNT) {
		text_add(detail, "there is no HOST_CALL %llu", (unsigned long long)arguments[0]);
		return SYNC_REFUSED;
	}
	return kvm_host_call((struct kvm_vm *)vm, arguments[0], arguments + 1, value, detail);
}
