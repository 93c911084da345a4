// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_XCRS: the rules of XSETBV (SDM vol. 1, 13.3), by the CPUID that the vCPU was
 * given; and XFD of a guest that has no component which it could disable.
 */
#include "x86/boot/host.h"
#include "x86/xstate/user.h"

static void expect_xcr0(u64 object, u64 value, u64 supported, u64 *now)
{
	bool valid = xcr0_valid(value, supported);

	EXPECT_ANSWER(valid ? 0 : REFUSED(HOST_EINVAL), HOST(HOST_SET_XCR, object, 0, value));
	*now = valid ? value : *now;
	EXPECT_EQ(*now, HOST(HOST_GET_XCR, object, 0));
}

TEST(set_xcrs_takes_valid_values_only,
     "KVM_SET_XCRS takes exactly the values of XCR0 that XSETBV takes, and else leaves it",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XCRS; SDM vol. 1, 13.3"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(XCR0_COMBINATIONS))
{
	u64 now = XCR0_X87;

	scratch_cpu(xcr0_supported(), 0);
	ASSERT_(EXPECT_ANSWER(0, HOST(HOST_SET_XCR, SCRATCH_CPU, 0, XCR0_X87)));
	for (unsigned int i = 0; i < XCR0_COMBINATIONS; i++)
		CASE ("xcr0=%#llx", (unsigned long long)xcr0_combination(i))
			expect_xcr0(SCRATCH_CPU, xcr0_combination(i), xcr0_supported(), &now);
}

/* A vCPU whose CPUID has less than the host; `less` is a set of enum sync_host_cpuid. */
static const struct {
	const char *name;
	u64 xcr0, less;
} cut[] = {
	{ "x87", XCR0_X87, 0 },
	{ "x87+sse", XCR0_X87 | XCR0_SSE, 0 },
	{ "x87+sse+avx", XCR0_X87 | XCR0_SSE | XCR0_AVX, 0 },
	{ "no-xsave", XCR0_X87, CPUID_NO_XSAVE },
};

TEST(set_xcrs_heeds_cpuid, "KVM_SET_XCRS takes no component that the vCPU's CPUID does not have",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XCRS; SDM vol. 1, 13.3"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(cut) * XCR0_LOW_BITS))
{
	u64 now;

	for (unsigned int i = 0; i < ARRAY_SIZE(cut); i++) {
		scratch_cpu(cut[i].xcr0, cut[i].less);
		for (unsigned int bit = 0; bit < XCR0_LOW_BITS; bit++)
			CASE ("cpuid=%s,xcr0[%u]", cut[i].name, bit) {
				/* What a group needs beside it is there: only CPUID can refuse. */
				u64 value = (BIT(bit + 1) - 1) & ~(XCR0_BNDREGS | XCR0_BNDCSR);

				if (BIT(bit) & (XCR0_BNDREGS | XCR0_BNDCSR))
					value |= XCR0_BNDREGS | XCR0_BNDCSR;
				if (bit >= 5)
					value |= XCR0_OPMASK | XCR0_ZMM_HI256 | XCR0_HI16_ZMM;
				now = XCR0_X87;
				ASSERT_(EXPECT_ANSWER(0, HOST(HOST_SET_XCR, SCRATCH_CPU, 0, now)));
				expect_xcr0(SCRATCH_CPU, value, cut[i].xcr0 & xcr0_supported(),
					    &now);
			}
	}
}

TEST(set_xcrs_flags, "KVM_SET_XCRS with flags is EINVAL, and XCR0 as it was",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XCRS"), NEEDS(XSAVE), ACTIONS(HOST_CALL),
     CASES(2))
{
	scratch_cpu(xcr0_supported(), 0);
	for (unsigned int bit = 0; bit < 32; bit += 31)
		CASE ("flag=%u", bit) {
			EXPECT_ANSWER(REFUSED(HOST_EINVAL), HOST(HOST_SET_XCR, SCRATCH_CPU, 0,
								 XCR0_X87 | XCR0_SSE, BIT(bit)));
			EXPECT_EQ(XCR0_X87, HOST(HOST_GET_XCR, SCRATCH_CPU, 0));
		}
}

TEST(set_xcrs_is_the_guests,
     "the guest finds the XCR0 that KVM_SET_XCRS gave it, and no other when that was refused",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XCRS"), NEEDS(XSAVE), ACTIONS(HOST_CALL),
     CASES(4))
{
	static const u64 values[] = { XCR0_X87 | XCR0_SSE, XCR0_X87, XCR0_SSE, XCR0_X87 | BIT(62) };
	u64 now = XCR0_X87, found = 0;

	enable_xsave(XCR0_X87);
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE ("xcr0=%#llx", (unsigned long long)values[i]) {
			expect_xcr0(HOST_VCPU, values[i], xcr0_supported(), &now);
			EXPECT_NO_FAULT(try_user_xgetbv(0, &found));
			EXPECT_EQ(now, found);
		}
	enable_xsave(XCR0_X87);
}

static u64 host_msr(u64 msr)
{
	static u64 word __attribute__((aligned(8)));

	word = 0;
	HOST(HOST_GET_MSR, SCRATCH_CPU, msr, (u64)&word);
	return word;
}

TEST(no_tiles_no_xfd,
     "KVM_SET_MSRS writes no bit of IA32_XFD or IA32_XFD_ERR of a guest without a component for it",
     LAW("SDM vol. 1, 13.14; Documentation/virt/kvm/api.rst, KVM_SET_MSRS"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(2 * 64))
{
	scratch_cpu(xcr0_supported() & ~(u64)(XCR0_XTILECFG | XCR0_XTILEDATA), CPUID_NO_TILES);
	for (unsigned int err = 0; err < 2; err++)
		for (unsigned int bit = 0; bit < 64; bit++)
			CASE ("register=%s,bit=%u", err ? "xfd_err" : "xfd", bit) {
				u32 msr = err ? MSR_XFD_ERR : MSR_XFD;

				EXPECT_ANSWER(0, HOST(HOST_SET_MSR, SCRATCH_CPU, msr, BIT(bit)));
				EXPECT_EQ(0, host_msr(msr));
			}
}
