// SPDX-License-Identifier: GPL-2.0-only
/*
 * TSC_OFFSET is added to what L2 reads of the time-stamp counter, by whatever
 * instruction, and to nothing that L1 reads.
 */
#include "x86/nested/svm.h"

#define FAR BIT(45)

static u64 by_rdtsc(u64 argument)
{
	(void)argument;
	return rdtsc();
}

static u64 by_rdmsr(u64 argument)
{
	(void)argument;
	return rdmsr(MSR_TSC);
}

static const struct {
	const char *name;
	u64 (*read)(u64 argument);
} readers[] = { { "rdtsc", by_rdtsc }, { "rdmsr", by_rdmsr } };

static const s64 offsets[] = { 0, (s64)FAR, -(s64)FAR };

/* Less than FAR / 4 passes meanwhile. */
static bool near(u64 wanted, u64 got)
{
	return got - wanted < FAR / 4;
}

TEST(tsc_offset, "TSC_OFFSET is added to L2's time-stamp counter and not to L1's",
     LAW("APM vol. 2, TSC Ratio MSR; appendix B, TSC_OFFSET"), NEEDS(SVM),
     CASES(ARRAY_SIZE(readers) * ARRAY_SIZE(offsets)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(readers) * ARRAY_SIZE(offsets); i++) {
		s64 offset = offsets[i / ARRAY_SIZE(readers)];

		CASE ("by=%s,offset=%lld", readers[i % ARRAY_SIZE(readers)].name,
		      (long long)offset) {
			u64 before, within, after;

			l2_begin();
			l2.vmcb->control.tsc_offset = (u64)offset;
			before = rdtsc();
			within = l2_call(readers[i % ARRAY_SIZE(readers)].read, 0);
			after = rdtsc();
			EXPECT_RETURN();
			EXPECT(near(before + (u64)offset, within));
			EXPECT(near(before, after));
		}
	}
}
