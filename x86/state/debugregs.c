// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_DEBUGREGS: what no processor has in DR6 and DR7 is refused and changes nothing
 * (SDM vol. 3B, Debug Registers; KVM api.rst).
 */
#include "x86/boot/host.h"

static const struct {
	const char *name;
	u64 dr6, dr7, flags;
	bool refused;
} debugs[] = {
	{ "reset", DR6_FIXED, DR7_FIXED, 0, false },
	{ "all-of-32-bits", 0xffffffff & ~BIT(12), 0xffffffff & ~BITS(15, 14), 0, false },
	{ "DR6[32]", DR6_FIXED | BIT(32), DR7_FIXED, 0, true },
	{ "DR6[63]", DR6_FIXED | BIT(63), DR7_FIXED, 0, true },
	{ "DR7[32]", DR6_FIXED, DR7_FIXED | BIT(32), 0, true },
	{ "DR7[63]", DR6_FIXED, DR7_FIXED | BIT(63), 0, true },
	{ "flags=1", DR6_FIXED, DR7_FIXED, 1, true },
};

TEST(debugregs_refused, "KVM_SET_DEBUGREGS refuses upper halves of DR6 and DR7, and flags",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_DEBUGREGS; SDM vol. 3B, Debug Registers"),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(debugs)))
{
	static struct host_debugregs old, new, got;

	scratch_cpu(cpuid(0xd, 0).reg[CPUID_EAX], 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(debugs); i++)
		CASE ("state=%s", debugs[i].name) {
			HOST(HOST_GET_STATE, SCRATCH_CPU, (u64)&old, HOST_STATE_DEBUGREGS);
			new = old;
			new.dr[0] = 0x123000;
			new.dr[3] = ~0ull << 47;
			new.dr6 = debugs[i].dr6;
			new.dr7 = debugs[i].dr7;
			new.flags = debugs[i].flags;
			EXPECT_ANSWER(debugs[i].refused ? REFUSED(HOST_EINVAL) : 0,
				      HOST(HOST_SET_STATE, SCRATCH_CPU, (u64)&new,
					   HOST_STATE_DEBUGREGS));
			HOST(HOST_GET_STATE, SCRATCH_CPU, (u64)&got, HOST_STATE_DEBUGREGS);
			if (debugs[i].refused)
				new = old;
			EXPECT_EQ(new.dr[0], got.dr[0]);
			EXPECT_EQ(new.dr[3], got.dr[3]);
			EXPECT_EQ(new.dr6, got.dr6);
			EXPECT_EQ(new.dr7, got.dr7);
		}
}
