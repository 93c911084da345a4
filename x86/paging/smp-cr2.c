// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two CPUs fault at once: each finds its own address and its own error code.
 */
#include "x86/paging/smp.h"

enum { FAULTS_LEAST = 25, FAULTS_MOST = 5000, MEETINGS = 10, CPUS_HERE = 2, KINDS = 4 };

/* Kinds of faults, all at CPL 0 but the last; a place is a page of its own. */
static const struct kind {
	const char *name;
	u64 entry; /* but for the address */
	u64 error;
} kinds[KINDS] = {
	{ "read", 0, 0 },
	{ "write", 0, PF_W },
	{ "write-read-only", PTE_P | PTE_A | PTE_D, PF_P | PF_W },
	{ "user-read", PTE_P | PTE_W | PTE_A | PTE_D, PF_P | PF_U },
};

static struct faulter {
	const struct kind *kind;
	u64 page, random, stop;
	volatile u64 count;
} faulters[CPUS_HERE];

static u64 user_reads(u64 va)
{
	return *(volatile u64 *)va;
}

static struct fault fault_once(const struct kind *kind, u64 va)
{
	u64 got;

	if (kind->error & PF_U)
		return run_user(user_reads, va, 0, NULL);
	if (kind->error & PF_W)
		return TRY("movb $0, (%0)", : : "r"(va));
	return TRY("mov (%1), %0", : "=&r"(got) : "r"(va));
}

static void fault_and_judge(struct faulter *f)
{
	u64 va = SMP_VA + f->page * 0x1000 + (random_next(&f->random) & 0xff8);
	struct fault got = fault_once(f->kind, va);

	EXPECT_FAULT(PF, got);
	EXPECT_EQ(va, got.cr2);
	EXPECT_FLAGS(pf_error_names, f->kind->error, got.error_code);
	f->count++;
}

static void fault_on(void *argument)
{
	struct faulter *f = argument;

	while (!*(volatile u64 *)&f->stop)
		fault_and_judge(f);
}

static void one_case(const struct kind *here, const struct kind *there, u64 seed, u64 *hits)
{
	const struct kind *kind[CPUS_HERE] = { here, there };
	u64 last = 0, met = 0;

	smp_map(CPUS_HERE);
	for (unsigned int cpu = 0; cpu < CPUS_HERE; cpu++) {
		faulters[cpu] = (struct faulter){ kind[cpu], cpu, seed + cpu, 0, 0 };
		SMP_TABLE(1)[cpu] = kind[cpu]->entry ? SMP_PAGE(cpu) | kind[cpu]->entry : 0;
	}
	write_cr3(read_cr3());
	ASSERT(cpu_start(1, fault_on, &faulters[1]));
	cpu_wait_for(&faulters[1].count, 1);
	while (faulters[0].count < FAULTS_LEAST ||
	       (met < MEETINGS && faulters[0].count < FAULTS_MOST)) {
		fault_and_judge(&faulters[0]);
		met += faulters[1].count != last;
		last = faulters[1].count;
		cpu_relax();
		heartbeat();
	}
	*(volatile u64 *)&faulters[1].stop = 1;
	cpu_wait(1);
	*hits += met;
}

TEST(smp_cr2, "CR2 and the error code of a page fault are those of its own CPU",
     LAW("SDM vol. 3A, Page-Fault Exceptions; Interrupt 14 - Page-Fault Exception (#PF)"),
     NEEDS(APIC), CPUS(2), CASES(KINDS *KINDS), FLAGS(TEST_HAS_WINDOW))
{
	u64 random = run_request()->seed, hits = 0;

	for (unsigned int i = 0; i < KINDS * KINDS; i++) {
		const struct kind *here = &kinds[i / KINDS], *there = &kinds[i % KINDS];

		CASE ("here=%s,there=%s", here->name, there->name)
			one_case(here, there, random_next(&random), &hits);
	}
	window("a fault of each CPU between two of the other", hits);
}
