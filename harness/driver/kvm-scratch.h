/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOST_CALL: what is the same on every architecture.  The objects that a call is of,
 * and the scratch VM, of which the test decides what is made in which order.  A call
 * that the kernel refuses is no failure: its errno is the answer.
 */
#ifndef ASSAY_DRIVER_KVM_SCRATCH_H
#define ASSAY_DRIVER_KVM_SCRATCH_H

#include "harness/driver/kvm.h"

/* A scratch vCPU runs a few instructions, or waits for nothing. */
enum { SCRATCH_OBJECTS_MAX = 16, SCRATCH_RUN_SECONDS = 5 };

struct kvm_scratch {
	int vm; /* -1: none */
	int device[SCRATCH_OBJECTS_MAX], vcpu[SCRATCH_OBJECTS_MAX];
	unsigned int devices;
	u8 *memory;
	u64 base, bytes;
};

extern struct kvm_scratch kvm_scratch;

/* At the end of the guest's VM, and before another is made. */
void kvm_scratch_close(void);
s64 kvm_scratch_vm(u64 base, u64 bytes);
s64 kvm_scratch_vcpu(u64 number);
/* One KVM_RUN, -ETIMEDOUT at its deadline: *got is the exit reason; and eight bytes of what it shares with KVM. */
s64 kvm_scratch_run(int vcpu, bool immediate_exit, u64 *got);
s64 kvm_scratch_run_word(int vcpu, bool write, u64 offset, u64 new, u64 *got);

/* The descriptor of an object of enum sync_host_object, or -1. */
int kvm_object(const struct kvm_vm *k, u64 object);

/* HOST_READ_MEMORY and HOST_WRITE_MEMORY, of the scratch VM's memory where it has some there. */
s64 kvm_call_memory(struct kvm_vm *k, bool write, u64 gpa, u64 new, u64 *got);

/*
 * kvm-cpuid.c, x86: HOST_SET_CPUID, which KVM takes as long as the vCPU did not run, and
 * HOST_SUPPORTED_CPUID.
 */
s64 kvm_set_cpuid(int vcpu, u64 xcr0, u64 less, u64 features);
s64 kvm_supported_cpuid(u64 leaf, u64 subleaf, u64 reg, u64 *got);

/* What a call gave: 0, or minus errno. */
static inline s64 kvm_made(int result)
{
	return result < 0 ? -errno : 0;
}

/*
 * Each architecture's own: the call of that number with its arguments.  *answer is its
 * result or minus errno, -ENOSYS for one that the architecture has not; what the test
 * may not ask is SYNC_REFUSED.
 */
enum sync_status kvm_host_call(struct kvm_vm *k, u64 number, const u64 *a, u64 *answer,
			       struct text *detail);

#endif
