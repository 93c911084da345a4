// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host changes memory under a guest that walks: slots are logged, moved,
 * taken away, made read-only.  What the manual says of paging must hold all the
 * same, and where memory is missing the guest must get an event and go on.
 */
#include "x86/paging/probe.h"

/* Guest-physical addresses where no host of ours has anything. */
#define HOLE 0x70000000ull
#define LEVELS 4

/* The table that holds the entry of a level. */
static u64 table_of(const struct arena *a, unsigned int level)
{
	return a->place.table[level];
}

static void clear_flag(const struct arena *a, unsigned int level, u64 flag)
{
	*probe_entry(a, level) &= ~flag;
	write_cr3(a->root);
}

/* A flag of an entry that a walk sets, and the access that makes it do so. */
static const struct mark {
	unsigned int level;
	u64 flag;
	const char *name;
	enum access_code code;
} marks[] = {
	{ 1, PTE_D, "D", CODE_WRITE }, { 1, PTE_A, "A", CODE_READ }, { 2, PTE_A, "A", CODE_READ },
	{ 3, PTE_A, "A", CODE_READ },  { 4, PTE_A, "A", CODE_READ },
};

static u64 read_log(u64 gpa, u64 length)
{
	return sync_value(sync(READ_DIRTY_LOG, .read_dirty_log = { .gpa = gpa, .length = length }),
			  READ_DIRTY_LOG);
}

TEST(dirty_log_sees_walks, "a page whose entry gets A or D from a walk is in the dirty log",
     LAW("SDM vol. 3A, 4.8; Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"),
     ACTIONS(READ_DIRTY_LOG), CASES(ARRAY_SIZE(marks) * 2))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(marks) * 2; i++) {
		const struct mark *m = &marks[i / 2];
		bool user = i & 1;

		CASE ("entry=%s,flag=%s,cpl=%u", probe_level[m->level], m->name, user ? 3 : 0) {
			u64 table = table_of(&a, m->level);
			struct attempt got;

			probe_restore(&a);
			clear_flag(&a, m->level, m->flag);
			read_log(table, 0x1000);
			read_log(table, 0x1000); /* what we wrote ourselves */
			got = probe(&a, m->code, user);
			EXPECT_ACCESS(NO_FAULT, got);
			EXPECT_EQ(m->flag, *probe_entry(&a, m->level) & m->flag);
			EXPECT_EQ(1, read_log(table, 0x1000));
		}
	}
	arena_leave(&a);
}

/* A 2-MByte page of the guest, of which the host logs the first 64 pages of 4 KBytes. */
TEST(dirty_log_splits_large_page, "a write through a 2-MByte page is logged for its 4-KByte page",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"), ACTIONS(READ_DIRTY_LOG), CASES(14))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int page = 0; page < 64; page = page * 2 + 1) {
		for (unsigned int user = 0; user < 2; user++) {
			CASE ("page=%u,cpl=%u", page, user ? 3 : 0) {
				u64 va = a.place.va + page * 0x1000;
				struct attempt got;

				probe_restore(&a);
				*probe_entry(&a, 2) = ARENA_LARGE_PAGE | PROBE_RIGHTS | PTE_PS;
				write_cr3(a.root);
				/* The translation is there, writable, before the log begins. */
				got = probe_at(&a, CODE_WRITE, user, va);
				EXPECT_ACCESS(NO_FAULT, got);
				read_log(ARENA_LARGE_PAGE, 64 * 0x1000);
				read_log(ARENA_LARGE_PAGE, 64 * 0x1000);
				got = probe_at(&a, CODE_WRITE, user, va);
				EXPECT_ACCESS(NO_FAULT, got);
				EXPECT_EQ(BIT(page), read_log(ARENA_LARGE_PAGE, 64 * 0x1000));
			}
		}
	}
	arena_leave(&a);
}

TEST(moved_page, "a page that the host moved is found at its new address and not at the old one",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), ACTIONS(MOVE))
{
	struct attempt got;
	struct arena a;

	probe_begin(&a);
	got = probe(&a, CODE_READ, true);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	sync(MOVE, .move = { .gpa = ARENA_PAGE, .length = 0x1000, .to = HOLE });
	got = probe(&a, CODE_READ, true);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT(got.result != ARENA_CONTENT(1));
	*probe_entry(&a, 1) = HOLE | PROBE_RIGHTS;
	invlpg(a.place.va + ARENA_OFFSET);
	got = probe(&a, CODE_READ, true);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	arena_leave(&a);
}

TEST(moved_table, "a page table that the host moved is walked at its new address",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), ACTIONS(MOVE))
{
	volatile u64 *moved;
	struct attempt got;
	struct arena a;

	probe_begin(&a);
	moved = (u64 *)(HOLE + ((u64)probe_entry(&a, 1) & 0xfff));
	clear_flag(&a, 1, PTE_A);
	got = probe(&a, CODE_READ, true);
	EXPECT_ACCESS(NO_FAULT, got);
	sync(MOVE, .move = { .gpa = table_of(&a, 1), .length = 0x1000, .to = HOLE });
	*moved &= ~(u64)PTE_A;
	*probe_entry(&a, 2) = HOLE | PROBE_RIGHTS;
	write_cr3(a.root);
	got = probe(&a, CODE_READ, true);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	EXPECT_EQ(PTE_A, *moved & PTE_A);
	arena_leave(&a);
}

/* What an absent memory reads as is the platform's matter: all ones or all zeros fault alike. */
TEST(tables_in_a_hole,
     "a walk through tables where no memory is ends in #PF, and the guest goes on",
     LAW("SDM vol. 3A, 4.7"), CASES(3 * 2))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int level = 2; level <= LEVELS; level++) {
		for (unsigned int user = 0; user < 2; user++) {
			CASE ("entry=%s,cpl=%u", probe_level[level], user ? 3 : 0) {
				struct attempt got;

				probe_restore(&a);
				*probe_entry(&a, level) = HOLE | PROBE_RIGHTS;
				write_cr3(a.root);
				got = probe(&a, CODE_READ, user);
				EXPECT_EQ("#PF", vector_name(got.vector));
				EXPECT_EQ(got.va, got.cr2);
				EXPECT_FLAGS(pf_error_names, user ? PF_U : 0,
					     got.error_code & ~(u64)(PF_P | PF_RSVD));
				probe_restore(&a);
				got = probe(&a, CODE_READ, user);
				EXPECT_ACCESS(NO_FAULT, got);
			}
		}
	}
	arena_leave(&a);
}

/*
 * Writes to read-only memory are dropped, those of the walk too.  Not so at the
 * root: through it goes every instruction's walk, and where the hardware walks
 * nested tables each of them counts as a write (APM vol. 2, 15.25.6), so that a
 * host would have to execute the whole guest by software.
 */
static const struct mark *const marks_end = &marks[ARRAY_SIZE(marks) - 1];

static void check_read_only(struct arena *a, const struct mark *m, bool user)
{
	struct attempt got = {
		.code = (u64)a->code[m->code] + (user ? a->user_alias : 0),
		.va = a->place.va + ARENA_OFFSET,
		.operand = ARENA_CONTENT(1),
		.rflags = RFLAGS_FIXED,
		.user = user,
	};

	write_cr3(a->root);
	attempt_bounded(&got);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(0, *probe_entry(a, m->level) & m->flag);
}

TEST(tables_read_only, "a walk whose A and D cannot be written translates all the same",
     LAW("SDM vol. 3A, 4.8; Documentation/virt/kvm/api.rst, KVM_MEM_READONLY"), ACTIONS(PROTECT),
     FIXES(FIX("989a84c93f59", "KVM: x86/mmu: Trigger unprotect logic only on write-protection "
			       "page faults")),
     CASES((ARRAY_SIZE(marks) - 1) * 2))
{
	struct arena a;

	probe_begin(&a);
	for (const struct mark *m = marks; m < marks_end; m++) {
		/* A table that was read-only in a case before cannot be written any more. */
		bool written = false;

		for (unsigned int user = 0; user < 2; user++) {
			CASE ("entry=%s,flag=%s,cpl=%u", probe_level[m->level], m->name,
			      user ? 3 : 0) {
				if (!written) {
					clear_flag(&a, m->level, PTE_A | m->flag);
					sync(PROTECT, .protect = { .gpa = table_of(&a, m->level),
								   .length = 0x1000 });
				}
				written = true;
				check_read_only(&a, m, user);
			}
		}
	}
	arena_leave(&a);
}

TEST(page_unmapped, "rights are checked before it matters that there is no memory",
     LAW("SDM vol. 3A, 4.6"), ACTIONS(UNMAP), CASES(RIGHTS - 1))
{
	struct arena a;

	probe_begin(&a);
	sync(UNMAP, .unmap = { .gpa = ARENA_PAGE, .length = 0x1000 });
	for (unsigned int i = 0; i < RIGHTS - 1; i++) {
		const struct right *right = &probe_right[i];

		CASE ("flag=%s", right->name) {
			struct attempt got;

			probe_restore(&a);
			clear_flag(&a, 1, PTE_A);
			got = probe(&a, right->code, true);
			EXPECT_ACCESS(NO_FAULT, got);
			EXPECT(got.result != ARENA_CONTENT(1));
			EXPECT_EQ(PTE_A, *probe_entry(&a, 1) & PTE_A);
			*probe_entry(&a, 1) &= ~right->clear;
			invlpg(a.place.va + ARENA_OFFSET);
			got = probe(&a, right->code, true);
			EXPECT_ACCESS(right->error, got);
		}
	}
	arena_leave(&a);
}

TEST(page_read_only, "a write to read-only memory that the tables permit is no #PF and sets D",
     LAW("SDM vol. 3A, 4.6 and 4.8; Documentation/virt/kvm/api.rst, KVM_MEM_READONLY"),
     ACTIONS(PROTECT), CASES(2))
{
	struct arena a;

	probe_begin(&a);
	*(u64 *)(ARENA_PAGE + ARENA_OFFSET) = ARENA_CONTENT(2);
	sync(PROTECT, .protect = { .gpa = ARENA_PAGE, .length = 0x1000 });
	for (unsigned int user = 0; user < 2; user++) {
		CASE ("cpl=%u", user ? 3 : 0) {
			struct attempt got;

			clear_flag(&a, 1, PTE_D);
			got = probe(&a, CODE_WRITE, user);
			EXPECT_ACCESS(NO_FAULT, got);
			EXPECT_EQ(PTE_D, *probe_entry(&a, 1) & PTE_D);
			EXPECT_EQ(ARENA_CONTENT(2), *(volatile u64 *)(ARENA_PAGE + ARENA_OFFSET));
		}
	}
	arena_leave(&a);
}
