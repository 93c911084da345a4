// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSRs that neither VMRUN nor #VMEXIT switches are one for L1 and L2: what L2 writes
 * without an exit L1 finds, and the other way round.  And the bases of the maps are
 * addresses of pages, whose low bits do not count.
 */
#include "x86/nested/svm.h"

enum { MSR_MTRR_BASE0 = 0x200, MSR_MTRR_FIX64K = 0x250 };

static const struct {
	const char *name;
	u32 index;
	u64 value;
	u64 needs;
} rows[] = {
	{ "MTRR_PHYSBASE0", MSR_MTRR_BASE0, 0x23456006, 0 },
	{ "MTRR_FIX64K", MSR_MTRR_FIX64K, 0x0606060604040404, 0 },
	{ "SYSENTER_CS", MSR_SYSENTER_CS, 0x58, SEP },
	{ "STAR", MSR_STAR, 0x0033001000000000, SYSCALL },
	{ "LSTAR", MSR_LSTAR, 0x123456789000, SYSCALL },
	{ "KERNEL_GS_BASE", MSR_KERNEL_GS_BASE, 0x234567890000, 0 },
	{ "TSC_AUX", MSR_TSC_AUX, 0x7654321, RDTSCP },
};
enum { ROWS = ARRAY_SIZE(rows) };

static u64 write_in_l2(u64 number)
{
	wrmsr(rows[number].index, rows[number].value);
	return rdmsr(rows[number].index);
}

static u64 read_in_l2(u64 number)
{
	return rdmsr(rows[number].index);
}

TEST(msrs_are_shared,
     "an MSR that VMRUN does not switch is one for L1 and L2, whether L1's map lets L2 or none "
     "asks it",
     LAW("APM vol. 2, VMRUN Instruction; MSR Intercepts"), NEEDS(SVM), CASES(ROWS * 4))
{
	for (unsigned int i = 0; i < ROWS * 4; i++) {
		unsigned int n = i / 4;
		bool mapped = i & 1, by_l2 = i & 2;

		if (!has_feature(rows[n].needs)) {
			cases_not_covered(1, "the CPU has not what %s needs", rows[n].name);
			continue;
		}
		CASE ("msr=%s,writer=L%u,intercept=%u", rows[n].name, by_l2 ? 2 : 1, mapped) {
			u64 before, got;

			l2_begin();
			before = rdmsr(rows[n].index);
			if (mapped)
				l2_intercept(SVM_EXIT_MSR);
			if (!by_l2)
				wrmsr(rows[n].index, rows[n].value);
			got = l2_call(by_l2 ? write_in_l2 : read_in_l2, n);
			if (EXPECT_RETURN()) {
				EXPECT_EQ(rows[n].value, got);
				EXPECT_EQ(rows[n].value, rdmsr(rows[n].index));
			}
			wrmsr(rows[n].index, before);
		}
	}
}

/* --- the maps' addresses --- */

#define PORT 0xe70
L2_CODE(in_port, "mov $0xe70, %edx", "in %dx, %al", "");
L2_CODE(read_star, "mov $0xc0000081, %ecx", "rdmsr", "");

TEST(map_addresses, "bits 11:0 of IOPM_BASE_PA and MSRPM_BASE_PA are ignored",
     LAW("APM vol. 2, IOIO Intercepts; MSR Intercepts"), NEEDS(SVM), CASES(8))
{
	static const u64 low[] = { 0x001, 0xfff };

	for (unsigned int i = 0; i < 8; i++) {
		bool msr = i & 1, refused = i & 2;
		const struct l2_code *code = msr ? &read_star : &in_port;

		CASE ("map=%s,low=%#llx,bit=%u", msr ? "MSRPM" : "IOPM",
		      (unsigned long long)low[i / 4], refused) {
			unsigned int bit = 0x800 * 8 + (MSR_STAR - 0xc0000000) * 2;

			l2_begin();
			if (msr) {
				l2.vmcb->control.msrpm_base_pa |= low[i / 4];
				l2_msrpm[bit / 8] |= (u8)(refused << bit % 8);
			} else {
				l2.vmcb->control.iopm_base_pa |= low[i / 4];
				l2_iopm[PORT / 8] |= (u8)(refused << PORT % 8);
			}
			l2_intercept(msr ? SVM_EXIT_MSR : SVM_EXIT_IOIO);
			l2_run_at(code->begin);
			if (refused)
				EXPECT_EXIT_AT(msr ? SVM_EXIT_MSR : SVM_EXIT_IOIO, *code);
			else
				EXPECT_END(*code);
		}
	}
}
