// SPDX-License-Identifier: GPL-2.0-only
/*
 * PKRU holds for user-mode addresses, whoever accesses them, and for no others
 * (SDM vol. 3A, 4.6.2).  The matrix of all keys and rights is the area paging's.
 */
#include "x86/xstate/user.h"

static volatile u64 word;

static u32 read_pkru(void)
{
	u32 value;

	asm volatile("rdpkru" : "=a"(value) : "c"(0) : "rdx");
	return value;
}

static void write_pkru(u32 value)
{
	asm volatile("wrpkru" ::"a"(value), "c"(0), "d"(0));
}

TEST(pkru_by_page, "PKRU denies user-mode addresses at CPL 0 too, and no supervisor-mode address",
     LAW("SDM vol. 3A, 4.6.2"), NEEDS(PKU), CASES(4))
{
	/* AD, WD of key 0, which all of the runtime's pages have. */
	for (u32 rights = 0; rights < 4; rights++)
		CASE ("key0=%s",
		      (const char *[]){ "open", "no-access", "no-write", "closed" }[rights]) {
			volatile u64 *at = USER(&word);
			struct fault read, write;
			u64 seen;

			write_cr4(read_cr4() | CR4_PKE);
			write_pkru(rights);
			/* The stack and these variables are the supervisor's. */
			word = rights;
			seen = word;
			read = TRY("cmpq $0, (%0)", ::"r"(at));
			write = TRY("movq $7, (%0)", ::"r"(at));
			write_pkru(0);
			write_cr4(read_cr4() & ~(u64)CR4_PKE);
			EXPECT_EQ(rights, seen);
			if (!(rights & 1))
				EXPECT_NO_FAULT(read);
			else if (EXPECT_FAULT(PF, read))
				EXPECT_FLAGS(pf_error_names, PF_P | PF_PK, read.error_code);
			if (!rights)
				EXPECT_NO_FAULT(write);
			else if (EXPECT_FAULT(PF, write))
				EXPECT_FLAGS(pf_error_names, PF_P | PF_W | PF_PK, write.error_code);
		}
}

TEST(pkru_is_the_guests,
     "a PKRU that closes key 0 closes nothing to the host, and comes back as it was",
     LAW("SDM vol. 3A, 4.6.2"), NEEDS(PKU), ACTIONS(SAVE | RESTORE), CASES(2))
{
	static const u32 rights[] = { 1, 3 }; /* AD; AD and WD */

	for (unsigned int i = 0; i < ARRAY_SIZE(rights); i++)
		CASE("key0=%#x", rights[i]) {
			u32 got;

			write_cr4(read_cr4() | CR4_PKE);
			write_pkru(rights[i]);
			sync(SAVE | RESTORE);
			got = read_pkru();
			write_pkru(0);
			write_cr4(read_cr4() & ~(u64)CR4_PKE);
			EXPECT_EQ(rights[i], got);
		}
}
