// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSR exits: two bits of the permission map for each MSR of its three ranges, and
 * an exit for every MSR outside of them.
 */
#include "x86/nested/svm.h"

L2_CODE(rdmsr_, "mov %edi, %ecx", "rdmsr", "");
L2_CODE(wrmsr_, "mov %edi, %ecx", "wrmsr", "");

/* Where the two bits of an MSR are, or NOWHERE (15.11). */
#define NOWHERE (~0u)
static unsigned int map_bit(u32 msr)
{
	if (msr < 0x2000)
		return msr * 2;
	if (msr - 0xc0000000 < 0x2000)
		return 0x800 * 8 + (msr - 0xc0000000) * 2;
	if (msr - 0xc0010000 < 0x2000)
		return 0x1000 * 8 + (msr - 0xc0010000) * 2;
	return NOWHERE;
}

/* An MSR that there need not be can still exit: the intercept comes before its lack is seen. */
static const struct mapped {
	u32 index;
	bool exists;
} msrs[] = {
	{ MSR_SYSENTER_CS, true }, { MSR_SYSENTER_ESP, true }, { MSR_SYSENTER_EIP, true },
	{ MSR_PAT, true }, { MSR_EFER, true }, { MSR_STAR, true }, { MSR_LSTAR, true },
	{ MSR_CSTAR, true }, { MSR_FMASK, true }, { MSR_FS_BASE, true }, { MSR_GS_BASE, true },
	{ MSR_KERNEL_GS_BASE, true }, { MSR_VM_HSAVE_PA, true }, { 0x1fff, false },
	{ 0xc0001fff, false }, { 0xc0011fff, false }, { 0x2000, false }, { 0xbfffffff, false },
	{ 0xc0002000, false }, { 0xc000ffff, false }, { 0xc0012000, false }, { 0xffffffff, false },
};
enum { MSRS = ARRAY_SIZE(msrs) };

static void begin(u32 msr, bool write, unsigned int bits)
{
	unsigned int bit = map_bit(msr);
	u64 value;

	l2_begin();
	l2_intercept(SVM_EXIT_MSR);
	/* Its neighbours exit, in both directions. */
	memset(l2_msrpm, 0xff, sizeof(l2_msrpm));
	if (bit != NOWHERE) {
		l2_msrpm[bit / 8] &= (u8)~(3 << bit % 8);
		l2_msrpm[bit / 8] |= (u8)(bits << bit % 8);
	}
	l2.regs.rdi = msr;
	if (!write)
		return;
	value = rdmsr(msr);
	l2.vmcb->save.rax = (u32)value;
	l2.regs.rdx = value >> 32;
}

static void run(bool write)
{
	l2_run_at(write ? wrmsr_.begin : rdmsr_.begin);
}

static void expect_msr(bool write)
{
	EXPECT_EXIT_AT(SVM_EXIT_MSR, *(write ? &wrmsr_ : &rdmsr_));
	EXPECT_EQ(write, l2.vmcb->control.exitinfo1);
}

enum { EXISTING = 13 };

TEST(msr_map, "RDMSR and WRMSR exit if their own bit of the map is set, and execute else",
     LAW("APM vol. 2, MSR Intercepts"), NEEDS(SVM), CASES(EXISTING * 8))
{
	for (unsigned int n = 0; n < EXISTING * 8; n++) {
		const struct mapped *m = &msrs[n / 8];
		unsigned int bits = n / 2 % 4;
		bool write = n & 1;

		CASE("msr=%x,access=%s,bits=%u", m->index, write ? "write" : "read", bits)
		{
			begin(m->index, write, bits);
			run(write);
			if (bits >> write & 1)
				expect_msr(write);
			else
				EXPECT_END(*(write ? &wrmsr_ : &rdmsr_));
		}
	}
}

TEST(msr_map_ends, "MSRs at the ends of the map's ranges and outside of them exit",
     LAW("APM vol. 2, MSR Intercepts"), NEEDS(SVM), CASES((MSRS - EXISTING) * 2))
{
	for (unsigned int n = EXISTING * 2; n < MSRS * 2; n++) {
		u32 msr = msrs[n / 2].index;
		bool write = n & 1;

		CASE("msr=%x,access=%s", msr, write ? "write" : "read")
		{
			begin(msr, false, 1u << write);
			run(write);
			expect_msr(write);
		}
	}
}

TEST(msr_map_unused, "without the MSR intercept the map means nothing", NEEDS(SVM),
     LAW("APM vol. 2, MSR Intercepts"), CASES(EXISTING * 2))
{
	for (unsigned int n = 0; n < EXISTING * 2; n++) {
		bool write = n & 1;

		CASE("msr=%x,access=%s", msrs[n / 2].index, write ? "write" : "read")
		{
			begin(msrs[n / 2].index, write, 3);
			l2_pass(SVM_EXIT_MSR);
			run(write);
			EXPECT_END(*(write ? &wrmsr_ : &rdmsr_));
		}
	}
}

TEST(msr_at_cpl3, "RDMSR and WRMSR at CPL 3 are #GP in L2 before they can exit",
     LAW("APM vol. 2, MSR Intercepts; Instruction Intercepts"), NEEDS(SVM), CASES(2))
{
	for (unsigned int write = 0; write < 2; write++)
		CASE("access=%s", write ? "write" : "read")
		{
			begin(MSR_STAR, write, 3);
			l2_set_cpl(3);
			run(write);
			EXPECT_L2_EVENT(VECTOR_GP);
		}
}
