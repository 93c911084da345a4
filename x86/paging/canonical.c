// SPDX-License-Identifier: GPL-2.0-only
/*
 * Non-canonical addresses (SDM vol. 1, 3.3.7.1): #GP(0), or #SS(0) where the
 * stack segment is used, never #PF; so also where only some bytes are.
 */
#include "x86/paging/attempt.h"

static const struct {
	const char *name;
	const u8 *code;
	u64 vector;
} hows[] = {
	{ "read", access_read, VECTOR_GP },	{ "write", access_write, VECTOR_GP },
	{ "locked", access_locked, VECTOR_GP }, { "call", access_fetch, VECTOR_GP },
	{ "stack", access_stack, VECTOR_SS },
};

static const u64 addresses[] = {
	0x0000800000000000, 0xffff7ffffffffff8, 0x8000000000000000,
	0x7fffffffffffffff, 0xfffe800000000000, 0x0001000000000000,
};

TEST(noncanonical, "a non-canonical address is #GP(0), or #SS(0) by the stack segment, not #PF",
     LAW("SDM vol. 1, 3.3.7.1"), CASES(ARRAY_SIZE(addresses) * ARRAY_SIZE(hows)))
{
	attempt_prepare();
	for (unsigned int i = 0; i < ARRAY_SIZE(addresses); i++) {
		for (unsigned int how = 0; how < ARRAY_SIZE(hows); how++) {
			CASE ("va=%#llx,access=%s", (unsigned long long)addresses[i],
			      hows[how].name) {
				struct attempt got = {
					.code = (u64)hows[how].code,
					.va = addresses[i],
					.rflags = RFLAGS_FIXED,
				};

				attempt_enter_saving(&got);
				EXPECT_EQ(vector_name(hows[how].vector), vector_name(got.vector));
				EXPECT_EQ(0, got.error_code);
			}
		}
	}
}
