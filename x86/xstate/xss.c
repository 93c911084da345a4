// SPDX-License-Identifier: GPL-2.0-only
/* IA32_XSS: which components it takes, and what CPUID says of it. */
#include "x86/xstate/user.h"

static struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

TEST(xss_bits, "IA32_XSS takes the components that CPUID reports for it, any other bit is #GP(0)",
     LAW("SDM vol. 1, 13.3; vol. 2A, CPUID leaf 0DH.1: ECX, EDX"), NEEDS(XSAVE | XSAVES), CASES(64))
{
	struct cpuid_result r = cpuid(0xd, 1);
	u64 can = r.reg[CPUID_ECX] | (u64)r.reg[CPUID_EDX] << 32, before = rdmsr(MSR_XSS);

	for (unsigned int bit = 0; bit < 64; bit++)
		CASE("bit=%u", bit) {
			u64 wanted = can & BIT(bit) ? BIT(bit) : 0;
			struct fault f;

			wrmsr(MSR_XSS, 0);
			f = try_wrmsr(MSR_XSS, BIT(bit));
			if (wanted)
				EXPECT_NO_FAULT(f);
			else if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
			EXPECT_EQ(wanted, rdmsr(MSR_XSS));
		}
	wrmsr(MSR_XSS, before);
}
