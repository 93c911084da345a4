// SPDX-License-Identifier: GPL-2.0-only
/*
 * An entry of any level changes from one table to another while another CPU walks
 * through it: each access goes by the old tables or by the new ones, never by a
 * mixture, and after a shootdown by the new ones.  All entries that no right walk
 * uses lead to a page of their own, so that a wrong one is seen.
 */
#include "x86/paging/probe.h"
#include "x86/paging/smp.h"

enum { ROUNDS = 24, OLD = 0, NEW = 1, WRONG = 2 };
#define CONTENT(page) (0x7ab1e50000000000ull + (page))

static struct reader {
	u64 va;
	volatile u64 epoch, stop; /* even: settled, by tables number epoch / 2 modulo 2 */
	volatile u64 settled, changing;
} reader;

/* Returns CONTENT(OLD) in the end, and at once what it read where that was wrong. */
static u64 user_reads(u64 argument)
{
	struct reader *r = (struct reader *)argument;

	while (!r->stop) {
		u64 epoch = r->epoch, got;

		smp_fence();
		got = *(volatile u64 *)r->va;
		smp_fence();
		if (got - CONTENT(OLD) > NEW - OLD)
			return got;
		if (r->epoch != epoch || epoch & 1) {
			r->changing++;
			continue;
		}
		if (got != CONTENT(epoch >> 1 & 1))
			return got + 0x100;
		r->settled++;
	}
	return CONTENT(OLD);
}

static void read_on(void *argument)
{
	struct reader *r = argument;
	u64 result = 0;

	EXPECT_NO_FAULT(run_user(user_reads, (u64)USER(r), RFLAGS_IF, &result));
	/* A content that is one of neither; with 100H more: one that is of the past. */
	EXPECT_EQ(CONTENT(OLD), result);
	if (!r->stop)
		machine_leave();
}

/*
 * Tables of two kinds, 0 and 1; table(kind, level) is that of a level, and all but
 * the entries for SMP_VA lead by a chain of their own to the wrong page.
 */
static u64 *table(unsigned int kind, unsigned int level)
{
	return SMP_TABLE(4 + kind * 4 + level);
}

static void fill_tables(void)
{
	for (unsigned int kind = OLD; kind <= WRONG; kind++) {
		for (unsigned int level = 1; level < SMP_LEVELS; level++) {
			u64 wrong = level > 1 ? (u64)table(WRONG, level - 1) : SMP_PAGE(WRONG);
			u64 right = level > 1 ? (u64)table(kind, level - 1) : SMP_PAGE(kind);

			for (unsigned int i = 0; i < 512; i++)
				table(kind, level)[i] = wrong | SMP_RIGHTS;
			table(kind, level)[0] = right | SMP_RIGHTS;
		}
		*(u64 *)SMP_PAGE(kind) = CONTENT(kind);
	}
	*smp_entry(SMP_LEVELS) = (u64)table(OLD, SMP_LEVELS - 1) | SMP_RIGHTS;
	write_cr3(read_cr3());
}

/* Above the level that changes there is one chain, that of the old tables. */
static void change(unsigned int level, unsigned int kind)
{
	u64 *entry = level == SMP_LEVELS ? smp_entry(level) : table(OLD, level);
	u64 to = level > 1 ? (u64)table(kind, level - 1) : SMP_PAGE(kind);

	*(volatile u64 *)entry = to | SMP_RIGHTS;
}

static void one_case(unsigned int level, u64 *random, u64 *hits)
{
	struct reader *r = &reader;

	*r = (struct reader){ .va = SMP_VA };
	fill_tables();
	smp_listen();
	ASSERT(cpu_start(1, read_on, r));
	for (unsigned int i = 1; i <= ROUNDS; i++) {
		u64 before = r->settled;

		cpu_wait_for(&r->settled, before + 1);
		smp_dawdle(random);
		r->epoch++;
		smp_fence();
		change(level, i & 1);
		smp_dawdle(random);
		smp_shootdown();
		r->epoch++;
		heartbeat();
	}
	cpu_wait_for(&r->settled, r->settled + 1);
	r->stop = 1;
	cpu_wait(1);
	*hits += r->changing;
}

TEST(smp_table_switch,
     "a walk beside a change of an entry goes by the old tables or the new ones, never by others",
     LAW("SDM vol. 3A, Propagation of Paging-Structure Changes to Multiple Processors"),
     NEEDS(APIC), CPUS(2), CASES(SMP_LEVELS), FLAGS(TEST_HAS_WINDOW))
{
	u64 random = run_request()->seed, hits = 0;

	for (unsigned int level = 1; level <= SMP_LEVELS; level++)
		CASE ("entry=%s", probe_level[level])
			one_case(level, &random, &hits);
	window("an access during a change", hits);
}
