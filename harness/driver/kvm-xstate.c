// SPDX-License-Identifier: GPL-2.0-only
/* The XSAVE image of a capture: compared with the guest, loaded alone, spoilt on demand. */
#include "harness/driver/kvm.h"

static bool component_place(u64 component, size_t *offset, size_t *size);

/* Faults in AMX's components, if the image has them. */
static void spoil_tiles(struct kvm_state *s)
{
	enum { XTILECFG = 17, XTILEDATA = 18, TILE_BYTES = 1024 };
	size_t offset, size;
	u64 word;

	if (!component_place(XTILEDATA, &offset, &size) || offset + size > s->xsave_size)
		return;
	if (sabotaged("only-tmm0"))
		memset(s->xsave + offset + TILE_BYTES, 0, size - TILE_BYTES);
	if (sabotaged("tiles-misplaced"))
		memmove(s->xsave + offset + 64, s->xsave + offset, size - 64);
	if (sabotaged("no-tilecfg")) {
		memcpy(&word, s->xsave + 512, sizeof(word));
		word &= ~BIT(XTILECFG);
		memcpy(s->xsave + 512, &word, sizeof(word));
	}
	if (sabotaged("tiles-in-use")) {
		memcpy(&word, s->xsave + 512, sizeof(word));
		word |= BIT(XTILEDATA);
		memcpy(s->xsave + 512, &word, sizeof(word));
	}
	if (sabotaged("compacted-header")) {
		word = BIT(63) | BIT(XTILEDATA);
		memcpy(s->xsave + 520, &word, sizeof(word));
	}
}

void kvm_spoil_xsave(struct kvm_vm *k)
{
	struct kvm_state *s = &k->saved[0];
	static u8 *first;
	u64 xstate_bv = 0;

	if (sabotaged("stale-xstate")) {
		if (first)
			memcpy(s->xsave, first, s->xsave_size);
		else
			first = memcpy(malloc(s->xsave_size), s->xsave, s->xsave_size);
	}
	if (sabotaged("xstate-in-init"))
		memcpy(s->xsave + 512, &xstate_bv, sizeof(xstate_bv));
	if (sabotaged("only-avx")) {
		memcpy(&xstate_bv, s->xsave + 512, sizeof(xstate_bv));
		xstate_bv &= 7;
		memcpy(s->xsave + 512, &xstate_bv, sizeof(xstate_bv));
	}
	if (sabotaged("swap-xstate") && k->vm.cpus > 1)
		memcpy(k->saved[1].xsave, s->xsave, s->xsave_size);
	if (sabotaged("no-ymm-high"))
		memset(s->xsave + 576, 0, 256);
	spoil_tiles(s);
}

KVM_ACTION(kvm_act_restore_xstate)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	if (!k->saved[0].valid) {
		text_add(detail, "RESTORE_XSTATE needs an earlier SAVE");
		return SYNC_REFUSED;
	}
	return KVM_TRY(k->vcpu, KVM_SET_XSAVE, k->saved[0].xsave, detail) ? SYNC_OK : SYNC_FAILED;
}

/* Where a component lies in the standard format (SDM vol. 1, 13.4.1 and 13.4.2). */
static bool component_place(u64 component, size_t *offset, size_t *size)
{
	static const struct {
		size_t offset, size;
	} legacy[] = { { 0, 160 }, { 160, 256 } };

	if (component < 2) {
		*offset = legacy[component].offset;
		*size = legacy[component].size;
		return true;
	}
	for (u32 i = 0; i < kvm.cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &kvm.cpuid->entries[i];

		if (e->function != 0xd || e->index != component || !e->eax)
			continue;
		*offset = e->ebx;
		*size = e->eax;
		return true;
	}
	return false;
}

KVM_ACTION(kvm_act_check_xstate)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 component = arguments[0], gva = arguments[1], length = arguments[2];
	struct kvm_translation at = { .linear_address = gva };
	size_t offset, size;
	u64 xstate_bv;

	(void)value;
	if (!k->saved[0].valid || !component_place(component, &offset, &size) || length > size ||
	    offset + size > k->saved[0].xsave_size) {
		text_add(detail, "CHECK_XSTATE needs a SAVE, a component that CPUID reports and a "
				 "length within it");
		return SYNC_REFUSED;
	}
	if (!KVM_TRY(k->vcpu, KVM_TRANSLATE, &at, detail))
		return SYNC_FAILED;
	if (!at.valid || at.physical_address + length > kvm.memory_size) {
		text_add(detail, "KVM_TRANSLATE finds no memory at the guest's %#llx",
			 (unsigned long long)gva);
		return SYNC_FAILED;
	}
	memcpy(&xstate_bv, k->saved[0].xsave + 512, sizeof(xstate_bv));
	for (u64 i = 0; i < length; i++) {
		u8 saved = xstate_bv >> component & 1 ? k->saved[0].xsave[offset + i] : 0;
		u8 wanted = k->memory[at.physical_address + i];

		if (saved == wanted)
			continue;
		text_add(detail, "component %llu byte %llu: the guest has %#x, SAVE has %#x%s",
			 (unsigned long long)component, (unsigned long long)i, wanted, saved,
			 xstate_bv >> component & 1 ? "" : " (XSTATE_BV says INIT)");
		return SYNC_MISMATCH;
	}
	return SYNC_OK;
}
