// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who saves a VM asks the host which MSRs there are, reads each and writes them back
 * in the VM that follows.  The list knows nothing of the VM's CPUID, so an MSR that
 * a VM's CPUID does not have must be readable all the same, and take the value that
 * was read.
 */
#include "x86/boot/x86.h"

static const struct {
	const char *name;
	u64 how;
} rows[] = {
	{ "host", 0 },
	{ "no-paravirtualization", MSRS_WITHOUT_PARAVIRTUALIZATION },
	{ "none", MSRS_WITHOUT_CPUID },
	{ "none-enforced", MSRS_WITHOUT_CPUID | MSRS_WITHOUT_PARAVIRTUALIZATION },
};

TEST(listed_msrs_can_be_saved,
     "each MSR that the host lists can be read and written back, whatever the guest's CPUID",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_MSR_INDEX_LIST"), ACTIONS(CHECK_MSR_LIST),
     CASES(ARRAY_SIZE(rows)),
     FIXES(FIX("5bb9ac186512",
	       "KVM: x86: Return \"unsupported\" instead of \"invalid\" on access to unsupported PV MSR")))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("cpuid=%s", rows[i].name) {
			const struct sync_reply *reply =
				sync_try(CHECK_MSR_LIST, .check_msr_list = { rows[i].how });
			const char *wanted = "", *refused = reply->detail;

			EXPECT_EQ(wanted, refused);
		}
}
