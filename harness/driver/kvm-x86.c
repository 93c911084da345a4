// SPDX-License-Identifier: GPL-2.0-only
/* What of a VM is x86: its interrupt controllers, CPUID, how it is entered and halts. */
#include "harness/driver/kvm.h"

/* Below 4 GiB and clear of RAM; only VMX uses them (api.rst, KVM_SET_TSS_ADDR). */
enum { TSS_PAGES = 0xfffbd000, IDENTITY_MAP = 0xfffbc000 };

bool kvm_create_irqchip(int vm, struct text *why)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };
	struct kvm_pit_config pit = { 0 };

	if (kvm.split)
		return KVM_TRY(vm, KVM_ENABLE_CAP, &split, why);
	if (!kvm.irqchip)
		return true;
	return KVM_TRY(vm, KVM_CREATE_IRQCHIP, 0, why) &&
	       (!kvm.pit || KVM_TRY(vm, KVM_CREATE_PIT2, &pit, why));
}

static bool enable(struct kvm_vm *k, u32 capability, struct text *why)
{
	struct kvm_enable_cap cap = { .cap = capability, .args = { 1 } };

	return KVM_TRY(k->fd, KVM_ENABLE_CAP, &cap, why);
}

bool kvm_vm_set_up(struct kvm_vm *k, struct text *why)
{
	u64 identity_map = IDENTITY_MAP;

	/* Providers without VMX may not know these two, and then do not need them. */
	ioctl(k->fd, KVM_SET_TSS_ADDR, TSS_PAGES);
	ioctl(k->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	if (kvm.payload && !enable(k, KVM_CAP_EXCEPTION_PAYLOAD, why))
		return false;
	if (kvm.triple_fault && !enable(k, KVM_CAP_X86_TRIPLE_FAULT_EVENT, why))
		return false;
	return kvm_create_irqchip(k->fd, why);
}

bool kvm_vm_complete(struct kvm_vm *k, struct text *why)
{
	return kvm_events_assign(k, why) && kvm_irqfds_assign(k, why) && kvm_limits_set(k, why);
}

/* Flat 64-bit segments, as the note's contract says; the payload loads its own. */
bool kvm_enter_image(struct kvm_vm *k, struct text *why)
{
	const struct image_entry *entry = &k->vm.image->entry;
	const struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1,
	};
	const struct kvm_segment data = {
		.limit = ~0u, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1,
	};
	struct kvm_regs regs = { .rip = entry->pc, .rsp = entry->stack, .rflags = 2 };
	struct kvm_sregs sregs;

	if (!KVM_TRY(k->vcpu, KVM_GET_SREGS, &sregs, why))
		return false;
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr0 = 0x80000011; /* PG ET PE */
	sregs.cr3 = entry->page_table;
	sregs.cr4 = 0x20;   /* PAE */
	sregs.efer = 0x500; /* LMA LME */
	if (!kvm.irqchip && !kvm.split)
		sregs.apic_base = 0;
	return KVM_TRY(k->vcpu, KVM_SET_SREGS, &sregs, why) &&
	       KVM_TRY(k->vcpu, KVM_SET_REGS, &regs, why);
}

bool kvm_is_halted(struct kvm_vm *k)
{
	struct kvm_mp_state state;

	return k->halted || (!ioctl(k->vcpu, KVM_GET_MP_STATE, &state) &&
			     state.mp_state == KVM_MP_STATE_HALTED);
}

/*
 * STI;HLT waits by the interrupt shadow between the two: an interrupt that comes in there
 * anyway leaves a HLT that nothing ends.  Who hears of a lost wake-up must know.
 */
const char *kvm_halt_words(struct kvm_vm *k)
{
	struct kvm_translation at = { 0 };
	struct kvm_regs regs;
	const u8 *code;

	if (ioctl(k->vcpu, KVM_GET_REGS, &regs))
		return "halted";
	at.linear_address = regs.rip - 2;
	if (ioctl(k->vcpu, KVM_TRANSLATE, &at) || !at.valid)
		return "halted";
	code = kvm_memory_at(k, at.physical_address, 2);
	return code && code[0] == 0xfb && code[1] == 0xf4 ? "halted behind STI" : "halted";
}
