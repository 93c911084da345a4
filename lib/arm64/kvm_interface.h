/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the KVM interface that tests of HOST_CALL use: groups and attributes of
 * Documentation/virt/kvm/devices/arm-vgic-v3.rst and arm-vgic-its.rst, device types.
 * The guest has no kernel headers.
 */
#ifndef ASSAY_ARM64_KVM_INTERFACE_H
#define ASSAY_ARM64_KVM_INTERFACE_H

#include "lib/base.h"

enum device_type { DEVICE_VGIC_V2 = 5, DEVICE_VGIC_V3 = 7, DEVICE_ITS = 8 };

enum vgic_group {
	GROUP_ADDRESS = 0,
	GROUP_DISTRIBUTOR = 1,
	GROUP_NR_IRQS = 3,
	GROUP_CONTROL = 4,
	GROUP_REDISTRIBUTOR = 5,
	GROUP_CPU_INTERFACE = 6,
	GROUP_LEVELS = 7,
	GROUP_ITS = 8,
};
enum vgic_address {
	ADDRESS_DISTRIBUTOR = 2,
	ADDRESS_REDISTRIBUTOR = 3,
	ADDRESS_ITS = 4,
	/* Several: so many redistributors from `base` on, as number `index`. */
	ADDRESS_REGION = 5,
};
#define REDISTRIBUTOR_REGION(count, base, index) ((u64)(count) << 52 | (base) | (index))
enum vgic_control {
	CONTROL_INIT = 0,
	CONTROL_SAVE_TABLES = 1,
	CONTROL_RESTORE_TABLES = 2,
	CONTROL_SAVE_PENDING_TABLES = 3,
	CONTROL_RESET = 4,
};

/* Features of KVM_ARM_VCPU_INIT. */
enum vcpu_feature { FEATURE_POWER_OFF = BIT(0), FEATURE_AARCH32 = BIT(1), FEATURE_PSCI = BIT(2) };

/*
 * KVM_GET_ONE_REG: members of struct user_pt_regs, by their offset in words of 32 bits
 * (Documentation/virt/kvm/api.rst).
 */
#define REGISTER_CORE(offset) (0x6030000000100000ull | (offset))
#define REGISTER_X(number) REGISTER_CORE(2ull * (number))
#define REGISTER_PC REGISTER_CORE(0x40)
#define REGISTER_PSTATE REGISTER_CORE(0x42)
#define REGISTER_ELR_EL1 REGISTER_CORE(0x46)
#define REGISTER_SYSTEM(op0, op1, crn, crm, op2)                                                   \
	(0x6030000000130000ull | (op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
#define REGISTER_ESR_EL1 REGISTER_SYSTEM(3, 0, 5, 2, 0)
#define REGISTER_FAR_EL1 REGISTER_SYSTEM(3, 0, 6, 0, 0)
#define REGISTER_VBAR_EL1 REGISTER_SYSTEM(3, 0, 12, 0, 0)

/* KVM_IRQ_LINE: the IRQ of a vCPU, in a VM without a vGIC. */
#define LINE_OF_VCPU(vcpu) ((u64)(vcpu) << 16)

/* struct kvm_vcpu_events. */
enum vcpu_event {
	EVENT_SERROR = BIT(0),
	EVENT_SERROR_HAS_ESR = BIT(8),
	EVENT_EXTERNAL_ABORT = BIT(16),
};

/* struct kvm_run: exit reasons, and offsets for SCRATCH_READ_RUN. */
enum exit_reason { EXIT_MMIO = 6, EXIT_INTERRUPTED = 10 };
enum run_offset { RUN_MMIO_ADDRESS = 32, RUN_MMIO_DATA = 40, RUN_DEVICE_LEVELS = 304 };
/* Of RUN_DEVICE_LEVELS: lines of the timers, in a VM without a vGIC. */
enum device_level { LEVEL_VIRTUAL_TIMER = BIT(0), LEVEL_PHYSICAL_TIMER = BIT(1) };

#endif
