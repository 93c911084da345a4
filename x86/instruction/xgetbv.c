// SPDX-License-Identifier: GPL-2.0-only
/* XGETBV (SDM vol. 2D): XCR0 as it was set, at both ends of the privileges, and no other register. */
#include "lib/x86/xstate.h"
#include "x86/instruction/perform.h"

INSTRUCTION(xgetbv, "xgetbv");

static const u64 values[] = { XCR0_X87, XCR0_X87 | XCR0_SSE };

static void set_xcr0(u64 value)
{
	asm volatile("xsetbv" ::"c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

static void reads_xcr0(unsigned int cpl)
{
	write_cr4(read_cr4() | CR4_OSXSAVE);
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE("xcr0=%#llx", (unsigned long long)values[i]) {
			struct registers r = { .rax = ~0ull, .rdx = ~0ull, .rflags = STATUS_FLAGS };

			set_xcr0(values[i]);
			if (!EXPECT_NO_FAULT(perform(&xgetbv, cpl, &r)))
				continue;
			EXPECT_EQ(values[i], r.rax);
			EXPECT_EQ(0, r.rdx);
			EXPECT_FLAGS(rflags_names, STATUS_FLAGS, r.rflags & STATUS_FLAGS);
		}
	CASE("index=0x7fffffff") {
		struct registers r = { .rcx = 0x7fffffff };
		struct fault f = perform(&xgetbv, cpl, &r);

		EXPECT_REFUSED(GP, &xgetbv, cpl, f);
	}
	write_cr4(read_cr4() & ~(u64)CR4_OSXSAVE);
}

#define XGETBV_LAW LAW("SDM vol. 2D, XGETBV"), NEEDS(XSAVE), CASES(ARRAY_SIZE(values) + 1)

TEST(xgetbv_at_cpl0, "XGETBV gives XCR0, and #GP(0) for an unknown register, at CPL 0", XGETBV_LAW)
{
	reads_xcr0(0);
}

TEST(xgetbv_at_cpl3, "XGETBV gives XCR0, and #GP(0) for an unknown register, at CPL 3", XGETBV_LAW)
{
	reads_xcr0(3);
}
