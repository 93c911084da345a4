// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries change under cached translations: what needs an invalidation and what
 * each invalidation must reach.  The processor may always forget more than it
 * must, so only what has to be seen is checked, never what may be kept.
 */
#include "x86/paging/probe.h"

#define LEVELS 4

static void lower(const struct arena *a, unsigned int level, const struct right *right)
{
	*probe_entry(a, level) = (*probe_entry(a, level) & ~right->clear) | right->set;
}

static void raise_again(const struct arena *a, unsigned int level, const struct right *right)
{
	*probe_entry(a, level) = (*probe_entry(a, level) | right->clear) & ~right->set;
}

/* The rights that this CPU has: the last one is NX. */
static unsigned int rights_here(const struct arena *a)
{
	if (a->cpu.nx)
		return RIGHTS;
	cases_not_covered(LEVELS, "no NX");
	return RIGHTS - 1;
}

static void for_each_right(bool mmio, void (*body)(struct arena *a, unsigned int level,
						   const struct right *right))
{
	struct arena a;

	probe_begin(&a);
	if (mmio)
		arena_use_mmio(&a);
	for (unsigned int i = 0; i < (mmio ? RIGHTS - 1 : rights_here(&a)); i++) {
		for (unsigned int level = 1; level <= LEVELS; level++) {
			CASE ("entry=%s,flag=%s", probe_level[level], probe_right[i].name) {
				probe_restore(&a);
				body(&a, level, &probe_right[i]);
			}
		}
	}
	arena_leave(&a);
}

static void lower_and_invlpg(struct arena *a, unsigned int level, const struct right *right)
{
	struct attempt got = probe(a, right->code, true);

	EXPECT_ACCESS(NO_FAULT, got);
	lower(a, level, right);
	invlpg(a->place.va + a->place.offset[1]);
	got = probe(a, right->code, true);
	EXPECT_ACCESS(right->error, got);
}

TEST(lower_invlpg, "a right that is taken away at any level is gone after INVLPG",
     LAW("SDM vol. 3A, 4.10.4.1"), CASES(RIGHTS *LEVELS))
{
	for_each_right(false, lower_and_invlpg);
}

/* KVM keeps the address and rights of its last MMIO access, to save a walk. */
TEST(lower_invlpg_mmio, "a right to an MMIO page that is taken away is gone after INVLPG",
     LAW("SDM vol. 3A, 4.10.4.1"), CASES((RIGHTS - 1) * LEVELS))
{
	for_each_right(true, lower_and_invlpg);
}

static void lower_and_load_cr3(struct arena *a, unsigned int level, const struct right *right)
{
	struct attempt got = probe(a, right->code, true);

	EXPECT_ACCESS(NO_FAULT, got);
	lower(a, level, right);
	write_cr3(a->root);
	got = probe(a, right->code, true);
	EXPECT_ACCESS(right->error, got);
}

TEST(lower_cr3, "a right that is taken away at any level is gone after MOV to CR3",
     LAW("SDM vol. 3A, 4.10.4.1"), CASES(RIGHTS *LEVELS))
{
	for_each_right(false, lower_and_load_cr3);
}

static void raise_without_flush(struct arena *a, unsigned int level, const struct right *right)
{
	struct attempt got;

	lower(a, level, right);
	write_cr3(a->root);
	got = probe(a, right->code, true);
	EXPECT_ACCESS(right->error, got);
	raise_again(a, level, right);
	got = probe(a, right->code, true);
	/* A stale entry may fault once, and that fault removes it; nothing stale is not present. */
	if (got.vector == VECTOR_PF && right->clear != PTE_P)
		got = probe(a, right->code, true);
	EXPECT_ACCESS(NO_FAULT, got);
}

TEST(raise_without_flush,
     "a right that is given without any invalidation is there after at most one fault",
     LAW("SDM vol. 3A, 4.10.4.3"), CASES(RIGHTS *LEVELS))
{
	for_each_right(false, raise_without_flush);
}

TEST(raise_without_flush_mmio,
     "a right to an MMIO page that is given without invalidation is there after one fault",
     LAW("SDM vol. 3A, 4.10.4.3"), CASES((RIGHTS - 1) * LEVELS))
{
	for_each_right(true, raise_without_flush);
}

/* Point the page under test elsewhere, and see where the access goes. */
static void remap(const struct arena *a)
{
	*(u64 *)(ARENA_LARGE_PAGE + ARENA_OFFSET) = ARENA_CONTENT(2);
	*probe_entry(a, 1) = ARENA_LARGE_PAGE | PROBE_RIGHTS | (*probe_entry(a, 1) & PTE_G);
}

static void expect_remapped(const struct arena *a)
{
	struct attempt got = probe(a, CODE_READ, true);

	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(ARENA_CONTENT(2), got.result);
}

static void flush_by_invlpg(const struct arena *a)
{
	invlpg(a->place.va + ARENA_OFFSET);
}

static void flush_by_cr4_pge(const struct arena *a)
{
	(void)a;
	write_cr4(read_cr4() & ~(u64)CR4_PGE);
	write_cr4(read_cr4() | CR4_PGE);
}

static const struct {
	const char *name;
	void (*flush)(const struct arena *a);
} global_flushes[] = {
	{ "INVLPG", flush_by_invlpg },
	{ "CR4.PGE", flush_by_cr4_pge },
};

TEST(global_flush, "INVLPG and a change of CR4.PGE remove global translations",
     LAW("SDM vol. 3A, 4.10.4.1 and 4.10.2.4"), NEEDS(PGE), CASES(ARRAY_SIZE(global_flushes)))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(global_flushes); i++) {
		CASE ("by=%s", global_flushes[i].name) {
			struct attempt got;

			probe_restore(&a);
			write_cr4(read_cr4() | CR4_PGE);
			*probe_entry(&a, 1) |= PTE_G;
			flush_by_invlpg(&a);
			got = probe(&a, CODE_READ, true);
			EXPECT_EQ(ARENA_CONTENT(1), got.result);
			remap(&a);
			global_flushes[i].flush(&a);
			expect_remapped(&a);
			flush_by_invlpg(&a);
			write_cr4(read_cr4() & ~(u64)CR4_PGE);
		}
	}
	arena_leave(&a);
}
