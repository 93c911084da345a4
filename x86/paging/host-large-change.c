// SPDX-License-Identifier: GPL-2.0-only
/* Memory with a large page of the host's behind it, of which the host changes a part. */
#include "x86/paging/host-large.h"

static void protect(u64 gpa)
{
	sync(PROTECT, .protect = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES });
}

static void unmap(u64 gpa)
{
	sync(UNMAP, .unmap = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES });
}

static void move_middle(u64 gpa)
{
	sync(MOVE, .move = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES, HOLE(gpa) });
}

static void move_back(u64 gpa)
{
	move_middle(gpa);
	sync(MOVE, .move = { HOLE(gpa), PAGE_BYTES, gpa + MIDDLE * PAGE_BYTES });
}

static void write_middle(u64 gpa)
{
	u64 at = gpa + MIDDLE * PAGE_BYTES + MIDDLE * 8;

	sync(WRITE_MEMORY, .write_memory = { at, *large_word(MIDDLE) });
}

static void nothing(u64 gpa)
{
	(void)gpa;
}

static void log_writes(u64 gpa)
{
	sync(READ_DIRTY_LOG, .read_dirty_log = { gpa, LARGE_BYTES });
}

static void log_and_end(u64 gpa)
{
	log_writes(gpa);
	large_read();
	sync(END_DIRTY_LOG, .end_dirty_log = { gpa, LARGE_BYTES });
}

static void save(u64 gpa)
{
	(void)gpa;
	sync(SAVE | RESTORE);
}

/* The page in the middle afterwards. */
enum middle { IS_MEMORY, IS_READ_ONLY, IS_ABSENT };

static const struct change {
	const char *name;
	void (*make)(u64 gpa);
	enum middle middle;
} changes[] = {
	{ "none", nothing, IS_MEMORY },
	{ "protect", protect, IS_READ_ONLY },
	{ "unmap", unmap, IS_ABSENT },
	{ "move-page", move_middle, IS_ABSENT },
	{ "move-page-and-back", move_back, IS_MEMORY },
	{ "move-all-and-back", large_move, IS_MEMORY },
	{ "write", write_middle, IS_MEMORY },
	{ "log", log_writes, IS_MEMORY },
	{ "log-and-end", log_and_end, IS_MEMORY },
	{ "save", save, IS_MEMORY },
};

static void expect_middle(enum middle middle, u64 old, u64 written)
{
	static const u64 absent = ~0ull;

	EXPECT_EQ(middle == IS_MEMORY	   ? written
		  : middle == IS_READ_ONLY ? old
					   : absent,
		  *large_word(MIDDLE));
}

static void one_change(u64 gpa, bool large, const struct change *c)
{
	u64 mark = gpa << 8, next = mark + LARGE_BYTES;

	large_map(gpa, large);
	large_stamp(mark);
	large_merge(gpa);
	expect_large_stamps(mark, PAGES);
	c->make(gpa);
	large_map(gpa, large);
	expect_large_stamps(mark, c->middle == IS_ABSENT ? MIDDLE : PAGES);
	large_stamp(next);
	expect_large_stamps(next, MIDDLE);
	expect_middle(c->middle, mark + MIDDLE, next + MIDDLE);
	/* Once more, for what was built since. */
	large_merge(gpa);
	expect_large_stamps(next, MIDDLE);
	expect_middle(c->middle, mark + MIDDLE, next + MIDDLE);
}

TEST(host_large_pages,
     "memory behind which the host has a large page keeps each page's contents when one is changed",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION, KVM_MEM_READONLY"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | PROTECT | UNMAP | MOVE | WRITE_MEMORY |
	     READ_DIRTY_LOG | END_DIRTY_LOG | SAVE | RESTORE),
     CASES(2 * ARRAY_SIZE(changes)), FLAGS(TEST_HAS_WINDOW))
{
	large_begin();
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(changes); i++) {
		const struct change *c = &changes[i / 2];

		CASE ("mapped=%s,change=%s", i % 2 ? "2m" : "4k", c->name)
			one_change(LARGE(i), i % 2, c);
	}
	large_end();
}

/* --- askew --- */

/* So many large pages of the host's that some of the guest's lie within them and not at their edge. */
enum { ASKEW = 4 };
#define ASKEW_HOLE (HOLE(LARGE(0)) + PAGE_BYTES)
#define INNER (ALIGN_UP(ASKEW_HOLE, LARGE_BYTES))

static volatile u64 *first_word(u64 at, unsigned int page)
{
	return (volatile u64 *)(at + page * (u64)PAGE_BYTES);
}

TEST(host_large_pages_askew,
     "memory that begins elsewhere in a large page for the host than for the guest is all there",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | MOVE), CASES(2), FLAGS(TEST_HAS_WINDOW))
{
	unsigned int outside = (INNER - ASKEW_HOLE) / PAGE_BYTES;

	large_begin();
	for (unsigned int i = outside; i < outside + PAGES; i++)
		*first_word(LARGE(0), i) = i;
	for (unsigned int i = 0; i < ASKEW; i++) {
		large_map(LARGE(i), true);
		*large_word(PAGES - 1) = *large_word(PAGES - 1); /* or there is nothing to merge */
		large_merge(LARGE(i));
	}
	sync(MOVE, .move = { LARGE(0), ASKEW * LARGE_BYTES, ASKEW_HOLE });
	for (unsigned int large = 0; large < 2; large++)
		CASE ("mapped=%s", large ? "2m" : "4k") {
			large_map(INNER, large);
			for (unsigned int i = 0; i < PAGES; i++)
				if (!EXPECT_EQ((u64)outside + i, *first_word(BASE, i)))
					break;
		}
	large_end();
}
