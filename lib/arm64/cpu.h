/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the processor by the names of the Arm ARM (DDI 0487), and how
 * exceptions are told apart.
 */
#ifndef ASSAY_ARM64_CPU_H
#define ASSAY_ARM64_CPU_H

#include "lib/base.h"

/* ESR_EL1.EC (Arm ARM D19.2.37).  CLASS(NAME, number, words) */
#define EXCEPTION_CLASSES(CLASS)                                                                   \
	CLASS(UNKNOWN, 0x00, "undefined instruction")                                              \
	CLASS(WFX, 0x01, "trapped WFI or WFE")                                                     \
	CLASS(FP, 0x07, "trapped FP access")                                                       \
	CLASS(ILLEGAL_STATE, 0x0e, "illegal execution state")                                      \
	CLASS(SVC, 0x15, "SVC")                                                                    \
	CLASS(HVC, 0x16, "HVC")                                                                    \
	CLASS(SMC, 0x17, "SMC")                                                                    \
	CLASS(SYSTEM_REGISTER, 0x18, "trapped system register access")                             \
	CLASS(INSTRUCTION_ABORT_LOWER, 0x20, "instruction abort of EL0")                           \
	CLASS(INSTRUCTION_ABORT, 0x21, "instruction abort")                                        \
	CLASS(PC_ALIGNMENT, 0x22, "PC alignment fault")                                            \
	CLASS(DATA_ABORT_LOWER, 0x24, "data abort of EL0")                                         \
	CLASS(DATA_ABORT, 0x25, "data abort")                                                      \
	CLASS(SP_ALIGNMENT, 0x26, "SP alignment fault")                                            \
	CLASS(SERROR, 0x2f, "SError")                                                              \
	CLASS(BREAKPOINT, 0x3c, "BRK")                                                             \
	/* Not of the manual: nothing was taken, or an interrupt was. */                           \
	CLASS(NONE, 0x40, "none")                                                                  \
	CLASS(IRQ, 0x41, "IRQ")                                                                    \
	CLASS(FIQ, 0x42, "FIQ")

enum exception_class {
#define CLASS(NAME, number, words) EC_##NAME = number,
	EXCEPTION_CLASSES(CLASS)
#undef CLASS
};

#define ESR_EC(esr) ((esr) >> 26 & 0x3f)
/* The fault status code of an abort. */
#define ESR_FSC(esr) ((esr)&0x3f)
enum fault_status { FSC_TRANSLATION_LEVEL_1 = 0x05, FSC_EXTERNAL = 0x10, FSC_ALIGNMENT = 0x21 };

enum pstate {
	PSTATE_F = BIT(6),
	PSTATE_I = BIT(7),
	PSTATE_A = BIT(8),
	PSTATE_D = BIT(9),
	PSTATE_EL1H = 5,
};

/* PSCI (DEN 0022), the 64-bit calls. */
enum psci_function {
	PSCI_VERSION = 0x84000000,
	PSCI_CPU_OFF = 0x84000002,
	PSCI_SYSTEM_OFF = 0x84000008,
	PSCI_SYSTEM_RESET = 0x84000009,
	PSCI_FEATURES = 0x8400000a,
	PSCI_CPU_SUSPEND = 0xc4000001,
	PSCI_CPU_ON = 0xc4000003,
	PSCI_AFFINITY_INFO = 0xc4000004,
};
enum psci_result {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_DENIED = -3,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INVALID_ADDRESS = -9,
};
enum psci_affinity { AFFINITY_ON, AFFINITY_OFF, AFFINITY_ON_PENDING };

#define READ_REGISTER(name)                                                                        \
	({                                                                                         \
		u64 value_;                                                                        \
		asm volatile("mrs %0, " STRING(name) : "=r"(value_)::"memory");                    \
		value_;                                                                            \
	})
#define WRITE_REGISTER(name, value)                                                                \
	asm volatile("msr " STRING(name) ", %0" ::"r"((u64)(value)) : "memory")

#endif
