// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guest accesses meet beside memory: the scratch device of DEVICE, which
 * keeps its registers and its record in guest memory, and eventfds.
 */
#include "harness/driver/kvm-scratch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>

/*
 * They read as ones and swallow writes.  A guest that accesses a port where nothing is
 * may do so because it waits for another vCPU, which may share our physical CPU.
 */
bool kvm_serve_device(struct kvm_run *run)
{
	bool doorbell = run->io.port == WIRE_DOORBELL_PORT &&
			run->io.direction == KVM_EXIT_IO_OUT;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		if (doorbell)
			return false;
		if (run->io.direction == KVM_EXIT_IO_IN)
			memset((u8 *)run + run->io.data_offset, 0xff,
			       (size_t)run->io.size * run->io.count);
		sched_yield();
		return true;
	case KVM_EXIT_MMIO:
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
		return true;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
	case KVM_EXIT_IOAPIC_EOI:
	case KVM_EXIT_INTR:
	case KVM_EXIT_SET_TPR: /* irqchip=none: nobody here asks what CR8 holds back */
		return true;
	case KVM_EXIT_HYPERV: /* of what KVM does itself, it only tells */
		return run->hyperv.type == KVM_EXIT_HYPERV_SYNIC;
	}
	return false;
}

/* Where the device's record lies; NULL if an access is none of its. */
static struct device_record *record_of(const struct kvm_vm *k, u64 gpa, u64 length)
{
	const struct kvm_device *d = &k->device;

	if (!d->length || gpa < d->gpa || gpa - d->gpa >= d->length ||
	    length > d->length - (gpa - d->gpa))
		return NULL;
	return (struct device_record *)(k->memory + d->record);
}

/*
 * What any device model may do while a vCPU waits for it: use the thread's stack in
 * the kernel for other calls.  What KVM still needs of the access must not lie there.
 */
static void use_kernel_stack(void)
{
	struct pollfd fds[8];
	struct stat st;
	fd_set set;
	struct timeval now = { 0 };
	void *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = (struct pollfd){ .fd = kvm.fd, .events = POLLIN };
	poll(fds, ARRAY_SIZE(fds), 0);
	FD_ZERO(&set);
	select(FD_SETSIZE, &set, NULL, NULL, &now);
	stat("/proc/self/no/such/file", &st);
	if (page == MAP_FAILED)
		return;
	*(volatile char *)page = 1;
	munmap(page, 8192);
}

static bool device_access(struct kvm_vm *k, struct kvm_run *run)
{
	u64 gpa = run->mmio.phys_addr;
	struct device_record *r = record_of(k, gpa, run->mmio.len);
	u8 *content;

	if (!r || run->mmio.len > sizeof(run->mmio.data))
		return false;
	content = r->content + (gpa - k->device.gpa);
	if (run->mmio.is_write)
		memcpy(content, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, content, run->mmio.len);
	if (r->count < DEVICE_ACCESSES_MAX) {
		struct device_access *a = &r->access[r->count];

		*a = (struct device_access){ gpa, run->mmio.len, run->mmio.is_write, 0 };
		memcpy(&a->data, content, run->mmio.len);
	}
	r->count++;
	use_kernel_stack();
	return true;
}

enum kvm_mmio kvm_mmio(struct kvm_vm *k, struct kvm_run *run, u64 *gpa)
{
	(void)gpa; /* the doorbell is a port */
	return device_access(k, run) ? KVM_MMIO_DONE : KVM_MMIO_ELSEWHERE;
}

KVM_ACTION(kvm_act_device)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 gpa = arguments[0], length = arguments[1], record = arguments[2];

	(void)value;
	if (!length || length > DEVICE_BYTES_MAX || gpa + length < gpa || record % 8 ||
	    record >= kvm.memory_size ||
	    sizeof(struct device_record) > kvm.memory_size - record) {
		text_add(detail, "DEVICE: 1 to %#x bytes, and a record in guest memory",
			 DEVICE_BYTES_MAX);
		return SYNC_REFUSED;
	}
	k->device = (struct kvm_device){ gpa, length, record };
	memset(k->memory + record, 0, sizeof(struct device_record));
	return SYNC_OK;
}

/* --- eventfds --- */

static bool assign(struct kvm_vm *k, struct kvm_event *e, struct text *why)
{
	return KVM_TRY(k->fd, KVM_IOEVENTFD, &e->request, why);
}

KVM_ACTION(kvm_act_ioeventfd)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 how = arguments[3];
	struct kvm_event *e = &k->event[k->events];

	if (k->events == EVENTS_MAX) {
		text_add(detail, "more than %u eventfds", EVENTS_MAX);
		return SYNC_REFUSED;
	}
	*e = (struct kvm_event){
		.request = {
			.addr = arguments[0],
			.len = (u32)arguments[1],
			.datamatch = arguments[2],
			.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
			.flags = (how & IOEVENT_DATA_MATCHES ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0) |
				 (how & IOEVENT_PORT ? KVM_IOEVENTFD_FLAG_PIO : 0),
		},
	};
	if (e->request.fd < 0) {
		text_add(detail, "eventfd: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	if (!assign(k, e, detail)) {
		close(e->request.fd);
		return SYNC_FAILED;
	}
	*value = k->events++;
	return SYNC_OK;
}

KVM_ACTION(kvm_act_read_ioeventfd)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 count = 0;

	if (arguments[0] >= k->events) {
		text_add(detail, "there is no IOEVENTFD of this number");
		return SYNC_REFUSED;
	}
	/* EAGAIN: not raised. */
	if (read(k->event[arguments[0]].request.fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
		text_add(detail, "eventfd: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	*value = count;
	return SYNC_OK;
}

bool kvm_events_assign(struct kvm_vm *k, struct text *why)
{
	for (unsigned int i = 0; i < k->events; i++)
		if (!assign(k, &k->event[i], why))
			return false;
	return true;
}

void kvm_devices_forget(struct kvm_vm *k)
{
	for (unsigned int i = 0; i < k->events; i++)
		close(k->event[i].request.fd);
	k->events = 0;
	kvm_irqfds_forget(k);
	kvm_scratch_close();
	k->device = (struct kvm_device){ 0 };
	k->return_unemulated = false;
	k->quirks = k->mmu_pages = 0;
}
