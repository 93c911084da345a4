// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VMM may write into a vCPU and a VM from outside: PSTATE.M of an AArch32
 * vCPU, the filter of SMCCC calls.  Law: Arm ARM G1.8.1; Documentation/virt/kvm/api.rst.
 */
#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

enum mode_is { WRITABLE, NOT_A_MODE };
static const struct mode {
	const char *name;
	u8 mode;
	enum mode_is is;
} modes[] = {
	{ "user", 0x10, WRITABLE },	   { "fiq", 0x11, WRITABLE },
	{ "irq", 0x12, WRITABLE },	   { "supervisor", 0x13, WRITABLE },
	{ "abort", 0x17, WRITABLE },	   { "undefined", 0x1b, WRITABLE },
	{ "system", 0x1f, WRITABLE },	   { "monitor", 0x16, NOT_A_MODE },
	{ "hyp", 0x1a, NOT_A_MODE },	   { "none-0x14", 0x14, NOT_A_MODE },
	{ "none-0x1d", 0x1d, NOT_A_MODE }, { "el1h", 0x05, NOT_A_MODE },
};

TEST(aarch32_modes, "PSTATE.M of an AArch32 vCPU takes every mode of EL0 and EL1, and no other",
     LAW("Arm ARM G1.8.1; Documentation/virt/kvm/api.rst, KVM_SET_ONE_REG"),
     FIXES(FIX("id unknown", "KVM: arm64: Allow AArch32 PSTATE.M to be restored as System mode")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(modes)))
{
	u64 answer;

	ASSERT_EQ(0, HOST(SCRATCH_VM));
	ASSERT_EQ(0, HOST(SCRATCH_VCPU, 0));
	answer = HOST(SCRATCH_VCPU_INIT, 0, FEATURE_AARCH32);
	if (answer)
		skip("the host's processor has no AArch32 at EL1");
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		CASE ("mode=%s", modes[i].name) {
			answer = HOST(HOST_SET_REGISTER, 0, 1, REGISTER_PSTATE, modes[i].mode);
			if (modes[i].is == NOT_A_MODE) {
				EXPECT_ANSWER(REFUSED(HOST_EINVAL), answer);
			} else {
				EXPECT_ANSWER(0, answer);
				EXPECT_EQ(modes[i].mode,
					  HOST(HOST_GET_REGISTER, 0, 1, REGISTER_PSTATE) & 0x1f);
			}
		}
}

enum { FILTER_HANDLE = 0, FILTER_DENY = 1, FILTER_MAX = 2 };

static const struct filter {
	const char *name;
	u64 base, functions, action, answer;
} filters[] = {
	{ "vendor-range-denied", 0xc6000000, 16, FILTER_DENY, 0 },
	{ "empty-at-0", 0, 0, FILTER_DENY, REFUSED(HOST_EINVAL) },
	{ "empty", 0xc6000000, 0, FILTER_DENY, REFUSED(HOST_EINVAL) },
	{ "wraps", 0xfffffff0, 0x20, FILTER_DENY, REFUSED(HOST_EINVAL) },
	{ "no-such-action", 0xc6000000, 1, FILTER_MAX + 1, REFUSED(HOST_EINVAL) },
	{ "architecture-calls", 0x80000000, 1, FILTER_DENY, REFUSED(HOST_EEXIST) },
};

TEST(smccc_filter, "a filter of SMCCC calls takes ranges of functions, and an empty range is none",
     LAW("Documentation/virt/kvm/devices/vm.rst, KVM_ARM_VM_SMCCC_FILTER"),
     FIXES(FIX("id unknown",
	       "KVM: arm64: Return -EINVAL for an empty SMCCC filter range at base 0")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(filters)))
{
	ASSERT_EQ(0, HOST(SCRATCH_VM));
	if (HOST(HOST_HAS_ATTRIBUTE, SCRATCH_OBJECT_VM, 0, 0) == REFUSED(HOST_ENXIO) ||
	    host_call_failed(HOST(HOST_HAS_ATTRIBUTE, SCRATCH_OBJECT_VM, 0, 0)))
		skip("the host has no KVM_ARM_VM_SMCCC_CTRL");
	for (unsigned int i = 0; i < ARRAY_SIZE(filters); i++)
		CASE ("filter=%s", filters[i].name) {
			const struct filter *f = &filters[i];

			ASSERT_EQ(0, HOST(SCRATCH_VM));
			EXPECT_ANSWER(f->answer,
				      HOST(SCRATCH_SMCCC_FILTER, f->base, f->functions, f->action));
		}
}

/* --- a VM without a vGIC: target kvm,gic=none --- */

static const struct icc {
	const char *name;
	unsigned int number;
} registers[] = { { "ICC_SGI1R_EL1", 0 },
		  { "ICC_ASGI1R_EL1", 1 },
		  { "ICC_SGI0R_EL1", 2 },
		  { "ICC_SRE_EL1", 3 },
		  { "ICC_IAR1_EL1", 4 } };

static struct fault touch(unsigned int number)
{
	switch (number) {
	case 0:
		return TRY("msr S3_0_C12_C11_5, xzr", ::);
	case 1:
		return TRY("msr S3_0_C12_C11_6, xzr", ::);
	case 2:
		return TRY("msr S3_0_C12_C11_7, xzr", ::);
	case 3:
		return TRY("msr S3_0_C12_C12_5, xzr", ::);
	default:
		return TRY("mrs x9, S3_0_C12_C12_0", ::);
	}
}

TEST(no_gic_no_registers, "without a vGIC the registers of its CPU interface are undefined",
     LAW("Arm ARM, ID_AA64PFR0_EL1.GIC; IHI 0069H, 12.2"),
     FIXES(FIX("3e6245ebe7ef341639e9a7e402b3ade8ad45a19f",
	       "KVM: arm64: Make ICC_*SGI*_EL1 undef in the absence of a vGICv3")),
     CASES(ARRAY_SIZE(registers)))
{
	if (has_feature(GICV3))
		skip("the VM has a GIC: ID_AA64PFR0_EL1.GIC = 1");
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		CASE ("register=%s", registers[i].name) {
			struct fault f = touch(registers[i].number);

			EXPECT_FAULT(UNKNOWN, f);
		}
}
