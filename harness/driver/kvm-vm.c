// SPDX-License-Identifier: GPL-2.0-only
/* VMs: made, given memory and an image, entered, and gone without a trace. */
#include "harness/driver/kvm.h"

#include <sys/mman.h>

enum { PAGE_BYTES = 4096 };

static bool open_boot_vcpu(struct kvm_vm *k, struct text *why)
{
	k->vcpu = kvm_call(k->fd, KVM_CREATE_VCPU, NULL);
	if (k->vcpu < 0) {
		text_add(why, "KVM_CREATE_VCPU: %s", strerrorname_np(errno));
		return false;
	}
	k->run = mmap(NULL, (size_t)kvm.vcpu_mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED, k->vcpu,
		      0);
	if (k->run == MAP_FAILED) {
		k->run = NULL;
		text_add(why, "mmap of the vCPU: %s", strerrorname_np(errno));
		return false;
	}
	return kvm_vcpu_set_up(k, 0, why);
}

bool kvm_vm_open(struct kvm_vm *k, struct text *why)
{
	k->fd = kvm_call(kvm.fd, KVM_CREATE_VM, NULL);
	if (k->fd < 0) {
		text_add(why, "KVM_CREATE_VM: %s", strerrorname_np(errno));
		return false;
	}
	return kvm_vm_set_up(k, why) && open_boot_vcpu(k, why) && kvm_others_open(k, why) &&
	       kvm_vm_complete(k, why);
}

void kvm_vm_close(struct kvm_vm *k)
{
	kvm_others_close(k);
	if (k->run)
		munmap(k->run, (size_t)kvm.vcpu_mmap_size);
	if (k->vcpu >= 0)
		close(k->vcpu);
	if (k->fd >= 0)
		close(k->fd);
	k->run = NULL;
	k->vcpu = k->fd = -1;
}

static bool set_region(struct kvm_vm *k, const struct kvm_slot *slot, u32 space, u64 size,
		       struct text *why)
{
	struct kvm_userspace_memory_region region = {
		.slot = (u32)(slot - k->slot) | space << 16,
		.flags = slot->flags,
		.guest_phys_addr = slot->gpa,
		.memory_size = size,
		.userspace_addr = (u64)k->memory + slot->offset,
	};

	return KVM_TRY(k->fd, KVM_SET_USER_MEMORY_REGION, &region, why);
}

static bool set_regions(struct kvm_vm *k, const struct kvm_slot *slot, u64 size, struct text *why)
{
	return (slot->space == IN_SMM || set_region(k, slot, 0, size, why)) &&
	       (!k->smm || slot->space == OUTSIDE_SMM || set_region(k, slot, 1, size, why));
}

bool kvm_slot_set(struct kvm_vm *k, struct kvm_slot *slot, struct text *why)
{
	slot->used = set_regions(k, slot, slot->size, why);
	return slot->used;
}

bool kvm_slot_delete(struct kvm_vm *k, struct kvm_slot *slot, struct text *why)
{
	slot->used = false;
	return set_regions(k, slot, 0, why);
}

/*
 * What is there already stays as it is: an emulator that executes this host translates
 * code anew whose page was written to.
 */
static void copy_changed(u8 *to, const u8 *from, size_t bytes)
{
	for (size_t at = 0, part; at < bytes; at += part) {
		part = MIN(bytes - at, (size_t)PAGE_BYTES);
		if (memcmp(to + at, from + at, part))
			memcpy(to + at, from + at, part);
	}
}

bool kvm_load_image(struct kvm_vm *k, struct text *why)
{
	const struct image *image = k->vm.image;

	for (unsigned int i = 0; i < image->segments; i++) {
		const struct image_segment *s = &image->segment[i];

		u64 offset = s->gpa - KVM_MEMORY_BASE;

		if (offset > kvm.memory_size || s->memory_size > kvm.memory_size - offset) {
			text_add(why, "the image needs memory up to %#llx; give more by memory=",
				 (unsigned long long)(s->gpa + s->memory_size));
			return false;
		}
		copy_changed(k->memory + offset, image->bytes + s->file_offset, s->file_size);
		memset(k->memory + offset + s->file_size, 0, s->memory_size - s->file_size);
	}
	return true;
}

/* All memory in one piece, wherever a test had put it. */
static bool begin(struct kvm_vm *k, struct text *why)
{
	kvm_devices_forget(k);
	memset(k->slot, 0, sizeof(k->slot));
	k->smm = k->hyperv = false;
	k->slot[0].gpa = KVM_MEMORY_BASE;
	k->slot[0].size = kvm.memory_size;
	k->pending_irq = -1;
	k->halted = false;
	return kvm_load_image(k, why) && kvm_vm_open(k, why) &&
	       kvm_slot_set(k, &k->slot[0], why) && kvm_enter_image(k, why);
}

bool kvm_restart(struct kvm_vm *k, struct text *why)
{
	kvm_preempt_end(k);
	kvm_page_out_end();
	kvm_vm_close(k);
	return begin(k, why);
}

/*
 * Guest memory outlives a VM, for the next one: on a slow host the first touch of
 * its pages costs more than a short test.
 */
static u8 *spare_memory;

static void remove_pages(const struct kvm_vm *k, u64 from, u64 to)
{
	if (from < to && madvise(k->memory + from, to - from, MADV_REMOVE))
		memset(k->memory + from, 0, to - from);
}

/* Memory as if nobody had used it, but for the pages that the image is about to fill. */
static void clear_memory(const struct kvm_vm *k)
{
	const struct image *image = k->vm.image;
	u64 from = 0;

	for (unsigned int i = 0; i < image->segments; i++) {
		const struct image_segment *s = &image->segment[i];

		u64 offset = s->gpa - KVM_MEMORY_BASE;

		remove_pages(k, from, MIN(ALIGN_UP(offset, PAGE_BYTES), kvm.memory_size));
		from = (offset + s->memory_size) & ~(PAGE_BYTES - 1ull);
	}
	remove_pages(k, from, kvm.memory_size);
}

static bool take_memory(struct kvm_vm *k, struct text *why)
{
	k->memory = spare_memory;
	spare_memory = NULL;
	if (k->memory) {
		clear_memory(k);
		return true;
	}
	k->memory = kvm_map_memory(kvm.memory_size + SMRAM_MAX);
	if (k->memory)
		return true;
	text_add(why, "mmap of guest memory: %s", strerrorname_np(errno));
	return false;
}

struct vm *kvm_start(const struct image *image, unsigned int cpus, struct text *reason)
{
	struct kvm_vm *k = calloc(1, sizeof(*k));

	k->vm.image = image;
	k->vm.cpus = cpus;
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->changed, NULL);
	k->fd = k->vcpu = k->gic = k->its = -1;
	if (take_memory(k, reason) && begin(k, reason))
		return &k->vm;
	kvm_stop(&k->vm);
	return NULL;
}

void kvm_stop(struct vm *vm)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	kvm_preempt_end(k);
	kvm_page_out_end();
	kvm_vm_close(k);
	kvm_devices_forget(k);
	spare_memory = k->memory;
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++)
		kvm_state_free(&k->saved[cpu]);
	free(k);
}
