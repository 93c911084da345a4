// SPDX-License-Identifier: GPL-2.0-only
/*
 * CR2 belongs to #PF alone (SDM vol. 3A, 6.15, interrupt 14): other events leave
 * it as it was, and a #PF gives the address of the access, not of its page.
 */
#include "x86/paging/probe.h"

#define SENTINEL 0x0000123456789abcull

/* Something that is not a #PF; its address goes to RDI. */
static const struct quiet {
	const char *name;
	enum access_code code;
	bool user;
	u64 va; /* 0: the address under test */
	u64 wanted;
} quiets[] = {
	{ "read", CODE_READ, false, 0, VECTOR_NONE },
	{ "user-read", CODE_READ, true, 0, VECTOR_NONE },
	{ "user-write", CODE_WRITE, true, 0, VECTOR_NONE },
	{ "noncanonical-read", CODE_READ, false, BIT(63), VECTOR_GP },
	{ "noncanonical-user-read", CODE_READ, true, BIT(63), VECTOR_GP },
	{ "noncanonical-write", CODE_WRITE, false, 0x0000800000000000, VECTOR_GP },
	{ "noncanonical-call", CODE_FETCH, false, 0xffff7fffffffffff, VECTOR_GP },
};

TEST(cr2_unchanged, "CR2 keeps its value where there is no #PF",
     LAW("SDM vol. 3A, 6.15, interrupt 14"), CASES(ARRAY_SIZE(quiets)))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(quiets); i++) {
		const struct quiet *q = &quiets[i];

		CASE ("what=%s", q->name) {
			struct attempt got;

			write_cr2(SENTINEL);
			got = q->va ? probe_at(&a, q->code, q->user, q->va)
				    : probe(&a, q->code, q->user);
			EXPECT_EQ(vector_name(q->wanted), vector_name(got.vector));
			EXPECT_EQ(0, got.error_code);
			EXPECT_EQ(SENTINEL, got.cr2);
		}
	}
	arena_leave(&a);
}

/* The first byte of the access, to the last bit, at any offset in a page. */
TEST(cr2_exact, "CR2 is the address of the access with all its bits",
     LAW("SDM vol. 3A, 6.15, interrupt 14"), CASES(13 * 2))
{
	struct arena a;

	probe_begin(&a);
	*probe_entry(&a, 1) = 0;
	write_cr3(a.root);
	for (unsigned int bit = 0; bit <= 12; bit++) {
		/* 1, 2, 4, ... and 8 bytes that end with the page */
		u64 offset = bit < 12 ? BIT(bit) : 0xff8;

		for (unsigned int user = 0; user < 2; user++)
			CASE ("offset=%#x,cpl=%u", (unsigned int)offset, user ? 3 : 0) {
				struct attempt got =
					probe_at(&a, CODE_READ, user, a.place.va + offset);

				EXPECT_ACCESS(user ? PF_U : 0, got);
			}
	}
	arena_leave(&a);
}
