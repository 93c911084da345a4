// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bits of CPUID that tell what software has switched on: each follows its
 * register, and still does in a fresh VM.
 */
#include "x86/boot/x86.h"

enum { APIC_BASE_ENABLED = BIT(11), LINT1_NMI = 0x400, SPURIOUS = 0x1ff };

static bool tells_apic(void)
{
	return cpuid(1, 0).reg[CPUID_EDX] >> 9 & 1;
}

static bool tells_osxsave(void)
{
	return cpuid(1, 0).reg[CPUID_ECX] >> 27 & 1;
}

static bool tells_ospke(void)
{
	return cpuid(7, 0).reg[CPUID_ECX] >> 4 & 1;
}

static void switch_apic(bool on)
{
	u64 base = rdmsr(MSR_APIC_BASE) & ~(u64)APIC_BASE_ENABLED;

	wrmsr(MSR_APIC_BASE, base | (on ? APIC_BASE_ENABLED : 0));
	if (!on)
		return;
	apic_write(APIC_SPURIOUS, SPURIOUS);
	apic_write(APIC_LVT_LINT1, LINT1_NMI);
}

static void switch_cr4(u64 bit, bool on)
{
	write_cr4((read_cr4() & ~bit) | (on ? bit : 0));
}

static void switch_osxsave(bool on)
{
	switch_cr4(CR4_OSXSAVE, on);
}

static void switch_pke(bool on)
{
	switch_cr4(CR4_PKE, on);
}

static const struct {
	const char *name;
	u64 needs;
	bool (*tells)(void);
	void (*turn)(bool on);
} rows[] = {
	{ "APIC", APIC, tells_apic, switch_apic },
	{ "OSXSAVE", XSAVE, tells_osxsave, switch_osxsave },
	{ "OSPKE", PKU, tells_ospke, switch_pke },
};

TEST(cpuid_follows,
     "CPUID tells at once whether the local APIC, XSAVE and protection keys are switched on",
     LAW("SDM vol. 2A, CPUID, leaves 1 and 7"), CASES(ARRAY_SIZE(rows) * 4), FLAGS(TEST_FRESH_VM))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!has_feature(rows[i].needs)) {
			cases_not_covered(4, "the CPU has not what %s needs", rows[i].name);
			continue;
		}
		for (unsigned int step = 0; step < 4; step++)
			CASE ("bit=%s,step=%u,on=%u", rows[i].name, step, step & 1) {
				rows[i].turn(step & 1);
				EXPECT_EQ(!!(step & 1), rows[i].tells());
			}
		rows[i].turn(i == 0);
	}
}

TEST(cpuid_follows_across_save, "CPUID tells in a fresh VM what was switched on in the old one",
     LAW("SDM vol. 2A, CPUID, leaves 1 and 7; KVM api.rst, KVM_SET_SREGS"), ACTIONS(SAVE | RESTORE),
     CASES(ARRAY_SIZE(rows)), FLAGS(TEST_FRESH_VM))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!has_feature(rows[i].needs)) {
			cases_not_covered(1, "the CPU has not what %s needs", rows[i].name);
			continue;
		}
		CASE ("bit=%s", rows[i].name) {
			/* The local APIC stays on: where it is off nobody says what moves. */
			rows[i].turn(true);
			sync(SAVE | RESTORE);
			EXPECT(rows[i].tells());
			if (i)
				rows[i].turn(false);
			EXPECT_EQ(i == 0, rows[i].tells());
		}
	}
}
