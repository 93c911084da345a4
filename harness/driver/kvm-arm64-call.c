// SPDX-License-Identifier: GPL-2.0-only
/* HOST_CALL on arm64: attributes of devices, registers, the vGIC's interface. */
#include "harness/driver/kvm-scratch.h"

void kvm_devices_close(struct kvm_vm *k)
{
	kvm_rounds_end();
	kvm_devices_release();
	kvm_gic_close(k);
	kvm_scratch_close();
}

void kvm_devices_forget(struct kvm_vm *k)
{
	kvm_devices_close(k);
	kvm_irqfds_forget(k);
}

static s64 failed(void)
{
	return -errno;
}

/* The interface has 32-bit and 64-bit values; what is read of the former must not keep junk. */
static s64 attribute(int fd, unsigned long request, const u64 *a, u64 *got)
{
	u64 value[2] = { a[3], 0 };
	struct kvm_device_attr attr = { .group = (u32)a[1], .attr = a[2], .addr = (u64)value };

	if (request == KVM_GET_DEVICE_ATTR)
		value[0] = 0;
	if (kvm_call(fd, request, &attr) < 0)
		return failed();
	if (request == KVM_GET_DEVICE_ATTR)
		*got = value[0];
	return 0;
}

static s64 one_register(int fd, bool set, u64 id, u64 value, u64 *got)
{
	u64 buffer[2] = { value, 0 };
	struct kvm_one_reg reg = { .id = id, .addr = (u64)buffer };

	if (kvm_call(fd, set ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &reg) < 0)
		return failed();
	*got = set ? 0 : buffer[0];
	return 0;
}

static s64 count_registers(int fd, u64 *got)
{
	/* Too small for any, so that it says how many there are. */
	struct kvm_reg_list list = { .n = 0 };

	if (kvm_call(fd, KVM_GET_REG_LIST, &list) < 0 && errno != E2BIG)
		return failed();
	*got = list.n;
	return 0;
}

static s64 get_events(int fd, u64 *got)
{
	struct kvm_vcpu_events events = { 0 };

	if (kvm_call(fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return failed();
	memcpy(got, &events, sizeof(*got));
	return 0;
}

static s64 set_events(int fd, u64 flags, u64 esr)
{
	struct kvm_vcpu_events events = { .exception.serror_esr = esr };

	memcpy(&events, &flags, sizeof(flags));
	return kvm_made(kvm_call(fd, KVM_SET_VCPU_EVENTS, &events));
}

/* --- the scratch VM --- */

static s64 scratch_vcpu_init(int fd, u64 features)
{
	struct kvm_vcpu_init init;

	if (kvm_call(kvm_scratch.vm, KVM_ARM_PREFERRED_TARGET, &init) < 0)
		return failed();
	init.features[0] |= (u32)features;
	return kvm_made(kvm_call(fd, KVM_ARM_VCPU_INIT, &init));
}

static s64 scratch_device(u64 type, u64 flags)
{
	struct kvm_create_device device = { .type = (u32)type, .flags = (u32)flags };

	if (kvm_scratch.devices == SCRATCH_OBJECTS_MAX)
		return -ENOSPC;
	if (kvm_call(kvm_scratch.vm, KVM_CREATE_DEVICE, &device) < 0)
		return failed();
	if (!(flags & KVM_CREATE_DEVICE_TEST))
		kvm_scratch.device[kvm_scratch.devices++] = (int)device.fd;
	return 0;
}

static s64 scratch_line(u64 irq, u64 level)
{
	struct kvm_irq_level line = { .irq = (u32)irq, .level = (u32)level };

	return kvm_made(kvm_call(kvm_scratch.vm, KVM_IRQ_LINE, &line));
}

static s64 scratch_msi(const u64 *a)
{
	struct kvm_msi msi = { .address_lo = (u32)a[0],
			       .address_hi = (u32)(a[0] >> 32),
			       .data = (u32)a[1],
			       .flags = (u32)a[2],
			       .devid = (u32)a[3] };

	return kvm_made(kvm_call(kvm_scratch.vm, KVM_SIGNAL_MSI, &msi));
}

/* KVM_ARM_VM_SMCCC_CTRL, of 6.4; written out, for older headers do not have it. */
static s64 smccc_filter(const u64 *a)
{
	struct {
		u32 base, functions;
		u8 action, pad[15];
	} filter = { .base = (u32)a[0], .functions = (u32)a[1], .action = (u8)a[2] };
	struct kvm_device_attr attr = { .group = 0, .attr = 0, .addr = (u64)&filter };

	return kvm_made(kvm_call(kvm_scratch.vm, KVM_SET_DEVICE_ATTR, &attr));
}

/* The bus of a VM takes so many devices, whatever they are (KVM_REGISTER_COALESCED_MMIO). */
static s64 scratch_zones(u64 count, u64 gpa, bool there)
{
	for (u64 i = 0; i < count; i++) {
		struct kvm_coalesced_mmio_zone zone = { .addr = gpa + 8 * i, .size = 4 };
		unsigned long request = there ? KVM_REGISTER_COALESCED_MMIO :
						KVM_UNREGISTER_COALESCED_MMIO;

		if (kvm_call(kvm_scratch.vm, request, &zone) < 0)
			return -errno;
	}
	return 0;
}

/* Time for its message to reach a vCPU that runs. */
enum { MESSAGE_MICROSECONDS = 3000 };

static s64 raise_device(u64 number)
{
	if (number >= kvm_devices_assigned())
		return -ENODEV;
	kvm_device_raise((unsigned int)number, true);
	usleep(MESSAGE_MICROSECONDS);
	kvm_device_raise((unsigned int)number, false);
	return 0;
}

/* vCPU a of VM b, where 0 is the guest's; -1: there is none. */
static int vcpu_of(const struct kvm_vm *k, const u64 *a)
{
	if (a[1])
		return kvm_object(k, SCRATCH_OBJECT_VCPU + a[0]);
	return a[0] < CPUS_MAX ? kvm_fd(k, (unsigned int)a[0]) : -1;
}

static s64 call(struct kvm_vm *k, u64 number, const u64 *a, u64 *got)
{
	int fd = kvm_object(k, a[0]), vcpu = kvm_object(k, SCRATCH_OBJECT_VCPU + a[0]);

	switch (number) {
	case HOST_GET_ATTRIBUTE:
		return attribute(fd, KVM_GET_DEVICE_ATTR, a, got);
	case HOST_SET_ATTRIBUTE:
		return attribute(fd, KVM_SET_DEVICE_ATTR, a, got);
	case HOST_HAS_ATTRIBUTE:
		return attribute(fd, KVM_HAS_DEVICE_ATTR, a, got);
	case HOST_WRITE_MEMORY:
		return kvm_call_memory(k, true, a[0], a[1], got);
	case HOST_READ_MEMORY:
		return kvm_call_memory(k, false, a[0], 0, got);
	case HOST_GET_REGISTER:
		return one_register(vcpu_of(k, a), false, a[2], 0, got);
	case HOST_SET_REGISTER:
		return one_register(vcpu_of(k, a), true, a[2], a[3], got);
	case SCRATCH_VM:
		return kvm_scratch_vm(a[0], a[1]);
	case SCRATCH_VCPU:
		return kvm_scratch_vcpu(a[0]);
	case SCRATCH_VCPU_INIT:
		return scratch_vcpu_init(vcpu, a[1]);
	case SCRATCH_DEVICE:
		return scratch_device(a[0], a[1]);
	case SCRATCH_RUN:
		return kvm_scratch_run(vcpu, a[1], got);
	case SCRATCH_READ_RUN:
		return kvm_scratch_run_word(vcpu, false, a[1], 0, got);
	case SCRATCH_WRITE_RUN:
		return kvm_scratch_run_word(vcpu, true, a[1], a[2], got);
	case HOST_COUNT_REGISTERS:
		return count_registers(vcpu_of(k, a), got);
	case HOST_GET_EVENTS:
		return get_events(vcpu_of(k, a), got);
	case HOST_SET_EVENTS:
		return set_events(vcpu_of(k, a), a[2], a[3]);
	case SCRATCH_IRQ_LINE:
		return scratch_line(a[0], a[1]);
	case SCRATCH_MSI:
		return scratch_msi(a);
	case SCRATCH_SMCCC_FILTER:
		return smccc_filter(a);
	case SCRATCH_ZONES:
		return scratch_zones(a[0], a[1], a[2]);
	case HOST_RAISE_DEVICE:
		return raise_device(a[0]);
	case HOST_SIGNALS:
		*got = k->interrupted;
		return 0;
	case HOST_LPI_IS_DIRECT:
		*got = kvm_lpi_is_direct((u32)a[0]);
		return 0;
	}
	return -ENOSYS;
}

enum sync_status kvm_host_call(struct kvm_vm *k, u64 number, const u64 *a, u64 *answer,
			       struct text *detail)
{
	u64 got = 0;
	s64 result = call(k, number, a, &got);

	(void)detail;
	*answer = result < 0 ? (u64)result : got;
	return SYNC_OK;
}
