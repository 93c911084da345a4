// SPDX-License-Identifier: GPL-2.0-only
/* SAVE and RESTORE of a VM with all its vCPUs, and its beginnings again: RESET, a shutdown. */
#include "harness/driver/kvm.h"

KVM_ACTION(kvm_act_save)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	kvm_others_hold(k);
	if (!kvm_complete_io(k, detail))
		return SYNC_FAILED;
	for (unsigned int cpu = 0; cpu < vm->cpus; cpu++)
		if (!kvm_state_get(k, cpu, &k->saved[cpu], detail))
			return SYNC_FAILED;
	k->capture_is_old = false;
	return SYNC_OK;
}

KVM_ACTION(kvm_act_restore)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	if (!k->saved[0].valid || k->capture_is_old) {
		text_add(detail, "RESTORE needs a SAVE in the same sync: an older capture does not "
				 "fit the guest's memory");
		return SYNC_REFUSED;
	}
	kvm_preempt_end(k);
	if (!kvm_carry_dirty_logs(k, detail))
		return SYNC_FAILED;
	kvm_vm_close(k);
	if (!kvm_vm_open(k, detail))
		return SYNC_FAILED;
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (k->slot[i].used && !kvm_slot_set(k, &k->slot[i], detail))
			return SYNC_FAILED;
	kvm_spoil_xsave(k);
	for (unsigned int cpu = 0; cpu < vm->cpus; cpu++)
		if (!kvm_state_set(k, cpu, &k->saved[cpu], detail))
			return SYNC_FAILED;
	return SYNC_OK;
}

/* The states of vCPUs that have just been made: from some that have just been made. */
static bool power_on_states(struct kvm_vm *k, struct kvm_state *s, struct text *why)
{
	struct kvm_vm fresh = { .vm = k->vm, .fd = -1, .vcpu = -1, .hyperv = k->hyperv };
	bool ok = kvm_vm_open(&fresh, why) && kvm_enter_image(&fresh, why);

	for (unsigned int cpu = 0; ok && cpu < k->vm.cpus; cpu++)
		ok = kvm_state_get(&fresh, cpu, &s[cpu], why);
	kvm_vm_close(&fresh);
	return ok;
}

KVM_ACTION(kvm_act_expect_shutdown)
{
	(void)arguments;
	(void)value;
	(void)detail;
	((struct kvm_vm *)vm)->shutdown_expected = true;
	return SYNC_OK;
}

/* The VM and its vCPUs stay; their states and the image go back to the beginning. */
KVM_ACTION(kvm_act_reset)
{
	struct kvm_state *first = calloc(CPUS_MAX, sizeof(*first));
	struct kvm_vm *k = (struct kvm_vm *)vm;
	bool ok;

	(void)arguments;
	(void)value;
	kvm_others_hold(k);
	ok = kvm_complete_io(k, detail) && kvm_load_image(k, detail) &&
	     power_on_states(k, first, detail);
	for (unsigned int cpu = 0; cpu < vm->cpus; cpu++) {
		if (!cpu || !sabotaged("reset-one"))
			ok = ok && kvm_state_set(k, cpu, &first[cpu], detail);
		kvm_state_free(&first[cpu]);
	}
	free(first);
	return ok ? SYNC_OK : SYNC_FAILED;
}
