// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory as the host changes it under the guest: write-protected, taken
 * away, moved, watched for writes.
 */
#include "x86/boot/x86.h"

enum { PAGES = 16, PAGE_BYTES = 4096 };

static volatile u64 *page(unsigned int n)
{
	return (volatile u64 *)(TEST_MEMORY + (u64)n * PAGE_BYTES);
}

static void mark_pages(u64 mark)
{
	for (unsigned int n = 0; n < PAGES; n++)
		*page(n) = mark + n;
}

TEST(unmapped_memory_is_not_there,
     "memory that the host took away reads as ones and keeps nothing; its neighbours are untouched",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), ACTIONS(UNMAP))
{
	mark_pages(0x100);
	sync(UNMAP, .unmap = { (u64)page(3), 2 * PAGE_BYTES });
	*page(3) = 7;
	EXPECT_EQ(0x102, *page(2));
	EXPECT_EQ(~0ull, *page(3));
	EXPECT_EQ(~0ull, *page(4));
	EXPECT_EQ(0x105, *page(5));
}

TEST(protected_memory_keeps_its_contents,
     "memory that the host made read-only reads as before and ignores writes",
     LAW("Documentation/virt/kvm/api.rst, KVM_MEM_READONLY"), ACTIONS(PROTECT))
{
	mark_pages(0x200);
	sync(PROTECT, .protect = { (u64)page(3), PAGE_BYTES });
	*page(3) = 7;
	*page(4) = 8;
	EXPECT_EQ(0x203, *page(3));
	EXPECT_EQ(8, *page(4));
}

TEST(moved_memory_brings_its_contents,
     "memory that the host moved is at the new address, with its contents, and not at the old one",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), ACTIONS(MOVE))
{
	volatile u64 *moved = (volatile u64 *)(1ull << 30);

	mark_pages(0x300);
	EXPECT_EQ(0x303, *page(3)); /* a translation to be forgotten */
	sync(MOVE, .move = { (u64)page(3), PAGE_BYTES, (u64)moved });
	EXPECT_EQ(0x303, *moved);
	EXPECT_EQ(~0ull, *page(3));
	EXPECT_EQ(0x302, *page(2));
	*moved = 9;
	EXPECT_EQ(9, *moved);
}

enum { TRIES = 4 };

/* Which pages one round writes. */
static const u64 written[] = { 0x0001, 0x8000, 0xffff, 0x5a5a, 0x0000, 0x0180 };

/* Reads every page, which is no writing, then writes those of a round. */
static void touch(u64 pages, u64 value)
{
	u64 sum = 0;

	for (unsigned int n = 0; n < PAGES; n++) {
		sum += *page(n);
		if (pages & BIT(n))
			*page(n) = value;
	}
	asm volatile("" ::"r"(sum));
}

static u64 read_dirty_log(void)
{
	return sync_value(sync(READ_DIRTY_LOG,
			       .read_dirty_log = { (u64)page(0), PAGES * PAGE_BYTES }),
			  READ_DIRTY_LOG);
}

/*
 * A page that the host has to map anew may be reported though it was only read:
 * KVM logs it when it makes the writable mapping.  That may happen at any time,
 * but not every time.
 */
TEST(dirty_log_is_exact, "the dirty log names exactly the pages written since the last reading",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"), ACTIONS(READ_DIRTY_LOG),
     CASES(ARRAY_SIZE(written)))
{
	mark_pages(0x400);
	read_dirty_log();
	read_dirty_log();
	for (unsigned int i = 0; i < ARRAY_SIZE(written); i++)
		CASE("written=%#llx", (unsigned long long)written[i]) {
			u64 log = 0, always = ~0ull;

			for (unsigned int try = 0; try < TRIES && always != written[i]; try++) {
				touch(written[i], i + TRIES * try);
				log = read_dirty_log();
				EXPECT_EQ(written[i], log & written[i]);
				always &= log;
			}
			EXPECT_EQ(written[i], always);
		}
}
