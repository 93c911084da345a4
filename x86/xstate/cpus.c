// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two CPUs hold different vector and x87 registers, on as few processors of the
 * host as there are: each finds its own again, whatever the host does to both.
 */
#include "x86/xstate/user.h"

enum { ROUNDS = 4, CPUS_HERE = 2 };

static struct xsave_area wanted[CPUS_HERE], got[CPUS_HERE];
static volatile u64 stop, compared;

static const struct {
	const char *name;
	u64 actions;
} way[] = {
	{ "nothing", 0 },
	{ "preempt", PREEMPT },
	{ "migrate", MIGRATE_VCPU },
	{ "save+restore", SAVE | RESTORE },
};

/* What differs between the two tests: how registers are loaded and stored. */
static const struct kind {
	void (*load)(const struct xsave_area *area);
	void (*store)(struct xsave_area *area);
	u64 xcr0; /* 0: without XSAVE */
} *kind;

static void load_all(const struct xsave_area *area)
{
	user_xrstor(area, kind->xcr0);
}

static void store_all(struct xsave_area *area)
{
	memset(area, 0, sizeof(*area));
	user_xsave(area, kind->xcr0);
}

static const struct kind legacy = { user_fxrstor, user_fxsave, 0 };
static const struct kind avx = { load_all, store_all, XCR0_X87 | XCR0_SSE | XCR0_AVX };

static void load(unsigned int cpu, u64 seed)
{
	fill_legacy(&wanted[cpu], seed);
	if (kind->xcr0) {
		enable_xsave(kind->xcr0);
		memcpy(wanted[cpu].byte + XSAVE_BV, &kind->xcr0, sizeof(kind->xcr0));
		fill_bytes(wanted[cpu].byte + cpuid(0xd, 2).reg[CPUID_EBX], 256, seed + 1000);
	}
	kind->load(&wanted[cpu]);
}

static void compare(unsigned int cpu)
{
	u32 offset = cpuid(0xd, 2).reg[CPUID_EBX];

	kind->store(&got[cpu]);
	ASSERT_(expect_legacy(&wanted[cpu], &got[cpu]));
	if (kind->xcr0)
		ASSERT_(expect_bytes("upper halves of YMM0 to YMM15", wanted[cpu].byte + offset,
				     got[cpu].byte + offset, 256));
}

static void hold(void *argument)
{
	load(1, *(u64 *)argument);
	while (!stop) {
		compare(1);
		compared++;
	}
}

static void one_case(u64 actions, u64 seed)
{
	u64 seed_there = seed ^ 0xff;

	stop = compared = 0;
	ASSERT(cpu_start(1, hold, &seed_there));
	cpu_wait_for(&compared, 1);
	load(0, seed);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		sync(actions);
		cpu_wait_for(&compared, compared + 2);
		compare(0);
	}
	stop = 1;
	cpu_wait(1);
}

static bool host_can(unsigned int i)
{
	const struct sync_reply *reply = sync_try(way[i].actions);

	for (unsigned int bit = 0; bit < SYNC_COUNT; bit++) {
		if (reply->status[bit] != SYNC_UNSUPPORTED)
			continue;
		cases_not_covered(1, "the host has no %s", sync_action[bit].name);
		return false;
	}
	return true;
}

static void each_way(const struct kind *k)
{
	u64 random = run_request()->seed;

	kind = k;
	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++)
		if (host_can(i))
			CASE ("way=%s", way[i].name)
				one_case(way[i].actions, random_next(&random) >> 8);
}

TEST(cpus_keep_legacy, "two CPUs with different x87 and XMM registers each keep their own",
     LAW("SDM vol. 1, 10.5.1"), NEEDS(APIC), CPUS(2), CASES(ARRAY_SIZE(way)))
{
	each_way(&legacy);
}

TEST(cpus_keep_avx, "two CPUs with different YMM registers each keep their own",
     LAW("SDM vol. 1, 13.5.3"), NEEDS(APIC | XSAVE | AVX), CPUS(2), CASES(ARRAY_SIZE(way)))
{
	ASSERT(cpuid(0xd, 2).reg[CPUID_EBX] + 256 <= sizeof(wanted[0]));
	each_way(&avx);
}
