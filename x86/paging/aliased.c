// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two addresses, one table: entries of different rights lead to the same lower
 * table.  The rights of an access are those of its own way (SDM vol. 3A,
 * 4.6.1); a shadow MMU that finds the lower table by its address alone gives
 * one address the other's rights.
 */
#include "x86/paging/probe.h"

/* The second way: the next entry of a table, with the same content but for a right. */
static u64 *other_entry(const struct arena *a, unsigned int level)
{
	return probe_entry(a, level) + 1;
}

static u64 other_va(const struct arena *a, unsigned int level)
{
	return a->place.va + BIT(paging_shift(a->cpu.mode, level)) + ARENA_OFFSET;
}

static void check_ways(struct arena *a, unsigned int level, const struct right *right,
		       bool full_first)
{
	struct attempt got;

	probe_restore(a);
	*other_entry(a, level) = (*probe_entry(a, level) & ~right->clear) | right->set;
	write_cr3(a->root);
	for (unsigned int i = 0; i < 4; i++) {
		bool full = (i & 1) != full_first;

		if (full) {
			got = probe(a, right->code, true);
			EXPECT_ACCESS(NO_FAULT, got);
		} else {
			got = probe_at(a, right->code, true, other_va(a, level));
			EXPECT_ACCESS(right->error, got);
		}
	}
	*other_entry(a, level) = 0;
}

TEST(aliased_tables,
     "each of two addresses that share a lower table has the rights of its own upper entries",
     LAW("SDM vol. 3A, 4.6.1"), NEEDS(NX), CASES(RIGHTS * 3 * 2))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < RIGHTS; i++)
		for (unsigned int level = 2; level <= 4; level++)
			for (unsigned int first = 0; first < 2; first++)
				CASE ("entry=%s,flag=%s,first=%s", probe_level[level],
				      probe_right[i].name, first ? "full" : "less")
					check_ways(&a, level, &probe_right[i], first);
	arena_leave(&a);
}

/*
 * CVE-2021-38198: two entries of an upper table, full and lesser, lead to one
 * table, which has a lesser and a full entry itself.
 *
 *	upper[0] full   --> lower[0] lesser     first:  what the lesser permits
 *	                    lower[1] full       second: what only the full permits
 *	upper[1] lesser --> lower[0]            third:  what the lesser permits
 *	                    lower[1]            fourth: must fault
 *
 * A shadow MMU that makes its copy of lower[] for upper[0] with the rights of
 * the first access uses the copy, and the second access's entry, for upper[1].
 */
static void check_inherited(struct arena *a, unsigned int upper, const struct right *right)
{
	unsigned int lower = upper - 1;
	u64 full = *probe_entry(a, lower), va = a->place.va + ARENA_OFFSET;
	u64 by_upper = BIT(paging_shift(a->cpu.mode, upper));
	u64 by_lower = BIT(paging_shift(a->cpu.mode, lower));
	bool user = right->clear != PTE_U;
	struct attempt got;

	probe_restore(a);
	*other_entry(a, upper) = (*probe_entry(a, upper) & ~right->clear) | right->set;
	*other_entry(a, lower) = full;
	*probe_entry(a, lower) = (full & ~right->clear) | right->set;
	write_cr3(a->root);

	got = probe_at(a, CODE_READ, user, va);
	EXPECT_ACCESS(NO_FAULT, got);
	got = probe_at(a, right->code, true, va + by_lower);
	EXPECT_ACCESS(NO_FAULT, got);
	got = probe_at(a, CODE_READ, user, va + by_upper);
	EXPECT_ACCESS(NO_FAULT, got);
	got = probe_at(a, right->code, true, va + by_upper + by_lower);
	EXPECT_ACCESS(right->error, got);
	*other_entry(a, upper) = *other_entry(a, lower) = 0;
}

TEST(inherited_rights, "rights of a shared table are combined anew with each way that leads to it",
     LAW("SDM vol. 3A, 4.6.1"),
     FIXES(FIX("b1bd5cba3306", "KVM: X86: MMU: Use the correct inherited permissions to get "
			       "shadow page")),
     NEEDS(NX), CASES((RIGHTS - 1) * 2))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 1; i < RIGHTS; i++)
		for (unsigned int upper = 3; upper <= 4; upper++)
			CASE ("entry=%s,flag=%s", probe_level[upper], probe_right[i].name)
				check_inherited(&a, upper, &probe_right[i]);
	arena_leave(&a);
}

TEST(aliased_leaf, "a leaf that two tables share obeys each way's W and U, and its own",
     LAW("SDM vol. 3A, 4.6.1"), CASES(16))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int cell = 0; cell < 16; cell++) {
		u64 upper = (cell & 1 ? PTE_W : 0) | (cell & 2 ? PTE_U : 0);
		u64 leaf = (cell & 4 ? PTE_W : 0) | (cell & 8 ? PTE_U : 0);

		CASE ("pde=%s%s,pte=%s%s", cell & 1 ? "W" : "", cell & 2 ? "U" : "",
		      cell & 4 ? "W" : "", cell & 8 ? "U" : "") {
			bool user = upper & leaf & PTE_U, write = upper & leaf & PTE_W;
			struct attempt got;

			probe_restore(&a);
			*other_entry(&a, 2) = (*probe_entry(&a, 2) & ~(u64)(PTE_W | PTE_U)) | upper;
			*probe_entry(&a, 1) = (*probe_entry(&a, 1) & ~(u64)(PTE_W | PTE_U)) | leaf;
			write_cr3(a.root);
			/* By the full way first, so that the leaf is cached with more. */
			got = probe(&a, CODE_READ, leaf & PTE_U);
			EXPECT_ACCESS(NO_FAULT, got);
			got = probe_at(&a, CODE_WRITE, true, other_va(&a, 2));
			EXPECT_ACCESS(user && write ? NO_FAULT : PF_P | PF_W | PF_U, got);
			got = probe_at(&a, CODE_READ, true, other_va(&a, 2));
			EXPECT_ACCESS(user ? NO_FAULT : PF_P | PF_U, got);
			got = probe(&a, CODE_WRITE, true);
			EXPECT_ACCESS((leaf & PTE_U) && (leaf & PTE_W) ? NO_FAULT
								       : PF_P | PF_W | PF_U,
				      got);
			*other_entry(&a, 2) = 0;
		}
	}
	arena_leave(&a);
}

/*
 * A table changes while nothing that is in use leads to it, is linked in a new
 * place, and is used there.  An entry that becomes present needs no
 * invalidation (SDM vol. 3A, 4.10.4.3), so what the table says now must be seen.
 */
static void link_changed_table(struct arena *a, unsigned int level)
{
	struct attempt got;

	probe_restore(a);
	*(u64 *)(ARENA_LARGE_PAGE + ARENA_OFFSET) = ARENA_CONTENT(2);
	got = probe(a, CODE_READ, true);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	*probe_entry(a, 1) = ARENA_LARGE_PAGE | PROBE_RIGHTS;
	*other_entry(a, level) = *probe_entry(a, level);
	got = probe_at(a, CODE_READ, true, other_va(a, level));
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(ARENA_CONTENT(2), got.result);
	*other_entry(a, level) = 0;
}

TEST(link_changed_table, "a table that changed before it is linked in a new place is used as it is",
     LAW("SDM vol. 3A, 4.10.4.3"),
     FIXES(FIX("65855ed8b034", "KVM: X86: Synchronize the shadow pagetable before link it")),
     CASES(3))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int level = 2; level <= 4; level++)
		CASE ("entry=%s", probe_level[level])
			link_changed_table(&a, level);
	arena_leave(&a);
}
