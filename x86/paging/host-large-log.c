// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log of memory with a large page of the host's behind it. */
#include "x86/paging/host-large.h"

/* Which 64ths one round writes: in the first of its pages, in the last, in all. */
static const struct round {
	u64 groups;
	unsigned int first, last;
} rounds[] = {
	{ 0x0000000000000001, 0, 0 }, { 0x8000000000000000, 7, 7 }, { 0, 0, 0 },
	{ 0x00f0000000000a50, 3, 3 }, { 0xffffffffffffffff, 7, 7 }, { 0x0000000000000002, 0, 7 },
};
enum { GROUP_PAGES = PAGES / 64 };

static u64 read_log(u64 gpa)
{
	return sync_value(sync(READ_DIRTY_LOG, .read_dirty_log = { gpa, LARGE_BYTES }),
			  READ_DIRTY_LOG);
}

static void write_round(const struct round *r, u64 value)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (r->groups >> i / GROUP_PAGES & 1 && i % GROUP_PAGES >= r->first &&
		    i % GROUP_PAGES <= r->last)
			*large_word(i) = value + i;
}

TEST(host_large_pages_log,
     "the dirty log of memory behind which the host has a large page holds what was written alone",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | READ_DIRTY_LOG), CASES(2 * ARRAY_SIZE(rounds)),
     FLAGS(TEST_HAS_WINDOW))
{
	large_begin();
	for (unsigned int large = 0; large < 2; large++) {
		u64 gpa = LARGE(large), mark = 0x1000;

		large_map(gpa, large);
		large_stamp(mark);
		large_move(
			gpa); /* a slot of its own: the log begins where large pages are mapped */
		large_merge(gpa);
		read_log(gpa);
		/* A page that is mapped anew may be told as written: a host may map it writable. */
		large_read();
		read_log(gpa);
		for (unsigned int i = 0; i < ARRAY_SIZE(rounds); i++)
			CASE ("mapped=%s,round=%u", large ? "2m" : "4k", i) {
				expect_large_stamps(mark, PAGES); /* by reading every page */
				write_round(&rounds[i], mark);
				EXPECT_EQ(rounds[i].groups, read_log(gpa));
				/* Whatever a log has taken away comes again. */
				write_round(&rounds[i], mark);
				EXPECT_EQ(rounds[i].groups, read_log(gpa));
				EXPECT_EQ(0, read_log(gpa));
				/* Large once more, in front of the next round. */
				large_merge(gpa);
				read_log(gpa);
			}
	}
	large_end();
}
