// SPDX-License-Identifier: GPL-2.0-only
/*
 * EXITCODE has 64 bits, and a #VMEXIT writes all of them: what lay there before is
 * gone, and INVALID is -1.
 */
#include "x86/nested/svm.h"

L2_CODE(end_only, "", "", "");
L2_CODE(halt, "", "hlt", "");
L2_CODE(read_cpuid, "", "cpuid", "");
L2_CODE(undefined, "", "ud2", "");
L2_CODE(get_cr0, "", "mov %cr0, %rax", "");

static const struct {
	const char *name;
	u64 code;
	const struct l2_code *where;
} rows[] = {
	{ "VMMCALL", SVM_EXIT_VMMCALL, &end_only },
	{ "HLT", SVM_EXIT_HLT, &halt },
	{ "CPUID", SVM_EXIT_CPUID, &read_cpuid },
	{ "UD", SVM_EXIT_EXCEPTION + VECTOR_UD, &undefined },
	{ "CR0_READ", SVM_EXIT_CR0_READ, &get_cr0 },
	{ "SHUTDOWN", SVM_EXIT_SHUTDOWN, &undefined },
	{ "INVALID", SVM_EXIT_INVALID, &end_only },
};

#define STALE 0xa5a5a5a5a5a5a5a5ull

TEST(exit_code_is_64_bits, "a #VMEXIT writes all 64 bits of EXITCODE, and INVALID is -1",
     LAW("APM vol. 2, appendix B, VMCB Control Area; appendix C"), NEEDS(SVM),
     FIXES(FIX("f402ecd7a8b6", "KVM: nSVM: Set exit_code_hi to -1 when synthesizing SVM_EXIT_ERR")
	   FIX("da01f64e7470", "KVM: nSVM: Clear exit_code_hi in VMCB when synthesizing nested VM-Exits")),
     CASES(ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("exit=%s", rows[i].name)
		{
			l2_begin();
			l2.stale_exitcode = STALE;
			if (rows[i].code == SVM_EXIT_INVALID)
				l2.vmcb->control.guest_asid = 0;
			else
				l2_intercept((unsigned int)rows[i].code);
			/* No event can be delivered: the first is a triple fault. */
			if (rows[i].code == SVM_EXIT_SHUTDOWN)
				l2.vmcb->save.idtr.limit = 0;
			l2_run_at(rows[i].where->begin);
			EXPECT_EQ(rows[i].code, l2.vmcb->control.exitcode);
		}
}
