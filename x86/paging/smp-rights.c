// SPDX-License-Identifier: GPL-2.0-only
/*
 * A right that one CPU takes away is gone on the other once that has done INVLPG,
 * and one that is given is there after at most one fault.  Between the change and
 * the shootdown the walker may find either, and nothing else.
 */
#include "x86/paging/probe.h"
#include "x86/paging/smp.h"

enum { ROUNDS = 6 };

/* What the lowest two bits of an epoch say. */
enum phase { GRANTED, LOWERING, TAKEN, RAISING };
#define CONTENT 0x00000000000000c3ull /* RET, for the fetch */

static struct walker {
	u64 (*code)(u64 walker);
	u64 va, error;
	bool lasting; /* a fault may come from a translation that is kept: at most one */
	volatile u64 epoch, begun, stop;
	volatile u64 succeeded[4], faulted[4]; /* by phase; only where no epoch began meanwhile */
	u64 spurious; /* faults in this epoch, in which the right is there */
	u64 spurious_epoch;
} walker;

/* Each counts until it faults, is told to stop (0) or reads what is not there. */
#define USER_LOOP(name, access)                                                                    \
	static u64 name(u64 argument)                                                              \
	{                                                                                          \
		struct walker *w = (struct walker *)argument;                                      \
		u64 got = CONTENT, epoch;                                                          \
                                                                                                   \
		while (!w->stop) {                                                                 \
			epoch = w->epoch;                                                          \
			w->begun = epoch;                                                          \
			smp_fence();                                                               \
			access;                                                                    \
			smp_fence();                                                               \
			if (got != CONTENT)                                                        \
				return got;                                                        \
			if (w->epoch == epoch)                                                     \
				w->succeeded[epoch & 3]++;                                         \
		}                                                                                  \
		return CONTENT;                                                                    \
	}
USER_LOOP(user_reads, got = *(volatile u64 *)w->va)
USER_LOOP(user_writes, *(volatile u64 *)(w->va + 64) = epoch)
USER_LOOP(user_fetches, ((void (*)(void))w->va)())

static u64 (*const user_loop[])(u64) = {
	[CODE_READ] = user_reads,
	[CODE_WRITE] = user_writes,
	[CODE_FETCH] = user_fetches,
};

/* A fault in an epoch in which the right is there from the first to the last moment. */
static void judge_spurious(struct walker *w, u64 epoch)
{
	if (w->spurious_epoch != epoch)
		w->spurious = 0;
	w->spurious_epoch = epoch;
	w->spurious++;
	if (!w->lasting || w->spurious > 1)
		EXPECT_EQ(w->lasting ? 1 : 0, w->spurious);
}

static void judge_fault(struct walker *w, const struct fault *f)
{
	u64 epoch = w->begun;

	EXPECT_FAULT(PF, *f);
	EXPECT_FLAGS(pf_error_names, w->error, f->error_code);
	ASSERT_EQ(w->va, f->cr2 & ~0xfffull);
	if (w->epoch != epoch)
		return;
	if ((epoch & 3) == GRANTED)
		judge_spurious(w, epoch);
	w->faulted[epoch & 3]++;
}

static void walk(void *argument)
{
	struct walker *w = argument;
	struct fault f;
	u64 result = 0;

	while (!w->stop) {
		f = run_user(w->code, (u64)USER(w), RFLAGS_IF, &result);
		if (f.vector == VECTOR_NONE)
			ASSERT_EQ(CONTENT, result);
		else
			judge_fault(w, &f);
		smp_take_interrupts();
	}
}

static void round(struct walker *w, u64 *entry, const struct right *right, u64 *random)
{
	u64 before = w->succeeded[GRANTED];

	cpu_wait_for(&w->succeeded[GRANTED], before + 1);
	smp_dawdle(random);
	w->epoch++; /* LOWERING */
	smp_fence();
	*(volatile u64 *)entry = (*entry & ~right->clear) | right->set;
	smp_dawdle(random);
	smp_shootdown();
	before = w->faulted[TAKEN];
	w->epoch++; /* TAKEN */
	/* An access that succeeds is what must not be; the case counts it. */
	while (w->faulted[TAKEN] == before && !w->succeeded[TAKEN])
		cpu_relax();
	smp_dawdle(random);
	w->epoch++; /* RAISING */
	smp_fence();
	*(volatile u64 *)entry = (*entry | right->clear) & ~right->set;
	smp_fence();
	w->epoch++; /* GRANTED */
}

static void one_case(unsigned int level, const struct right *right, u64 *random, u64 *hits)
{
	struct walker *w = &walker;

	*w = (struct walker){
		.code = user_loop[right->code],
		.va = SMP_VA,
		.error = right->error,
		.lasting = right->clear != PTE_P,
	};
	smp_map(1);
	*(u64 *)SMP_PAGE(0) = CONTENT;
	smp_listen();
	ASSERT(cpu_start(1, walk, w));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		round(w, smp_entry(level), right, random);
		heartbeat();
	}
	w->stop = 1;
	cpu_wait(1);
	EXPECT_EQ(0, w->succeeded[TAKEN]);
	*hits += w->succeeded[LOWERING] + w->faulted[LOWERING];
}

TEST(smp_shootdown, "a right that one CPU takes away is gone on another after IPI and INVLPG",
     LAW("SDM vol. 3A, Propagation of Paging-Structure Changes to Multiple Processors; "
	 "APM vol. 2, Invalidation of TLB entries"),
     NEEDS(APIC), CPUS(2), CASES(RIGHTS *SMP_LEVELS), FLAGS(TEST_HAS_WINDOW))
{
	u64 random = run_request()->seed, hits = 0;

	for (unsigned int i = 0; i < RIGHTS; i++) {
		if (probe_right[i].set == PTE_NX && !has_feature(NX)) {
			cases_not_covered(SMP_LEVELS, "no NX");
			continue;
		}
		for (unsigned int level = 1; level <= SMP_LEVELS; level++)
			CASE ("entry=%s,flag=%s", probe_level[level], probe_right[i].name)
				one_case(level, &probe_right[i], &random, &hits);
	}
	window("an access between the change and the shootdown", hits);
}
