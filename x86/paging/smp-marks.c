// SPDX-License-Identifier: GPL-2.0-only
/*
 * A and D while two CPUs use the same entries: the processor sets them by locked
 * updates of what the entry is at that moment (SDM vol. 3A, Accessed and Dirty
 * Flags), so that none is lost and none comes back in an entry that was replaced.
 */
#include "x86/paging/smp.h"

enum { PAGES = 64, ROUNDS = 16, REPLACEMENTS = 100 };

/* --- both set marks --- */

/* What each CPU does to which page: bits of a random word, so that both meet at many. */
static struct marks {
	volatile u64 go, done, stop;
	u64 reads, writes; /* bit i: page i */
	bool down; /* from the last page to the first */
} marks[2];

static u64 user_marks(u64 argument)
{
	struct marks *m = (struct marks *)argument;

	for (unsigned int i = 0; i < PAGES; i++) {
		unsigned int page = m->down ? PAGES - 1 - i : i;
		volatile u64 *word = (volatile u64 *)(SMP_VA + page * 0x1000ull);

		if (m->reads >> page & 1)
			(void)*word;
		if (m->writes >> page & 1)
			word[m->down] = page;
	}
	return 0;
}

static void set_marks(struct marks *m)
{
	write_cr3(read_cr3());
	EXPECT_NO_FAULT(run_user(user_marks, (u64)USER(m), 0, NULL));
}

static void marker(void *argument)
{
	struct marks *m = argument;

	for (u64 turn = 1; !m->stop; turn++) {
		while (m->go < turn && !m->stop)
			cpu_relax();
		if (m->stop)
			break;
		set_marks(m);
		smp_fence();
		m->done = turn;
	}
}

static void clear_marks(void)
{
	for (unsigned int page = 0; page < PAGES; page++)
		SMP_TABLE(1)[page] = SMP_PAGE(page) | PTE_P | PTE_W | PTE_U;
	for (unsigned int level = 2; level <= SMP_LEVELS; level++)
		*smp_entry(level) &= ~(u64)PTE_A;
}

static void check_marks(u64 reads, u64 writes)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		u64 wanted = SMP_PAGE(page) | PTE_P | PTE_W | PTE_U;

		if ((reads | writes) >> page & 1)
			wanted |= PTE_A;
		if (writes >> page & 1)
			wanted |= PTE_D;
		/* A may come without an access: translations may be made ahead of one. */
		else if (!((reads | writes) >> page & 1))
			wanted |= SMP_TABLE(1)[page] & PTE_A;
		if (!EXPECT_EQ(wanted, SMP_TABLE(1)[page]))
			note("that was page %u", page);
	}
	for (unsigned int level = 2; level <= SMP_LEVELS; level++)
		EXPECT_EQ(PTE_A, *smp_entry(level) & PTE_A);
}

TEST(smp_marks, "A and D that two CPUs set in the same tables at once are all there afterwards",
     LAW("SDM vol. 3A, Accessed and Dirty Flags; APM vol. 2, Accessed and Dirty Bits"), CPUS(2),
     NEEDS(APIC), CASES(ROUNDS))
{
	u64 random = run_request()->seed;

	memset(marks, 0, sizeof(marks));
	smp_map(PAGES);
	ASSERT(cpu_start(1, marker, &marks[1]));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		CASE ("round=%u", i) {
			for (unsigned int cpu = 0; cpu < 2; cpu++) {
				marks[cpu].reads = random_next(&random);
				marks[cpu].writes = random_next(&random) & random_next(&random);
			}
			marks[1].down = random_next(&random) & 1;
			clear_marks();
			smp_fence();
			marks[1].go++;
			set_marks(&marks[0]);
			cpu_wait_for(&marks[1].done, marks[1].go);
			check_marks(marks[0].reads | marks[1].reads,
				    marks[0].writes | marks[1].writes);
		}
	}
	marks[1].stop = 1;
	cpu_wait(1);
}

/* --- one replaces what the other marks --- */

static struct writer {
	volatile u64 stop, writes;
} writer;

static u64 user_writes(u64 argument)
{
	struct writer *w = (struct writer *)argument;

	while (!w->stop) {
		*(volatile u64 *)SMP_VA = w->writes + 1;
		w->writes++;
	}
	return 0;
}

static void write_on(void *argument)
{
	struct writer *w = argument;

	while (!w->stop) {
		struct fault f = run_user(user_writes, (u64)USER(w), RFLAGS_IF, NULL);

		if (f.vector != VECTOR_NONE) {
			EXPECT_FAULT(PF, f);
			EXPECT_FLAGS(pf_error_names, PF_W | PF_U, f.error_code);
			EXPECT_EQ(SMP_VA, f.cr2);
		}
		smp_take_interrupts();
	}
}

/* The entry was there, and is taken: what was written through it must be in its D. */
static u64 take_away(volatile u64 *entry)
{
	return __atomic_exchange_n(entry, 0, __ATOMIC_SEQ_CST);
}

static bool replace_once(u64 *random)
{
	volatile u64 *entry = smp_entry(1), *word = (volatile u64 *)SMP_PAGE(0);
	u64 fresh = SMP_PAGE(0) | PTE_P | PTE_W | PTE_U;
	u64 old, content;

	*word = 0;
	smp_fence();
	*entry = fresh;
	/* Half of them wait until the writer was there. */
	if (random_next(random) & 1)
		while (!*word)
			cpu_relax();
	smp_dawdle(random);
	old = take_away(entry);
	smp_shootdown();
	content = *word;
	smp_dawdle(random);
	EXPECT_EQ(fresh, old & ~(u64)(PTE_A | PTE_D));
	if (content)
		EXPECT_EQ(PTE_A | PTE_D, old & (PTE_A | PTE_D));
	EXPECT_EQ(0, *entry);
	return old & PTE_D;
}

TEST(smp_marks_not_resurrected,
     "an entry that is taken away holds the D of every write through it, and stays away",
     LAW("SDM vol. 3A, Accessed and Dirty Flags; APM vol. 2, Accessed and Dirty Bits"), CPUS(2),
     NEEDS(APIC), CASES(REPLACEMENTS), FLAGS(TEST_HAS_WINDOW))
{
	u64 random = run_request()->seed, used = 0;

	writer = (struct writer){ 0 };
	smp_map(1);
	*smp_entry(1) = 0;
	smp_listen();
	ASSERT(cpu_start(1, write_on, &writer));
	for (unsigned int i = 0; i < REPLACEMENTS; i++)
		CASE ("round=%u", i)
			used += replace_once(&random);
	writer.stop = 1;
	cpu_wait(1);
	window("an entry was taken away after it was used", used);
}
