// SPDX-License-Identifier: GPL-2.0-only
/* What KVM_SET_NESTED_STATE takes and refuses: the running vCPU's state, edited, in a fresh VM. */
#include "harness/driver/kvm.h"

/* What is edited, and how. */
struct attempt {
	struct kvm_state state; /* loaded first, but for its nested state */
	u8 nested[NESTED_STATE_MAX];
	u64 maxphyaddr; /* 0: as it is */
};

static bool edit(const struct sync_edit *e, struct attempt *a)
{
	u8 *base = e->where == EDIT_SREGS ? (u8 *)&a->state.sregs : a->nested;
	u64 size = e->where == EDIT_SREGS ? sizeof(a->state.sregs) : sizeof(a->nested), word;

	if (e->where == EDIT_MAXPHYADDR) {
		a->maxphyaddr = e->set;
		return true;
	}
	if (e->where > EDIT_SREGS || e->offset > size - sizeof(word))
		return false;
	memcpy(&word, base + e->offset, sizeof(word));
	word = (word & ~e->clear) | e->set;
	memcpy(base + e->offset, &word, sizeof(word));
	return true;
}

/* A VM with the guest's memory. */
static bool open_fresh(struct kvm_vm *fresh, const struct kvm_vm *k, struct text *why)
{
	*fresh = (struct kvm_vm){ .vm = k->vm, .fd = -1, .vcpu = -1, .memory = k->memory };
	memcpy(fresh->slot, k->slot, sizeof(fresh->slot));
	if (!kvm_vm_open(fresh, why))
		return false;
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (fresh->slot[i].used && !kvm_slot_set(fresh, &fresh->slot[i], why))
			return false;
	return true;
}

/* A vCPU that never ran takes another CPUID at any time. */
static bool limit_addresses(int vcpu, u64 bits, struct text *why)
{
	size_t size = sizeof(*kvm.cpuid) + kvm.cpuid->nent * sizeof(kvm.cpuid->entries[0]);
	struct kvm_cpuid2 *c = malloc(size);
	bool ok;

	memcpy(c, kvm.cpuid, size);
	for (u32 i = 0; i < c->nent; i++)
		if (c->entries[i].function == 0x80000008)
			c->entries[i].eax = (c->entries[i].eax & ~0xffu) | (u8)bits;
	ok = KVM_TRY(vcpu, KVM_SET_CPUID2, c, why);
	free(c);
	return ok;
}

static enum sync_status try_state(struct kvm_vm *k, const struct attempt *a, u64 *value,
				  struct text *detail)
{
	struct kvm_vm *fresh = calloc(1, sizeof(*fresh));
	bool ok = open_fresh(fresh, k, detail) &&
		  kvm_state_set_without_nested(fresh, 0, &a->state, detail) &&
		  (!a->maxphyaddr || limit_addresses(fresh->vcpu, a->maxphyaddr, detail));

	if (ok)
		*value = ioctl(fresh->vcpu, KVM_SET_NESTED_STATE, a->nested) ? (u64)errno : 0;
	kvm_vm_close(fresh);
	free(fresh);
	return ok ? SYNC_OK : SYNC_FAILED;
}

static enum sync_status edit_and_try(struct kvm_vm *k, struct attempt *a,
				     const struct sync_edit *edits, u64 count, u64 *value,
				     struct text *detail)
{
	if (!kvm_complete_io(k, detail) || !kvm_state_get(k, 0, &a->state, detail))
		return SYNC_FAILED;
	memcpy(a->nested, a->state.nested, sizeof(a->nested));
	for (u64 i = 0; i < count; i++) {
		if (edit(&edits[i], a))
			continue;
		text_add(detail, "CHECK_NESTED_STATE: edit %llu is outside its structure",
			 (unsigned long long)i);
		return SYNC_REFUSED;
	}
	return try_state(k, a, value, detail);
}

KVM_ACTION(kvm_act_check_nested_state)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 count = MIN(arguments[1], (u64)SYNC_EDITS_MAX);
	const struct sync_edit *edits =
		(const struct sync_edit *)kvm_memory_at(k, arguments[0], count * sizeof(*edits));
	enum sync_status status;
	struct attempt *a;

	if (count != arguments[1] || !edits) {
		text_add(detail, "CHECK_NESTED_STATE: at most %u edits, in guest memory",
			 SYNC_EDITS_MAX);
		return SYNC_REFUSED;
	}
	a = calloc(1, sizeof(*a));
	status = edit_and_try(k, a, edits, count, value, detail);
	kvm_state_free(&a->state);
	free(a);
	return status;
}
