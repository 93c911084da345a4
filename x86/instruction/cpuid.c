// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID (SDM vol. 2A): what it says does not depend on who asks.  A hypervisor
 * that gives its guest a CPUID of its own has to give it to CPL 3 as well.
 */
#include "x86/instruction/perform.h"

INSTRUCTION(identify, "cpuid");

/* Where the leaves begin; the first leaf of each range names its last. */
static const struct range {
	const char *name;
	u32 first, most; /* at most so many leaves */
} ranges[] = { { "basic", 0, 64 }, { "hypervisor", 0x40000000, 16 }, { "extended", 0x80000000, 64 } };

static void compare(u32 leaf, u32 subleaf)
{
	static const char *const name[] = { "EAX", "EBX", "ECX", "EDX" };
	struct registers r = { .rax = leaf, .rcx = subleaf };
	struct cpuid_result own = cpuid(leaf, subleaf);
	u64 got[4];

	if (!EXPECT_NO_FAULT(perform(&identify, 3, &r)))
		return;
	got[CPUID_EAX] = r.rax;
	got[CPUID_EBX] = r.rbx;
	got[CPUID_ECX] = r.rcx;
	got[CPUID_EDX] = r.rdx;
	for (unsigned int i = 0; i < 4; i++)
		expect_number(EXPECTATION_(name[i]), own.reg[i], got[i]);
}

/* Leaves with subleaves, and how many of them to look at (SDM vol. 2A, CPUID). */
static u32 subleaves(u32 leaf)
{
	static const u8 some[] = { 0x4, 0x7, 0xb, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1d, 0x1f };

	if (leaf == 0xd)
		return 20;
	if (leaf == 0x8000001d)
		return 4;
	for (unsigned int i = 0; i < ARRAY_SIZE(some); i++)
		if (leaf == some[i])
			return 3;
	return 1;
}

TEST(cpuid_at_cpl3, "CPUID at CPL 3 says what it says at CPL 0", LAW("SDM vol. 2A, CPUID"))
{
	u64 cases = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges); i++) {
		u32 leaves = cpuid(ranges[i].first, 0).reg[CPUID_EAX] - ranges[i].first + 1;

		/* Where there is no such range the answer is another leaf's, the same for all. */
		leaves = leaves > ranges[i].most ? 1 : leaves;
		for (u32 n = 0; n < leaves; n++)
			for (u32 sub = 0; sub < subleaves(ranges[i].first + n); sub++) {
				cases++;
				CASE("leaf=%#x,subleaf=%u", ranges[i].first + n, sub)
					compare(ranges[i].first + n, sub);
			}
	}
	cases_planned(cases);
}

TEST(cpuid_follows_cr4_at_cpl3, "CPUID at CPL 3 reports CR4.OSXSAVE as the guest set it",
     LAW("SDM vol. 2A, CPUID, leaf 1: ECX[27]"), NEEDS(XSAVE), CASES(2))
{
	for (unsigned int on = 0; on < 2; on++)
		CASE("osxsave=%u", on) {
			struct registers r = { .rax = 1 };

			write_cr4((read_cr4() & ~(u64)CR4_OSXSAVE) | (on ? CR4_OSXSAVE : 0));
			EXPECT_NO_FAULT(perform(&identify, 3, &r));
			EXPECT_EQ(on, r.rcx >> 27 & 1);
		}
	write_cr4(read_cr4() & ~(u64)CR4_OSXSAVE);
}
