// SPDX-License-Identifier: GPL-2.0-only
/* Not laws: more than one CPU, and what becomes of failures there. */
#include "arm64/boot/arm64.h"

static volatile u64 seen[CPUS_MAX];

static void see_oneself(void *argument)
{
	u64 number = (u64)argument;

	EXPECT_EQ(cpu_affinity((unsigned int)number), READ_REGISTER(mpidr_el1) & 0xffffff);
	seen[number]++;
}

TEST(four_cpus, "four CPUs of arm64 run functions of their own, again and again",
     FLAGS(TEST_INTERNAL), CPUS(4), CASES(3))
{
	for (u64 round = 0; round < 3; round++)
		CASE ("round=%u", (unsigned int)round) {
			memset((void *)seen, 0, sizeof(seen));
			for (u64 cpu = 1; cpu < 4; cpu++)
				ASSERT(cpu_start((unsigned int)cpu, see_oneself, (void *)cpu));
			for (unsigned int cpu = 1; cpu < 4; cpu++) {
				cpu_wait(cpu);
				EXPECT_EQ(1, seen[cpu]);
			}
		}
}

static void fail(void *argument)
{
	(void)argument;
	EXPECT_EQ(1, 2);
}

TEST(fails_on_cpu, "on arm64 what fails on another CPU fails the test", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	cpu_start(1, fail, NULL);
	cpu_wait(1);
}

static void fault(void *argument)
{
	(void)argument;
	asm volatile("udf #0");
}

TEST(event_on_cpu, "on arm64 an exception on another CPU fails the test", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	cpu_start(1, fault, NULL);
	cpu_wait(1);
}

static void wait_for_sgi(void *argument)
{
	volatile u64 *ready = argument;

	gic_enable(3);
	*ready = 1;
	while (!irq_log_count(1, 3))
		wait_for_interrupt();
}

TEST(sgi_to_cpu, "an SGI wakes another CPU", FLAGS(TEST_INTERNAL), CPUS(2), NEEDS(GICV3))
{
	static volatile u64 ready;

	ready = 0;
	cpu_start(1, wait_for_sgi, (void *)&ready);
	cpu_wait_for(&ready, 1);
	gic_send_sgi(SGI1R(3, 2));
	cpu_wait(1);
	EXPECT_EQ(1, irq_log_count(1, 3));
}

static void loop(void *argument)
{
	(void)argument;
	for (;;)
		cpu_relax();
}

TEST(leaves_cpu_running, "on arm64 a CPU that a test left running is stopped", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	cpu_start(1, loop, NULL);
}
