// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory taken away, write-protected, moved, and watched: all by memory slots. */
#include "harness/driver/kvm.h"

enum { PAGE_BYTES = 4096 };

struct kvm_slot *kvm_slot_of(struct kvm_vm *k, u64 gpa, u64 length)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++) {
		struct kvm_slot *s = &k->slot[i];

		if (s->used && s->space != IN_SMM && gpa >= s->gpa && gpa - s->gpa < s->size &&
		    length <= s->size - (gpa - s->gpa))
			return s;
	}
	return NULL;
}

struct kvm_slot *kvm_slot_free(struct kvm_vm *k, struct text *why)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		if (!k->slot[i].used)
			return &k->slot[i];
	text_add(why, "more than %u memory slots", SLOTS_MAX);
	return NULL;
}

/* A slot like `from` for a part of it. */
static bool add_part(struct kvm_vm *k, const struct kvm_slot *from, u64 gpa, u64 size,
		     struct text *why)
{
	struct kvm_slot *s;

	if (!size)
		return true;
	s = kvm_slot_free(k, why);
	if (!s)
		return false;
	*s = (struct kvm_slot){
		.gpa = gpa,
		.size = size,
		.offset = from->offset + (gpa - from->gpa),
		.flags = from->flags,
		.space = from->space,
	};
	return kvm_slot_set(k, s, why);
}

/*
 * Make [gpa, gpa + length) a slot of its own.  That takes the whole piece away for a
 * moment, so no vCPU may run; where it is one already, the others run on, and see
 * what the caller then changes while they run.
 */
struct kvm_slot *kvm_slot_isolate(struct kvm_vm *k, u64 gpa, u64 length, enum sync_status *status,
				  struct text *why)
{
	struct kvm_slot *slot = kvm_slot_of(k, gpa, length);
	struct kvm_slot old;

	*status = SYNC_REFUSED;
	if (!slot || !length || (gpa | length) % PAGE_BYTES) {
		text_add(why, "%#llx, %#llx bytes: not whole pages of one piece of guest memory",
			 (unsigned long long)gpa, (unsigned long long)length);
		return NULL;
	}
	*status = SYNC_OK;
	if (slot->gpa == gpa && slot->size == length)
		return slot;
	*status = SYNC_FAILED;
	kvm_others_hold(k);
	old = *slot;
	if (!kvm_slot_delete(k, slot, why))
		return NULL;
	*slot = (struct kvm_slot){
		.used = true, /* holds its place while the neighbours are made */
		.gpa = gpa,
		.size = length,
		.offset = old.offset + (gpa - old.gpa),
		.flags = old.flags,
		.space = old.space,
	};
	if (!add_part(k, &old, old.gpa, gpa - old.gpa, why) ||
	    !add_part(k, &old, gpa + length, old.gpa + old.size - gpa - length, why) ||
	    !kvm_slot_set(k, slot, why))
		return NULL;
	*status = SYNC_OK;
	return slot;
}

/* KVM_MEM_READONLY cannot be changed in place, and nobody may run in between. */
KVM_ACTION(kvm_act_protect)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	enum sync_status status;
	struct kvm_slot *slot = kvm_slot_isolate(k, arguments[0], arguments[1], &status, detail);

	(void)value;
	if (!slot)
		return status;
	kvm_others_hold(k);
	if (!kvm_slot_delete(k, slot, detail))
		return SYNC_FAILED;
	slot->flags |= KVM_MEM_READONLY;
	return kvm_slot_set(k, slot, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_unmap)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	enum sync_status status;
	struct kvm_slot *slot = kvm_slot_isolate(k, arguments[0], arguments[1], &status, detail);

	(void)value;
	if (!slot)
		return status;
	return kvm_slot_delete(k, slot, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_move)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	enum sync_status status;
	struct kvm_slot *slot = kvm_slot_isolate(k, arguments[0], arguments[1], &status, detail);

	(void)value;
	if (!slot)
		return status;
	slot->gpa = arguments[2];
	if (sabotaged("lose-page"))
		memset(k->memory + slot->offset, 0, PAGE_BYTES);
	return kvm_slot_set(k, slot, detail) ? SYNC_OK : SYNC_FAILED;
}

u8 *kvm_memory_at(struct kvm_vm *k, u64 gpa, u64 length)
{
	const struct kvm_slot *slot = kvm_slot_of(k, gpa, length);

	return slot ? k->memory + slot->offset + (gpa - slot->gpa) : NULL;
}

KVM_ACTION(kvm_act_write_memory)
{
	volatile u64 *word = (u64 *)kvm_memory_at((struct kvm_vm *)vm, arguments[0], sizeof(u64));

	(void)value;
	if (!word || arguments[0] % sizeof(u64)) {
		text_add(detail, "%#llx: not eight aligned bytes of guest memory",
			 (unsigned long long)arguments[0]);
		return SYNC_REFUSED;
	}
	*word = arguments[1];
	return SYNC_OK;
}

/* A log's answer has 64 bits: of so many pages each, of a slot that is so large. */
enum { LOG_BITS = 64, LOG_PAGES_MAX = LOG_BITS * LOG_BITS };

/* The log of the whole slot, which reading clears; a bit stands for a 64th of more than 64 pages. */
static bool read_log(struct kvm_vm *k, const struct kvm_slot *slot, u64 *answer, struct text *why)
{
	u64 bitmap[LOG_PAGES_MAX / LOG_BITS], pages = slot->size / PAGE_BYTES;
	u64 each = MAX(pages / LOG_BITS, 1ull);
	u32 spaces = k->smm && slot->space != OUTSIDE_SMM ? 2 : 1;

	*answer = 0;
	for (u32 space = 0; space < spaces; space++) {
		struct kvm_dirty_log log = { .slot = (u32)(slot - k->slot) | space << 16,
					     .dirty_bitmap = bitmap };

		memset(bitmap, 0, sizeof(bitmap));
		if (!KVM_TRY(k->fd, KVM_GET_DIRTY_LOG, &log, why))
			return false;
		for (u64 page = 0; page < pages; page++)
			if (bitmap[page / LOG_BITS] & BIT(page % LOG_BITS))
				*answer |= BIT(page / each);
	}
	return true;
}

bool kvm_carry_dirty_logs(struct kvm_vm *k, struct text *why)
{
	for (unsigned int i = 0; i < SLOTS_MAX; i++) {
		struct kvm_slot *slot = &k->slot[i];
		u64 bitmap = 0;

		if (!slot->used || !(slot->flags & KVM_MEM_LOG_DIRTY_PAGES))
			continue;
		if (!read_log(k, slot, &bitmap, why))
			return false;
		slot->carried_dirty |= bitmap;
	}
	return true;
}

/* The range is a slot of its own from the first reading on. */
KVM_ACTION(kvm_act_read_dirty_log)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_slot *slot = kvm_slot_of(k, arguments[0], arguments[1]);
	enum sync_status status;
	u64 bitmap = 0;

	if (arguments[1] > LOG_PAGES_MAX * PAGE_BYTES ||
	    (arguments[1] > LOG_BITS * PAGE_BYTES && arguments[1] % (LOG_BITS * PAGE_BYTES))) {
		text_add(detail, "READ_DIRTY_LOG of more than %u pages, or of no whole 64ths",
			 LOG_PAGES_MAX);
		return SYNC_REFUSED;
	}
	if (!slot || slot->gpa != arguments[0] || slot->size != arguments[1] ||
	    !(slot->flags & KVM_MEM_LOG_DIRTY_PAGES)) {
		slot = kvm_slot_isolate(k, arguments[0], arguments[1], &status, detail);
		if (!slot)
			return status;
		slot->flags |= KVM_MEM_LOG_DIRTY_PAGES;
		return kvm_slot_set(k, slot, detail) ? SYNC_OK : SYNC_FAILED;
	}
	if (!read_log(k, slot, &bitmap, detail))
		return SYNC_FAILED;
	*value = bitmap | slot->carried_dirty;
	slot->carried_dirty = 0;
	return SYNC_OK;
}

KVM_ACTION(kvm_act_end_dirty_log)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_slot *slot = kvm_slot_of(k, arguments[0], arguments[1]);

	(void)value;
	if (!slot || slot->gpa != arguments[0] || slot->size != arguments[1] ||
	    !(slot->flags & KVM_MEM_LOG_DIRTY_PAGES)) {
		text_add(detail, "%#llx, %#llx bytes: no range that is logged",
			 (unsigned long long)arguments[0], (unsigned long long)arguments[1]);
		return SYNC_REFUSED;
	}
	slot->flags &= ~KVM_MEM_LOG_DIRTY_PAGES;
	slot->carried_dirty = 0;
	return kvm_slot_set(k, slot, detail) ? SYNC_OK : SYNC_FAILED;
}

/*
 * KVM's own walk, for a supervisor-mode read.  `writeable` and `usermode` of the
 * structure are constants (Documentation/virt/kvm/api.rst, KVM_TRANSLATE).
 */
KVM_ACTION(kvm_act_translate)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_translation t = { .linear_address = arguments[0] };

	if (!KVM_TRY(k->vcpu, KVM_TRANSLATE, &t, detail))
		return SYNC_FAILED;
	*value = t.valid ? t.physical_address : SYNC_NO_TRANSLATION;
	/* An address that says no beside a word that says yes is not what was asked for. */
	if (t.valid && t.physical_address == SYNC_NO_TRANSLATION)
		*value = SYNC_NO_TRANSLATION - 1;
	return SYNC_OK;
}
