// SPDX-License-Identifier: GPL-2.0-only
/* XCR0: which values XSETBV takes, who may execute it, what CPUID says of it, and that it survives. */
#include "x86/xstate/user.h"

TEST(xsetbv_takes_valid_values_only,
     "XSETBV takes exactly the values of XCR0 whose bits are supported and in their groups",
     LAW("SDM vol. 1, 13.3; vol. 2, XSETBV"), NEEDS(XSAVE), CASES(XCR0_COMBINATIONS))
{
	u64 supported = xcr0_supported();

	write_cr4(read_cr4() | CR4_OSXSAVE);
	for (unsigned int i = 0; i < XCR0_COMBINATIONS; i++) {
		u64 value = xcr0_combination(i), got = 0;
		struct fault f;

		CASE("xcr0=%#llx", (unsigned long long)value) {
			f = try_xsetbv(0, value);
			if (!xcr0_valid(value, supported)) {
				if (EXPECT_FAULT(GP, f))
					EXPECT_EQ(0, f.error_code);
				continue;
			}
			EXPECT_NO_FAULT(f);
			EXPECT_NO_FAULT(try_user_xgetbv(0, &got));
			EXPECT_EQ(value, got);
		}
	}
}

static u64 code_xsetbv(u64 argument)
{
	asm volatile("xsetbv" ::"c"(0), "a"((u32)argument), "d"(0));
	return 0;
}

TEST(xsetbv_is_privileged, "XSETBV at CPL 3 is #GP(0), and of an unknown register at CPL 0 too",
     LAW("SDM vol. 2, XSETBV"), NEEDS(XSAVE))
{
	struct fault f;

	enable_xsave(XCR0_X87);
	f = run_user(code_xsetbv, XCR0_X87, 0, NULL);
	EXPECT_FAULT(GP, f);
	EXPECT_EQ(0, f.error_code);
	EXPECT_FAULT(GP, try_xsetbv(0x7fffffff, XCR0_X87));
}

TEST(osxsave_gates_xgetbv,
     "without CR4.OSXSAVE CPUID hides it, and XGETBV and XSETBV are #UD",
     LAW("SDM vol. 2, XGETBV, XSETBV"), NEEDS(XSAVE))
{
	u64 value;

	write_cr4(read_cr4() & ~(u64)CR4_OSXSAVE);
	EXPECT_EQ(0, cpuid(1, 0).reg[CPUID_ECX] >> 27 & 1);
	EXPECT_FAULT(UD, try_user_xgetbv(0, &value));
	EXPECT_FAULT(UD, try_xsetbv(0, XCR0_X87));
	write_cr4(read_cr4() | CR4_OSXSAVE);
	EXPECT_EQ(1, cpuid(1, 0).reg[CPUID_ECX] >> 27 & 1);
	EXPECT_NO_FAULT(try_user_xgetbv(0, &value));
}

TEST(xcr0_survives, "XCR0 is the same after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.3"), NEEDS(XSAVE), ACTIONS(SAVE | RESTORE), CASES(2))
{
	static const u64 values[] = { XCR0_X87, XCR0_X87 | XCR0_SSE };
	u64 got = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE("xcr0=%#llx", (unsigned long long)values[i]) {
			enable_xsave(values[i]);
			sync(SAVE | RESTORE);
			EXPECT_NO_FAULT(try_user_xgetbv(0, &got));
			EXPECT_EQ(values[i], got);
		}
}

TEST(host_reads_xcr0, "XCR0 as the host reads it is the guest's, after a save and restore too",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XCRS"), NEEDS(XSAVE),
     ACTIONS(GET_REGISTER | SAVE | RESTORE), CASES(2))
{
	static const u64 values[] = { XCR0_X87, XCR0_X87 | XCR0_SSE };
	const struct sync_reply *reply;

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE("xcr0=%#llx", (unsigned long long)values[i]) {
			enable_xsave(values[i]);
			reply = sync(GET_REGISTER, .get_register = { SYNC_REG_XCR0 });
			EXPECT_EQ(values[i], sync_value(reply, GET_REGISTER));
			sync(SAVE | RESTORE);
			reply = sync(GET_REGISTER, .get_register = { SYNC_REG_XCR0 });
			EXPECT_EQ(values[i], sync_value(reply, GET_REGISTER));
		}
}

TEST(area_size_follows_xcr0,
     "CPUID.(EAX=0DH,ECX=0):EBX is the area's size for XCR0 as it is, ECX for all supported",
     LAW("SDM vol. 1, 13.2"), NEEDS(XSAVE | AVX))
{
	struct cpuid_result avx = cpuid(0xd, 2);
	u64 supported = xcr0_supported();
	u32 largest = XSAVE_EXTENDED;

	enable_xsave(XCR0_X87 | XCR0_SSE);
	EXPECT_EQ(XSAVE_EXTENDED, cpuid(0xd, 0).reg[CPUID_EBX]);
	enable_xsave(XCR0_X87 | XCR0_SSE | XCR0_AVX);
	EXPECT_EQ(256, avx.reg[CPUID_EAX]);
	EXPECT_EQ(avx.reg[CPUID_EBX] + avx.reg[CPUID_EAX], cpuid(0xd, 0).reg[CPUID_EBX]);
	for (unsigned int i = 2; i < 63; i++) {
		struct cpuid_result r;

		if (!(supported & BIT(i)))
			continue;
		r = cpuid(0xd, i);
		largest = MAX(largest, r.reg[CPUID_EBX] + r.reg[CPUID_EAX]);
	}
	EXPECT_EQ(largest, cpuid(0xd, 0).reg[CPUID_ECX]);
}
