// SPDX-License-Identifier: GPL-2.0-only
/*
 * System-management mode (api.rst, KVM_SMI).  A vCPU sees another address space in it,
 * number 1, which is as empty as that of a fresh VM until somebody fills it: from the
 * first of these actions on it holds the guest's memory, but for what SMRAM changes.
 */
#include "harness/driver/kvm.h"

enum { PAGE_BYTES = 4096 };

static bool fill_space(struct kvm_vm *k, struct text *why)
{
	if (k->smm)
		return true;
	k->smm = true;
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (k->slot[i].used && !kvm_slot_set(k, &k->slot[i], why))
			return false;
	return true;
}

KVM_ACTION(kvm_act_inject_smi)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	k->halted = false;
	return fill_space(k, detail) && KVM_TRY(k->vcpu, KVM_SMI, 0, detail) ? SYNC_OK
									     : SYNC_FAILED;
}

/* Is there a piece that only one of the two address spaces has? */
static bool differs(const struct kvm_vm *k)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (k->slot[i].used && k->slot[i].space != IN_BOTH_SPACES)
			return true;
	return false;
}

static bool add_smram(struct kvm_vm *k, u64 gpa, u64 length, struct text *why)
{
	struct kvm_slot *slot = kvm_slot_free(k, why);

	if (!slot)
		return false;
	*slot = (struct kvm_slot){
		.gpa = gpa,
		.size = length,
		.offset = kvm.memory_size,
		.space = IN_SMM,
	};
	memset(k->memory + kvm.memory_size, 0, length);
	return kvm_slot_set(k, slot, why);
}

KVM_ACTION(kvm_act_smram)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 gpa = arguments[0], length = arguments[1];
	enum sync_status status;
	struct kvm_slot *slot;

	(void)value;
	if (!length || length > SMRAM_MAX || (gpa | length) % PAGE_BYTES || differs(k)) {
		text_add(detail, "SMRAM: once, and at most %#x bytes, whole pages", SMRAM_MAX);
		return SYNC_REFUSED;
	}
	if (!fill_space(k, detail))
		return SYNC_FAILED;
	if (sabotaged("share-smram"))
		return SYNC_OK;
	if (kvm_slot_of(k, gpa, length)) {
		slot = kvm_slot_isolate(k, gpa, length, &status, detail);
		if (!slot)
			return status;
		kvm_others_hold(k);
		if (!kvm_slot_delete(k, slot, detail))
			return SYNC_FAILED;
		slot->space = OUTSIDE_SMM;
		if (!kvm_slot_set(k, slot, detail))
			return SYNC_FAILED;
	}
	return !arguments[2] || add_smram(k, gpa, length, detail) ? SYNC_OK : SYNC_FAILED;
}
