// SPDX-License-Identifier: GPL-2.0-only
/*
 * SAVE and RESTORE: each vCPU's registers as KVM_GET_REG_LIST names them, its events
 * and power state, then the interrupt controllers; and the VM's beginning again.
 */
#include "harness/driver/kvm.h"

#define SYSTEM_REGISTER(op0, op1, crn, crm, op2) ARM64_SYS_REG(op0, op1, crn, crm, op2)

/* Which registers a fault leaves out. */
static bool left_out(u64 id)
{
	if (sabotaged("skip-timer"))
		return id == KVM_REG_ARM_TIMER_CTL || id == KVM_REG_ARM_TIMER_CVAL;
	if (sabotaged("skip-thread-registers"))
		return id == SYSTEM_REGISTER(3, 3, 13, 0, 2) ||
		       id == SYSTEM_REGISTER(3, 3, 13, 0, 3);
	return false;
}

static bool fits(u64 id)
{
	return 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT) <=
	       sizeof(((struct kvm_register *)NULL)->value);
}

static bool list_registers(int vcpu, struct kvm_state *s, struct text *why)
{
	struct kvm_reg_list *list = calloc(1, sizeof(*list) + REGISTERS_MAX * sizeof(u64));
	bool ok;

	list->n = REGISTERS_MAX;
	ok = KVM_TRY(vcpu, KVM_GET_REG_LIST, list, why);
	free(s->reg);
	s->reg = ok ? calloc(list->n, sizeof(*s->reg)) : NULL;
	s->regs = ok ? list->n : 0;
	for (u64 i = 0; i < s->regs; i++)
		s->reg[i].id = list->reg[i];
	free(list);
	return ok;
}

static bool move_register(int vcpu, bool set, struct kvm_register *r, struct text *why)
{
	struct kvm_one_reg one = { .id = r->id, .addr = (u64)r->value };

	if (!fits(r->id) || (set && left_out(r->id)) ||
	    kvm_call(vcpu, set ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &one) >= 0)
		return true;
	text_add(why, "%s of %#llx: %s", set ? "KVM_SET_ONE_REG" : "KVM_GET_ONE_REG",
		 (unsigned long long)r->id, strerrorname_np(errno));
	return false;
}

static bool get_vcpu(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why)
{
	int vcpu = kvm_fd(k, cpu);

	if (!KVM_TRY(vcpu, KVM_GET_MP_STATE, &s->mp_state, why) ||
	    !KVM_TRY(vcpu, KVM_GET_VCPU_EVENTS, &s->events, why) || !list_registers(vcpu, s, why))
		return false;
	for (u64 i = 0; i < s->regs; i++)
		if (!move_register(vcpu, false, &s->reg[i], why))
			return false;
	return true;
}

static bool set_vcpu(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
		     struct text *why)
{
	int vcpu = kvm_fd(k, cpu);

	for (u64 i = 0; i < s->regs; i++)
		if (!move_register(vcpu, true, &s->reg[i], why))
			return false;
	return KVM_TRY(vcpu, KVM_SET_VCPU_EVENTS, &s->events, why) &&
	       KVM_TRY(vcpu, KVM_SET_MP_STATE, &s->mp_state, why);
}

void kvm_state_free(struct kvm_state *s)
{
	free(s->reg);
	free(s->gic);
	*s = (struct kvm_state){ 0 };
}

KVM_ACTION(kvm_act_save)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	kvm_others_hold(k);
	if (!kvm_complete_io(k, detail))
		return SYNC_FAILED;
	for (unsigned int cpu = 0; cpu < vm->cpus; cpu++)
		if (!get_vcpu(k, cpu, &k->saved[cpu], detail))
			return SYNC_FAILED;
	if (!k->saved[0].gic)
		k->saved[0].gic = calloc(GIC_WORDS_MAX, sizeof(u64));
	if (!kvm_gic_get(k, k->saved[0].gic, detail))
		return SYNC_FAILED;
	k->saved[0].valid = true;
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
	kvm_devices_close(k);
	kvm_vm_close(k);
	if (!kvm_vm_open(k, detail))
		return SYNC_FAILED;
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (k->slot[i].used && !kvm_slot_set(k, &k->slot[i], detail))
			return SYNC_FAILED;
	for (unsigned int cpu = 0; cpu < vm->cpus; cpu++)
		if (!set_vcpu(k, cpu, &k->saved[cpu], detail))
			return SYNC_FAILED;
	return kvm_gic_set(k, k->saved[0].gic, detail) && kvm_irqfds_assign(k, detail)
		       ? SYNC_OK
		       : SYNC_FAILED;
}

KVM_ACTION(kvm_act_reset)
{
	(void)arguments;
	(void)value;
	return kvm_restart((struct kvm_vm *)vm, detail) ? SYNC_OK : SYNC_FAILED;
}
