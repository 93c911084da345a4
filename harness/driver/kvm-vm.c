// SPDX-License-Identifier: GPL-2.0-only
/* VMs: made, given memory and an image, entered, and gone without a trace. */
#include "harness/driver/kvm.h"

#include <sys/mman.h>

/* Below 4 GiB and clear of RAM; only VMX uses them (api.rst, KVM_SET_TSS_ADDR). */
enum { TSS_PAGES = 0xfffbd000, IDENTITY_MAP = 0xfffbc000 };

enum { PAGE_BYTES = 4096 };

static bool create_irqchip(struct kvm_vm *k, struct text *why)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };
	struct kvm_pit_config pit = { 0 };

	if (kvm.split)
		return KVM_TRY(k->fd, KVM_ENABLE_CAP, &split, why);
	if (!kvm.irqchip)
		return true;
	return KVM_TRY(k->fd, KVM_CREATE_IRQCHIP, 0, why) &&
	       (!kvm.pit || KVM_TRY(k->fd, KVM_CREATE_PIT2, &pit, why));
}

static bool enable(struct kvm_vm *k, u32 capability, struct text *why)
{
	struct kvm_enable_cap cap = { .cap = capability, .args = { 1 } };

	return KVM_TRY(k->fd, KVM_ENABLE_CAP, &cap, why);
}

bool kvm_vm_open(struct kvm_vm *k, struct text *why)
{
	u64 identity_map = IDENTITY_MAP;

	k->fd = kvm_call(kvm.fd, KVM_CREATE_VM, NULL);
	if (k->fd < 0) {
		text_add(why, "KVM_CREATE_VM: %s", strerrorname_np(errno));
		return false;
	}
	/* Providers without VMX may not know these two, and then do not need them. */
	ioctl(k->fd, KVM_SET_TSS_ADDR, TSS_PAGES);
	ioctl(k->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	if (kvm.payload && !enable(k, KVM_CAP_EXCEPTION_PAYLOAD, why))
		return false;
	if (kvm.triple_fault && !enable(k, KVM_CAP_X86_TRIPLE_FAULT_EVENT, why))
		return false;
	if (!create_irqchip(k, why))
		return false;
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
	return kvm_set_cpuid(k, 0, why) && kvm_others_open(k, why) &&
	       kvm_events_assign(k, why) && kvm_limits_set(k, why);
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

static bool set_region(struct kvm_vm *k, const struct kvm_slot *slot, u64 size, struct text *why)
{
	struct kvm_userspace_memory_region region = {
		.slot = (u32)(slot - k->slot),
		.flags = slot->flags,
		.guest_phys_addr = slot->gpa,
		.memory_size = size,
		.userspace_addr = (u64)k->memory + slot->offset,
	};

	return KVM_TRY(k->fd, KVM_SET_USER_MEMORY_REGION, &region, why);
}

bool kvm_slot_set(struct kvm_vm *k, struct kvm_slot *slot, struct text *why)
{
	slot->used = set_region(k, slot, slot->size, why);
	return slot->used;
}

bool kvm_slot_delete(struct kvm_vm *k, struct kvm_slot *slot, struct text *why)
{
	slot->used = false;
	return set_region(k, slot, 0, why);
}

bool kvm_load_image(struct kvm_vm *k, struct text *why)
{
	const struct image *image = k->vm.image;

	for (unsigned int i = 0; i < image->segments; i++) {
		const struct image_segment *s = &image->segment[i];

		if (s->gpa + s->memory_size > kvm.memory_size) {
			text_add(why, "the image needs memory up to %#llx; give more by memory=",
				 (unsigned long long)(s->gpa + s->memory_size));
			return false;
		}
		memcpy(k->memory + s->gpa, image->bytes + s->file_offset, s->file_size);
		memset(k->memory + s->gpa + s->file_size, 0, s->memory_size - s->file_size);
	}
	return true;
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

/* All memory in one piece, wherever a test had put it. */
static bool begin(struct kvm_vm *k, struct text *why)
{
	kvm_devices_forget(k);
	memset(k->slot, 0, sizeof(k->slot));
	k->slot[0].size = kvm.memory_size;
	k->pending_irq = -1;
	k->halted = false;
	return kvm_load_image(k, why) && kvm_vm_open(k, why) &&
	       kvm_slot_set(k, &k->slot[0], why) && kvm_enter_image(k, why);
}

bool kvm_restart(struct kvm_vm *k, struct text *why)
{
	kvm_preempt_end(k);
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

		remove_pages(k, from, MIN(ALIGN_UP(s->gpa, PAGE_BYTES), kvm.memory_size));
		from = (s->gpa + s->memory_size) & ~(PAGE_BYTES - 1ull);
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
	k->memory = mmap(NULL, kvm.memory_size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (k->memory != MAP_FAILED)
		return true;
	k->memory = NULL;
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
	k->fd = k->vcpu = -1;
	if (take_memory(k, reason) && begin(k, reason))
		return &k->vm;
	kvm_stop(&k->vm);
	return NULL;
}

void kvm_stop(struct vm *vm)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	kvm_preempt_end(k);
	kvm_vm_close(k);
	kvm_devices_forget(k);
	spare_memory = k->memory;
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++)
		kvm_state_free(&k->saved[cpu]);
	free(k);
}
