// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPUID of a guest's vCPU: what KVM supports, less what options take away; its APIC ID;
 * and Hyper-V's leaves where a test asked for them, with KVM's own behind them.
 */
#include "harness/driver/kvm.h"

enum { HYPERVISOR = 0x40000000, NEXT_HYPERVISOR = 0x100 };

KVM_ACTION(kvm_act_offer_hyperv)
{
	(void)arguments;
	(void)value;
	(void)detail;
	((struct kvm_vm *)vm)->hyperv = true;
	return SYNC_OK;
}

/* APIC IDs, where CPUID shows them: SDM vol. 2A, CPUID; APM vol. 3, appendix E. */
static void set_apic_id(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 1)
			e->ebx = (e->ebx & 0xffffff) | cpu << 24;
		if (e->function == 0xb || e->function == 0x1f)
			e->edx = cpu;
		if (e->function == 0x8000001e)
			e->eax = cpu;
	}
}

static void move_own_leaves(struct kvm_cpuid2 *cpuid)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == HYPERVISOR)
			e->eax += NEXT_HYPERVISOR; /* the last of them */
		if (e->function >= HYPERVISOR && e->function < HYPERVISOR + NEXT_HYPERVISOR)
			e->function += NEXT_HYPERVISOR;
	}
}

static bool add_hyperv(int vcpu, struct kvm_cpuid2 *cpuid, struct text *why)
{
	size_t bytes = sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]);
	struct kvm_cpuid2 *own = calloc(1, bytes);
	bool got;

	own->nent = CPUID_MAX;
	got = KVM_TRY(vcpu, KVM_GET_SUPPORTED_HV_CPUID, own, why);
	move_own_leaves(cpuid);
	for (u32 i = 0; got && i < own->nent && cpuid->nent < CPUID_MAX; i++)
		cpuid->entries[cpuid->nent++] = own->entries[i];
	free(own);
	return got;
}

bool kvm_vcpu_set_up(struct kvm_vm *k, unsigned int cpu, struct text *why)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct kvm_cpuid2 *cpuid;
	bool set;

	/* Before any state: newer kernels refuse a long-mode KVM_SET_SREGS without it. */
	if (k->vm.cpus <= 1 && !k->hyperv)
		return KVM_TRY(k->vcpu, KVM_SET_CPUID2, kvm.cpuid, why);
	cpuid = calloc(1, sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]));
	memcpy(cpuid, kvm.cpuid, sizeof(*cpuid) + kvm.cpuid->nent * sizeof(cpuid->entries[0]));
	if (k->vm.cpus > 1)
		set_apic_id(cpuid, cpu);
	set = (!k->hyperv || add_hyperv(kvm_fd(k, cpu), cpuid, why)) &&
	      KVM_TRY(kvm_fd(k, cpu), KVM_SET_CPUID2, cpuid, why) &&
	      (!k->hyperv || KVM_TRY(kvm_fd(k, cpu), KVM_ENABLE_CAP, &synic, why));
	free(cpuid);
	return set;
}
