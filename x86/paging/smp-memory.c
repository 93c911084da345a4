// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host moves and logs guest memory while another CPU accesses it.  Memory that
 * is not touched by the host keeps all that is written; memory that moved is found
 * where it is, and no translation to where it was is left; a page that was written
 * is in the dirty log.
 */
#include "x86/paging/smp.h"

/* A guest-physical address where no host of ours has anything. */
#define HOLE 0x70000000ull
#define PAGE_VA(page) (SMP_VA + (page) * 0x1000ull)
enum { ROUNDS = 24, PAGES = 16 };

/* --- moved --- */

#define CONTENT 0x6d0fed0000000001ull
/* Pages by their place in the tables: the memory that moves, where it goes to, a neighbour. */
enum { HERE, THERE, NEIGHBOUR };

static struct mover {
	u64 here, there, neighbour;
	u64 absent; /* what is read where no memory is */
	/* 0: it is here, 2: there, 1 and 3: the host is about to move it. */
	volatile u64 epoch, stop;
	volatile u64 settled, moving;
	u64 increments;
} mover;

/* Returns CONTENT in the end, and at once what it read where that was wrong. */
static u64 user_follows(u64 argument)
{
	struct mover *m = (struct mover *)argument;

	while (!m->stop) {
		u64 epoch = m->epoch, here, there;

		smp_fence();
		here = *(volatile u64 *)m->here;
		there = *(volatile u64 *)m->there;
		++*(volatile u64 *)m->neighbour;
		m->increments++;
		smp_fence();
		if (here != CONTENT && here != m->absent)
			return here;
		if (there != CONTENT && there != m->absent)
			return there;
		if (m->epoch != epoch || epoch & 1) {
			m->moving++;
			continue;
		}
		if (here != (epoch & 2 ? m->absent : CONTENT))
			return here ^ 0x100;
		if (there != (epoch & 2 ? CONTENT : m->absent))
			return there ^ 0x200;
		m->settled++;
	}
	return CONTENT;
}

static void follow(void *argument)
{
	struct mover *m = argument;
	u64 result = 0;

	EXPECT_NO_FAULT(run_user(user_follows, (u64)USER(m), 0, &result));
	/* With 100H or 200H flipped: the old or the new place, after the move was done. */
	EXPECT_EQ(CONTENT, result);
	if (!m->stop)
		machine_leave();
}

static void move(u64 from, u64 to)
{
	sync(MOVE, .move = { .gpa = from, .length = 0x1000, .to = to });
}

TEST(smp_moved_page, "memory that the host moves is at its new place only, for every CPU, at once",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), NEEDS(APIC), CPUS(2),
     ACTIONS(MOVE), FLAGS(TEST_HAS_WINDOW))
{
	u64 random = run_request()->seed;
	struct mover *m = &mover;

	*m = (struct mover){ PAGE_VA(HERE), PAGE_VA(THERE), PAGE_VA(NEIGHBOUR), 0, 0, 0, 0, 0, 0 };
	smp_map(3);
	SMP_TABLE(1)[THERE] = HOLE | SMP_RIGHTS;
	*(volatile u64 *)SMP_PAGE(HERE) = CONTENT;
	*(volatile u64 *)SMP_PAGE(NEIGHBOUR) = 0;
	m->absent = *(volatile u64 *)PAGE_VA(THERE);
	ASSERT(m->absent != CONTENT);
	/* The first two make the page a slot of its own, for which the host stops all CPUs. */
	move(SMP_PAGE(HERE), HOLE);
	move(HOLE, SMP_PAGE(HERE));
	ASSERT(cpu_start(1, follow, m));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		cpu_wait_for(&m->settled, m->settled + 1);
		smp_dawdle(&random);
		m->epoch++;
		smp_fence();
		if (i & 1)
			move(HOLE, SMP_PAGE(HERE));
		else
			move(SMP_PAGE(HERE), HOLE);
		smp_fence();
		m->epoch = (i + 1) * 2;
		heartbeat();
	}
	cpu_wait_for(&m->settled, m->settled + 1);
	m->stop = 1;
	cpu_wait(1);
	EXPECT_EQ(m->increments, *(volatile u64 *)SMP_PAGE(NEIGHBOUR));
	window("accesses while the host moved the memory", m->moving);
}

/* --- logged --- */

static struct scribe {
	u64 va, random;
	volatile u64 stop;
	volatile u64 written; /* in all */
} scribe;

static u64 user_scribbles(u64 argument)
{
	struct scribe *s = (struct scribe *)argument;

	while (!s->stop) {
		volatile u64 *word;

		/* random_next() cannot be called from here. */
		s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
		word = (volatile u64 *)(s->va + (s->random >> 33) % PAGES * 0x1000);
		++*word;
		s->written++;
	}
	return 0;
}

static void scribble(void *argument)
{
	struct scribe *s = argument;

	EXPECT_NO_FAULT(run_user(user_scribbles, (u64)USER(s), 0, NULL));
}

static u64 read_log(void)
{
	return sync_value(sync(READ_DIRTY_LOG, .read_dirty_log = { SMP_PAGE(0), PAGES * 0x1000 }),
			  READ_DIRTY_LOG);
}

static void read_counters(u64 *counter)
{
	for (unsigned int page = 0; page < PAGES; page++)
		counter[page] = *(volatile u64 *)SMP_PAGE(page);
}

TEST(smp_dirty_log,
     "a page that a CPU writes between two readings of the dirty log is in the second",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"), NEEDS(APIC), CPUS(2),
     ACTIONS(READ_DIRTY_LOG), CASES(ROUNDS), FLAGS(TEST_HAS_WINDOW))
{
	u64 after[PAGES], before[PAGES], sum = 0, hits = 0, log;
	u64 random = run_request()->seed;

	scribe = (struct scribe){ .va = SMP_VA, .random = random };
	smp_map(PAGES);
	for (unsigned int page = 0; page < PAGES; page++)
		*(volatile u64 *)SMP_PAGE(page) = 0;
	read_log();
	ASSERT(cpu_start(1, scribble, &scribe));
	read_log();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		CASE ("round=%u", i) {
			/* What comes after this comes after the last reading of the log. */
			read_counters(after);
			/* Of two writes the second was begun after that. */
			cpu_wait_for(&scribe.written,
				     scribe.written + 2 + random_next(&random) % 8);
			read_counters(before);
			log = read_log();
			for (unsigned int page = 0; page < PAGES; page++) {
				if (before[page] == after[page])
					continue;
				hits++;
				if (!EXPECT_EQ(BIT(page), log & BIT(page)))
					note("page %u was written and is not in the log", page);
			}
		}
	}
	scribe.stop = 1;
	cpu_wait(1);
	read_counters(after);
	for (unsigned int page = 0; page < PAGES; page++)
		sum += after[page];
	EXPECT_EQ(scribe.written, sum);
	window("pages were written between two readings", hits);
}
