// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPUID of a guest's vCPU: what KVM supports, less what options take away; its APIC ID;
 * and Hyper-V's leaves where a test asked for them, with KVM's own behind them.
 */
#include "harness/driver/kvm-scratch.h"
#include "lib/x86/features.h"

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

/* --- as HOST_CALL asks for it --- */

static void take_features_away(struct kvm_cpuid2 *cpuid, u64 features)
{
	static const struct {
		u64 feature;
		u32 leaf, subleaf, reg, bit;
	} all[] = {
#define FEATURE(NAME, leaf, subleaf, reg, bit) { NAME, leaf, subleaf, CPUID_##reg, bit },
		CPU_FEATURES(FEATURE)
#undef FEATURE
	};

	for (size_t n = 0; n < ARRAY_SIZE(all); n++)
		for (u32 i = 0; features & all[n].feature && i < cpuid->nent; i++) {
			struct kvm_cpuid_entry2 *e = &cpuid->entries[i];
			u32 *word[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

			if (e->function == all[n].leaf && e->index == all[n].subleaf)
				*word[all[n].reg] &= ~(1u << all[n].bit);
		}
}

static void take_away(struct kvm_cpuid2 *cpuid, u64 xcr0, u64 less)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 1 && less & CPUID_NO_XSAVE)
			e->ecx &= ~(1u << 26);
		if (e->function == 0xd && less & CPUID_NO_XSAVE)
			e->eax = e->ebx = e->ecx = e->edx = 0;
		else if (e->function == 0xd && !e->index) {
			e->eax = (u32)xcr0;
			e->edx = (u32)(xcr0 >> 32);
		}
	}
	if (less & CPUID_NO_TILES)
		kvm_take_tiles(cpuid);
}

s64 kvm_set_cpuid(int vcpu, u64 xcr0, u64 less, u64 features)
{
	size_t bytes = sizeof(*kvm.cpuid) + kvm.cpuid->nent * sizeof(kvm.cpuid->entries[0]);
	struct kvm_cpuid2 *cpuid = memcpy(malloc(bytes), kvm.cpuid, bytes);
	s64 result;

	take_away(cpuid, xcr0, less);
	take_features_away(cpuid, features);
	result = kvm_made(kvm_call(vcpu, KVM_SET_CPUID2, cpuid));
	free(cpuid);
	return result;
}

s64 kvm_supported_cpuid(u64 leaf, u64 subleaf, u64 reg, u64 *got)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + CPUID_MAX * sizeof(c->entries[0]));
	s64 result;

	c->nent = CPUID_MAX;
	result = kvm_made(kvm_call(kvm.fd, KVM_GET_SUPPORTED_CPUID, c));
	for (u32 i = 0; !result && i < c->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &c->entries[i];
		const u32 word[] = { e->eax, e->ebx, e->ecx, e->edx };

		if (e->function == leaf &&
		    (!(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == subleaf))
			*got = word[reg % ARRAY_SIZE(word)];
	}
	free(c);
	return result;
}
