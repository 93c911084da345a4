// SPDX-License-Identifier: GPL-2.0-only
/*
 * HOST_CALL on x86: MSRs, XCRs, XSAVE images and structures of the guest's vCPU or of a
 * scratch one; the CPUID that such a one is given is in kvm-cpuid.c.
 */
#include "harness/driver/kvm-scratch.h"
#include "lib/x86/kvm_interface.h"

enum { XSAVE_HEADER = 512, XSAVE_BEHIND_HEADER = 576, MXCSR = 24 };

/* --- MSRs --- */

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

/* How many entries KVM did, which tells a refused MSR from a failed call. */
static s64 msr(int vcpu, unsigned long request, u64 index, u64 *data)
{
	struct one_msr m = { .head.nmsrs = 1, .entry = { .index = (u32)index, .data = *data } };
	int done = kvm_call(vcpu, request, &m);

	if (done < 0)
		return -errno;
	*data = m.entry.data;
	return done;
}

/* --- XCRs --- */

static s64 get_xcr(int vcpu, u64 index, u64 *got)
{
	struct kvm_xcrs xcrs = { 0 };

	if (kvm_call(vcpu, KVM_GET_XCRS, &xcrs) < 0)
		return -errno;
	for (u32 i = 0; i < xcrs.nr_xcrs; i++)
		if (xcrs.xcrs[i].xcr == index) {
			*got = xcrs.xcrs[i].value;
			return 0;
		}
	return -ENOENT;
}

static s64 set_xcr(int vcpu, u64 index, u64 new, u64 flags)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1,
				 .flags = (u32)flags,
				 .xcrs[0] = { .xcr = (u32)index, .value = new } };

	return kvm_made(kvm_call(vcpu, KVM_SET_XCRS, &xcrs));
}

/* --- XSAVE images --- */

static u8 image[HOST_XSAVE_MAX] __attribute__((aligned(4096)));

/* Where a sabotage leaves what it should not: of an image that was refused, the legal rest. */
static void load_rest_of_image(int vcpu)
{
	memset(image + XSAVE_HEADER, 0, XSAVE_BEHIND_HEADER - XSAVE_HEADER);
	memset(image + MXCSR, 0, sizeof(u32));
	image[XSAVE_HEADER] = 3;
	kvm_call(vcpu, KVM_SET_XSAVE, image);
}

static s64 get_xsave(int vcpu, unsigned long request, u8 *to, u64 length)
{
	s64 result;

	memcpy(image, to, length);
	result = kvm_made(kvm_call(vcpu, request, image));
	if (request == KVM_GET_XSAVE2 && sabotaged("call-cuts-xsave") &&
	    length > XSAVE_BEHIND_HEADER) {
		memset(image + XSAVE_BEHIND_HEADER, 0, length - XSAVE_BEHIND_HEADER);
		image[XSAVE_HEADER] &= 3;
		memset(image + XSAVE_HEADER + 1, 0, 7);
	}
	memcpy(to, image, length);
	return result;
}

static s64 set_xsave(int vcpu, const u8 *from, u64 length)
{
	memcpy(image, from, length);
	memset(image + length, 0, sizeof(image) - length);
	return kvm_made(kvm_call(vcpu, KVM_SET_XSAVE, image));
}

/* --- the structures of a vCPU --- */

_Static_assert(sizeof(struct host_sregs) == sizeof(struct kvm_sregs), "struct kvm_sregs");
_Static_assert(sizeof(struct host_debugregs) == sizeof(struct kvm_debugregs),
	       "struct kvm_debugregs");
_Static_assert(sizeof(struct host_xen) == sizeof(struct kvm_xen_vcpu_attr),
	       "struct kvm_xen_vcpu_attr");

static const struct {
	unsigned long get, set;
	size_t bytes;
} states[HOST_STATE_COUNT] = {
	[HOST_STATE_SREGS] = { KVM_GET_SREGS, KVM_SET_SREGS, sizeof(struct kvm_sregs) },
	[HOST_STATE_DEBUGREGS] = { KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS,
				   sizeof(struct kvm_debugregs) },
	[HOST_STATE_XEN] = { KVM_XEN_VCPU_GET_ATTR, KVM_XEN_VCPU_SET_ATTR,
			     sizeof(struct kvm_xen_vcpu_attr) },
};

/* Where a sabotage leaves what it should not: a legal change of a state that was refused. */
static void change_state(int vcpu, u64 which)
{
	struct kvm_debugregs debug;
	struct kvm_sregs sregs;

	if (which == HOST_STATE_SREGS && !kvm_call(vcpu, KVM_GET_SREGS, &sregs)) {
		sregs.cr3 ^= 0x1000;
		kvm_call(vcpu, KVM_SET_SREGS, &sregs);
	}
	if (which == HOST_STATE_DEBUGREGS && !kvm_call(vcpu, KVM_GET_DEBUGREGS, &debug)) {
		debug.db[0] ^= 0x1000;
		kvm_call(vcpu, KVM_SET_DEBUGREGS, &debug);
	}
}

/* --- one call --- */

static bool sets_something(u64 number)
{
	return number == HOST_SET_MSR || number == HOST_SET_XCR || number == HOST_SET_XSAVE ||
	       number == HOST_SET_CPUID || number == HOST_SET_STATE;
}

/* `memory` is what the call names of the guest's, if it does. */
static s64 call(struct kvm_vm *k, u64 number, int fd, u8 *memory, const u64 *a, u64 *got)
{
	u64 data = a[2];
	s64 done;

	switch (number) {
	case HOST_WRITE_MEMORY:
		return kvm_call_memory(k, true, a[0], a[1], got);
	case HOST_READ_MEMORY:
		return kvm_call_memory(k, false, a[0], 0, got);
	case SCRATCH_VM:
		return kvm_scratch_vm(a[0], a[1]);
	case SCRATCH_VCPU:
		return kvm_scratch_vcpu(a[0]);
	case HOST_CHECK_EXTENSION:
		done = ioctl(fd, KVM_CHECK_EXTENSION, a[1]);
		*got = (u64)done + (sabotaged("call-wrong-size") ? 64 : 0);
		return kvm_made((int)done);
	case HOST_COUNT_EXITS:
		return kvm_statistic(fd, "exits", got) ? 0 : -errno;
	case HOST_SUPPORTED_CPUID:
		return kvm_supported_cpuid(a[0], a[1], a[2], got);
	case HOST_GET_MSR:
		data = 0;
		done = msr(fd, KVM_GET_MSRS, a[1], &data);
		if (done > 0)
			memcpy(memory, &data, sizeof(data));
		*got = (u64)done;
		return done;
	case HOST_SET_MSR:
		done = msr(fd, KVM_SET_MSRS, a[1], &data);
		*got = (u64)done;
		return done;
	case HOST_GET_XCR:
		return get_xcr(fd, a[1], got);
	case HOST_SET_XCR:
		return set_xcr(fd, a[1], a[2], a[3]);
	case HOST_GET_XSAVE:
		return get_xsave(fd, KVM_GET_XSAVE, memory, a[2]);
	case HOST_GET_XSAVE2:
		return get_xsave(fd, KVM_GET_XSAVE2, memory, a[2]);
	case HOST_SET_XSAVE:
		return set_xsave(fd, memory, a[2]);
	case HOST_SET_CPUID:
		return kvm_set_cpuid(fd, a[1], a[2], a[3]);
	case HOST_GET_STATE:
		return kvm_made(kvm_call(fd, states[a[2]].get, memory));
	case HOST_SET_STATE:
		return kvm_made(kvm_call(fd, states[a[2]].set, memory));
	}
	return -ENOSYS;
}

/* The faults of calls that set something. */
static s64 spoilt_call(struct kvm_vm *k, u64 number, int fd, u8 *memory, const u64 *a, u64 *got)
{
	bool of_msr = number == HOST_SET_MSR;
	s64 result;
	u64 data = 0;

	if (sets_something(number) && sabotaged("call-idle")) {
		*got = of_msr;
		return 0;
	}
	result = call(k, number, fd, memory, a, got);
	if (!sets_something(number) || (result >= 0 && (!of_msr || *got)))
		return result;
	if (sabotaged("call-spoils") && number == HOST_SET_XCR)
		set_xcr(fd, 0, 1, 0);
	if (sabotaged("call-spoils") && number == HOST_SET_XSAVE)
		load_rest_of_image(fd);
	if (sabotaged("call-spoils") && number == HOST_SET_STATE)
		change_state(fd, a[2]);
	if (sabotaged("call-spoils") && of_msr)
		msr(fd, KVM_SET_MSRS, a[1], &data);
	if (!sabotaged("call-takes-all"))
		return result;
	*got = of_msr;
	return 0;
}

enum sync_status kvm_host_call(struct kvm_vm *k, u64 number, const u64 *a, u64 *answer,
			       struct text *detail)
{
	bool of_xsave = number == HOST_GET_XSAVE || number == HOST_GET_XSAVE2 ||
			number == HOST_SET_XSAVE;
	bool of_state = number == HOST_GET_STATE || number == HOST_SET_STATE;
	bool of_object = number == HOST_CHECK_EXTENSION || number == HOST_COUNT_EXITS ||
			 (number >= HOST_GET_MSR && number <= HOST_SET_STATE);
	u64 gpa = of_xsave || of_state ? a[1] : a[2], bytes = of_xsave ? a[2] : sizeof(u64);
	u64 got = 0;
	u8 *memory = NULL;
	int fd = -1;
	s64 result;

	if (of_state && a[2] >= HOST_STATE_COUNT) {
		text_add(detail, "HOST_CALL %llu: there is no structure %llu",
			 (unsigned long long)number, (unsigned long long)a[2]);
		return SYNC_REFUSED;
	}
	if (of_state)
		bytes = states[a[2]].bytes;
	if (of_object)
		fd = kvm_object(k, a[0]);
	if (number == SCRATCH_VCPU)
		fd = kvm_scratch.vm;
	if ((of_object || number == SCRATCH_VCPU) && fd < 0) {
		text_add(detail, "HOST_CALL %llu: there is no such object",
			 (unsigned long long)number);
		return SYNC_REFUSED;
	}
	if (of_xsave || of_state || number == HOST_GET_MSR)
		memory = bytes <= HOST_XSAVE_MAX ? kvm_memory_at(k, gpa, bytes) : NULL;
	if ((of_xsave || of_state || number == HOST_GET_MSR) && !memory) {
		text_add(detail, "HOST_CALL %llu: no %#llx bytes of guest memory at %#llx",
			 (unsigned long long)number, (unsigned long long)bytes,
			 (unsigned long long)gpa);
		return SYNC_REFUSED;
	}
	result = spoilt_call(k, number, fd, memory, a, &got);
	*answer = result < 0 ? (u64)result : got;
	return SYNC_OK;
}
