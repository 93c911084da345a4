// SPDX-License-Identifier: GPL-2.0-only
/*
 * How KVM is told to treat a VM: quirks, the limit of its shadow pages, what
 * happens to instructions it cannot emulate; and its list of MSRs.  What was asked
 * for is asked for again when RESTORE moves the guest into another VM.
 */
#include "harness/driver/kvm.h"

#include <asm/kvm_para.h>

static bool disable_quirks(struct kvm_vm *k, u64 mask, struct text *why)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_DISABLE_QUIRKS2, .args = { mask } };

	return KVM_TRY(k->fd, KVM_ENABLE_CAP, &cap, why);
}

KVM_ACTION(kvm_act_disable_quirks)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 mask = arguments[0];

	*value = (u64)ioctl(k->fd, KVM_CHECK_EXTENSION, KVM_CAP_DISABLE_QUIRKS2) & 0xffffffff;
	if (mask & ~*value) {
		text_add(detail, "the host has only the quirks %#llx", (unsigned long long)*value);
		return SYNC_UNSUPPORTED;
	}
	if (mask && !disable_quirks(k, mask, detail))
		return SYNC_FAILED;
	k->quirks |= mask;
	return SYNC_OK;
}

static bool limit_mmu_pages(struct kvm_vm *k, u64 count, struct text *why)
{
	return KVM_TRY(k->fd, KVM_SET_NR_MMU_PAGES, count, why);
}

KVM_ACTION(kvm_act_limit_mmu_pages)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)value;
	if (!limit_mmu_pages(k, arguments[0], detail))
		return SYNC_FAILED;
	k->mmu_pages = arguments[0];
	return SYNC_OK;
}

bool kvm_limits_set(struct kvm_vm *k, struct text *why)
{
	return (!k->quirks || disable_quirks(k, k->quirks, why)) &&
	       (!k->mmu_pages || limit_mmu_pages(k, k->mmu_pages, why));
}

/* --- what cannot be emulated --- */

KVM_ACTION(kvm_act_return_unemulated)
{
	(void)arguments;
	(void)value;
	(void)detail;
	((struct kvm_vm *)vm)->return_unemulated = true;
	return SYNC_OK;
}

/* The instruction did nothing yet, so that #UD in its place is an exact event. */
bool kvm_return_unemulated(struct kvm_vm *k)
{
	struct kvm_vcpu_events events;

	if (!k->return_unemulated || k->run->exit_reason != KVM_EXIT_INTERNAL_ERROR ||
	    k->run->internal.suberror != KVM_INTERNAL_ERROR_EMULATION ||
	    ioctl(k->vcpu, KVM_GET_VCPU_EVENTS, &events))
		return false;
	events.exception.injected = 1;
	events.exception.pending = 0;
	events.exception.nr = 6;
	events.exception.has_error_code = 0;
	events.exception_has_payload = 0;
	return !ioctl(k->vcpu, KVM_SET_VCPU_EVENTS, &events);
}

/* --- the list of MSRs --- */

/* The CPUID of kvm_vm_open(), less what `how` takes away. */
static struct kvm_cpuid2 *cpuid_for(u64 how)
{
	size_t size = sizeof(*kvm.cpuid) + kvm.cpuid->nent * sizeof(kvm.cpuid->entries[0]);
	struct kvm_cpuid2 *c = calloc(1, size);

	for (u32 i = 0; i < kvm.cpuid->nent && !(how & MSRS_WITHOUT_CPUID); i++) {
		const struct kvm_cpuid_entry2 *e = &kvm.cpuid->entries[i];
		bool hypervisor = e->function >> 8 == KVM_CPUID_SIGNATURE >> 8;

		if (!hypervisor || !(how & MSRS_WITHOUT_PARAVIRTUALIZATION))
			c->entries[c->nent++] = *e;
	}
	return c;
}

static int vcpu_for(int vm, u64 how, struct text *why)
{
	struct kvm_enable_cap enforce = { .cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args = { 1 } };
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct kvm_cpuid2 *cpuid = cpuid_for(how);
	bool ok = vcpu >= 0 && KVM_TRY(vcpu, KVM_SET_CPUID2, cpuid, why) &&
		  (!(how & MSRS_WITHOUT_PARAVIRTUALIZATION) ||
		   KVM_TRY(vcpu, KVM_ENABLE_CAP, &enforce, why));

	free(cpuid);
	if (ok)
		return vcpu;
	if (vcpu >= 0)
		close(vcpu);
	return -1;
}

/* Name the MSRs that it refuses: the first few, and how many. */
static unsigned int refused(int vcpu, struct text *detail)
{
	enum { NAMED_MAX = 4 };
	unsigned int count = 0;

	for (u32 i = 0; i < kvm.msrs->nmsrs; i++) {
		struct {
			struct kvm_msrs head;
			struct kvm_msr_entry entry;
		} m = { .head = { .nmsrs = 1 }, .entry = { .index = kvm.msrs->indices[i] } };
		const char *call = "KVM_GET_MSRS";

		if (ioctl(vcpu, KVM_GET_MSRS, &m) == 1) {
			call = "KVM_SET_MSRS";
			if (ioctl(vcpu, KVM_SET_MSRS, &m) == 1)
				continue;
		}
		if (count++ < NAMED_MAX)
			text_add(detail, "%s of MSR %#x refused, ", call, m.entry.index);
	}
	return count;
}

KVM_ACTION(kvm_act_check_msr_list)
{
	int fd = kvm_call(kvm.fd, KVM_CREATE_VM, NULL), vcpu;
	unsigned int count;

	(void)vm;
	*value = kvm.msrs->nmsrs;
	if (fd < 0) {
		text_add(detail, "KVM_CREATE_VM: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	vcpu = kvm_create_irqchip(fd, detail) ? vcpu_for(fd, arguments[0], detail) : -1;
	count = vcpu < 0 ? 0 : refused(vcpu, detail);
	if (count)
		text_add(detail, "%u of %u in all", count, kvm.msrs->nmsrs);
	if (vcpu >= 0)
		close(vcpu);
	close(fd);
	return vcpu < 0 ? SYNC_FAILED : count ? SYNC_MISMATCH : SYNC_OK;
}
