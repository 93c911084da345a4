// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time-stamp counter as software sets it, and IA32_TSC_ADJUST, which keeps
 * account of that (SDM vol. 3B, Time-Stamp Counter Adjustment).
 */
#include "x86/boot/x86.h"

#define MSR_TSC_ADJUST 0x3b
/* Larger than anything that passes meanwhile. */
#define FAR BIT(44)

static bool has_adjust(void)
{
	return cpuid(0, 0).reg[CPUID_EAX] >= 7 && cpuid(7, 0).reg[CPUID_EBX] & BIT(1);
}

TEST(tsc_is_written, "WRMSR of IA32_TSC sets the counter, and IA32_TSC_ADJUST takes the difference",
     LAW("SDM vol. 3B, Time-Stamp Counter; Time-Stamp Counter Adjustment"), CASES(2))
{
	for (unsigned int back = 0; back < 2; back++)
		CASE ("direction=%s", back ? "back" : "forward") {
			u64 before = rdtsc(), adjust = has_adjust() ? rdmsr(MSR_TSC_ADJUST) : 0,
			    after;
			s64 moved;

			wrmsr(MSR_TSC, back ? before - FAR : before + FAR);
			after = rdtsc();
			moved = (s64)(after - before) + (back ? (s64)FAR : -(s64)FAR);
			EXPECT(moved >= 0 && moved < (s64)FAR / 4);
			if (has_adjust()) {
				s64 difference = (s64)(rdmsr(MSR_TSC_ADJUST) - adjust);

				EXPECT(back ? difference < -(s64)FAR / 2
					    : difference > (s64)FAR / 2);
			}
		}
}

TEST(tsc_adjust_moves, "WRMSR of IA32_TSC_ADJUST moves the counter by the difference",
     LAW("SDM vol. 3B, Time-Stamp Counter Adjustment"), CASES(2))
{
	if (!has_adjust())
		skip("the CPU has no IA32_TSC_ADJUST");
	for (unsigned int back = 0; back < 2; back++)
		CASE ("direction=%s", back ? "back" : "forward") {
			u64 adjust = rdmsr(MSR_TSC_ADJUST), before = rdtsc(), after;
			s64 moved;

			wrmsr(MSR_TSC_ADJUST, back ? adjust - FAR : adjust + FAR);
			after = rdtsc();
			moved = (s64)(after - before) + (back ? (s64)FAR : -(s64)FAR);
			EXPECT(moved >= 0 && moved < (s64)FAR / 4);
			EXPECT_EQ(back ? adjust - FAR : adjust + FAR, rdmsr(MSR_TSC_ADJUST));
			wrmsr(MSR_TSC_ADJUST, adjust);
		}
}

/* The host restores both: one must not be added to the other. */
TEST(tsc_adjust_across_save,
     "IA32_TSC_ADJUST moves to a fresh VM, and the counter is moved by it no second time",
     LAW("SDM vol. 3B, Time-Stamp Counter Adjustment; KVM api.rst, KVM_SET_MSRS"),
     ACTIONS(SAVE | RESTORE))
{
	u64 adjust, before, after;

	if (!has_adjust())
		skip("the CPU has no IA32_TSC_ADJUST");
	adjust = rdmsr(MSR_TSC_ADJUST);
	wrmsr(MSR_TSC_ADJUST, adjust + FAR);
	before = rdtsc();
	sync(SAVE | RESTORE);
	after = rdtsc();
	EXPECT_EQ(adjust + FAR, rdmsr(MSR_TSC_ADJUST));
	EXPECT(after >= before && after - before < FAR / 2);
	wrmsr(MSR_TSC_ADJUST, adjust);
}
