// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a vCPU that a VMM puts into AArch32 state: those that AArch32 has are
 * of 32 bits, the others are EL1's and keep all of theirs.  Law: Arm ARM D1.20.1 (mapping
 * of the general-purpose registers); Documentation/virt/kvm/api.rst, KVM_SET_ONE_REG.
 */
#include "arm64/vgic/scratch.h"

enum { SPSR_USER = 0x10, SPSR_SUPERVISOR = 0x13, SPSR_SYSTEM = 0x1f, LAST_OF_USER = 14, LAST = 30 };
#define WIDE(number) (0xa5a5a5a500000000ull | 0x1000u | (number))
#define FLAGS_NZCV BITS(31, 28)
#define SPSR_T BIT(5)
#define SPSR_AIF BITS(8, 6)

static const struct state {
	const char *name;
	u64 pstate;
	bool el1_is_32; /* EL1 uses AArch32 too */
	unsigned int narrow; /* registers below it are of 32 bits */
} states[] = {
	{ "user-of-64", SPSR_USER, false, LAST_OF_USER + 1 },
	{ "user-of-64-N", SPSR_USER | BIT(31), false, LAST_OF_USER + 1 },
	{ "user-of-64-NZCV", SPSR_USER | FLAGS_NZCV, false, LAST_OF_USER + 1 },
	{ "user-of-64-T", SPSR_USER | SPSR_T, false, LAST_OF_USER + 1 },
	{ "user-of-64-masked", SPSR_USER | SPSR_AIF, false, LAST_OF_USER + 1 },
	{ "supervisor", SPSR_SUPERVISOR, true, LAST + 1 },
	{ "supervisor-NZCV-T", SPSR_SUPERVISOR | FLAGS_NZCV | SPSR_T, true, LAST + 1 },
};

/* What is written last: PSTATE, with the registers full, or a register in that state. */
static void write_state(const struct state *s, bool again)
{
	ASSERT_EQ(0, HOST(SCRATCH_VM));
	ASSERT_EQ(0, HOST(SCRATCH_VCPU, 0));
	if (HOST(SCRATCH_VCPU_INIT, 0, s->el1_is_32 ? FEATURE_AARCH32 : 0))
		skip("the host's processor has no AArch32 at EL1");
	for (unsigned int i = 0; i <= LAST; i++)
		scratch_set(REGISTER_X(i), WIDE(i));
	scratch_set(REGISTER_PC, WIDE(0) | PLATFORM_RAM);
	if (HOST(HOST_SET_REGISTER, 0, 1, REGISTER_PSTATE, s->pstate) == REFUSED(HOST_EINVAL))
		skip("the host's processor has no AArch32 at EL0");
	for (unsigned int i = 0; again && i <= LAST; i++)
		scratch_set(REGISTER_X(i), WIDE(i));
	for (unsigned int i = 0; i <= LAST; i++) {
		char words[16];
		struct text t = text_into(words, sizeof(words));

		text_add(&t, "x%u", i);
		expect_answer(&(const struct expectation){ __FILE__, __LINE__, words },
			      i < s->narrow ? (u32)WIDE(i) : WIDE(i), scratch_get(REGISTER_X(i)));
	}
	EXPECT_EQ((u32)(WIDE(0) | PLATFORM_RAM), scratch_get(REGISTER_PC));
	EXPECT_EQ(s->pstate, scratch_get(REGISTER_PSTATE) & s->pstate);
}

TEST(aarch32_narrows,
     "in AArch32 state the registers that AArch32 has are of 32 bits, and EL1's others stay whole",
     LAW("Arm ARM D1.20.1; Documentation/virt/kvm/api.rst, KVM_SET_ONE_REG"),
     FIXES(FIX("947051e361d551e0590777080ffc4926190f62f2",
	       "KVM: arm64: Fix AArch32 register narrowing on userspace write")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(states) * 2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(states); i++)
		for (unsigned int again = 0; again < 2; again++)
			CASE ("state=%s,last=%s", states[i].name, again ? "registers" : "PSTATE")
				write_state(&states[i], again);
}
