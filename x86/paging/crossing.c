// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses across the end of a page.  The faulting page is the one without the
 * right: CR2 is the access's first byte or the second page's first.
 */
#include "x86/paging/probe.h"

/* How many of 8 bytes lie in the first page. */
static const unsigned int splits[] = { 1, 4, 7 };

enum denied { FIRST_PAGE, SECOND_PAGE, BOTH_PAGES, DENIED_COUNT };
static const char *const denied_name[] = { "first", "second", "both" };

static void deny(const struct arena *a, enum denied denied, const struct right *right)
{
	if (denied != SECOND_PAGE)
		*(u64 *)a->leaf_before = (*(u64 *)a->leaf_before & ~right->clear) | right->set;
	if (denied != FIRST_PAGE)
		*probe_entry(a, 1) = (*probe_entry(a, 1) & ~right->clear) | right->set;
	write_cr3(a->root);
}

static void check_crossing(struct arena *a, enum denied denied, const struct right *right,
			   unsigned int split)
{
	u64 first = a->place.va - split, second = a->place.va;
	struct attempt got;

	probe_restore(a);
	deny(a, denied, right);
	got = probe_at(a, right->code, true, first);
	EXPECT_EQ("#PF", vector_name(got.vector));
	EXPECT_FLAGS(pf_error_names, right->error, got.error_code);
	/* Where both are denied the manual does not say which is looked at first. */
	if (denied == BOTH_PAGES)
		EXPECT(got.cr2 == first || got.cr2 == second);
	else
		EXPECT_EQ(denied == FIRST_PAGE ? first : second, got.cr2);
}

/* P, W and U: the first three rights.  Fetches that cross are in the matrix. */
#define DATA_RIGHTS 3

TEST(crossing, "of an access across two pages the one without the right is reported",
     LAW("SDM vol. 3A, 4.7 and 6.15, interrupt 14"),
     CASES(ARRAY_SIZE(splits) * DENIED_COUNT * DATA_RIGHTS))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(splits); i++)
		for (unsigned int denied = 0; denied < DENIED_COUNT; denied++)
			for (unsigned int right = 0; right < DATA_RIGHTS; right++)
				CASE ("before=%u,denied=%s,flag=%s", splits[i], denied_name[denied],
				      probe_right[right].name)
					check_crossing(&a, denied, &probe_right[right], splits[i]);
	arena_leave(&a);
}

/* A fault leaves the machine as it was before the instruction: no byte may be written. */
TEST(crossing_writes_all_or_nothing, "a write across two pages that faults writes nothing",
     LAW("SDM vol. 3A, 6.5"), CASES(ARRAY_SIZE(splits) * 2 * 2))
{
	volatile u64 *last = (u64 *)(ARENA_PAGE_BEFORE + 0xff8);
	volatile u64 *page = (u64 *)ARENA_PAGE;
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(splits); i++) {
		for (unsigned int cell = 0; cell < 4; cell++) {
			bool user = cell & 1;
			enum denied denied = cell >> 1;

			CASE ("before=%u,denied=%s,cpl=%u", splits[i], denied_name[denied],
			      user ? 3 : 0) {
				struct attempt got;

				probe_restore(&a);
				deny(&a, denied, &probe_right[1]);
				*last = *page = 0x5a5a5a5a5a5a5a5a;
				got = probe_at(&a, CODE_WRITE, user, a.place.va - splits[i]);
				EXPECT_EQ("#PF", vector_name(got.vector));
				EXPECT_EQ(0x5a5a5a5a5a5a5a5a, *last);
				EXPECT_EQ(0x5a5a5a5a5a5a5a5a, *page);
			}
		}
	}
	arena_leave(&a);
}

/*
 * The local APIC's page beside one of memory: what a host completes in two
 * pieces must come together in their order.  Of the APIC only the reserved
 * words at its page's ends are touched; what they read as is nobody's law.
 */
TEST(crossing_into_mmio,
     "a read that crosses from memory to MMIO or back takes memory's bytes from memory",
     LAW("SDM vol. 1, 4.1.1"), CASES(2))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int first = 0; first < 2; first++)
		CASE ("mmio=%s", first ? "first" : "second") {
			struct attempt got;

			probe_restore(&a);
			*(u64 *)(ARENA_PAGE_BEFORE + 0xff8) = 0x1234567800000000;
			*(u64 *)ARENA_PAGE = 0x12345678;
			*(u64 *)(first ? a.leaf_before : probe_entry(&a, 1)) =
				APIC_BASE_ADDRESS | PROBE_RIGHTS | PTE_PCD;
			write_cr3(a.root);
			got = probe_at(&a, CODE_READ, false, a.place.va - 4);
			EXPECT_EQ("none", vector_name(got.vector));
			EXPECT_EQ(0x12345678, first ? got.result >> 32 : (u32)got.result);
		}
	arena_leave(&a);
}
