// SPDX-License-Identifier: GPL-2.0-only
/* Not laws: that more than one CPU works, and that what goes wrong on one is seen. */
#include "x86/boot/x86.h"

static void add_cpu_number(void *argument)
{
	__atomic_fetch_add((u64 *)argument, cpu_number(), __ATOMIC_SEQ_CST);
}

TEST(second_cpu, "another CPU starts, runs and is waited for, again and again",
     FLAGS(TEST_INTERNAL), CPUS(2))
{
	u64 sum = 0;

	for (unsigned int i = 0; i < 3; i++) {
		ASSERT(cpu_start(1, add_cpu_number, &sum));
		cpu_wait(1);
	}
	EXPECT_EQ(3, sum);
}

TEST(four_cpus, "four CPUs run at once", FLAGS(TEST_INTERNAL), CPUS(4))
{
	u64 sum = 0;

	for (unsigned int cpu = 1; cpu < 4; cpu++)
		ASSERT(cpu_start(cpu, add_cpu_number, &sum));
	for (unsigned int cpu = 1; cpu < 4; cpu++)
		cpu_wait(cpu);
	EXPECT_EQ(1 + 2 + 3, sum);
}

static u64 user_adds_one(u64 argument)
{
	return argument + 1;
}

static void try_on_cpu(void *argument)
{
	u64 result = 0;
	struct fault f = TRY("ud2", ::);

	(void)argument;
	EXPECT_FAULT(UD, f);
	f = TRY("movb $0, (%0)", : : "r"(USER_ALIAS * 3 / 2));
	EXPECT_FAULT(PF, f);
	EXPECT_NO_FAULT(run_user(user_adds_one, 41, 0, &result));
	EXPECT_EQ(42, result);
}

TEST(tries_on_cpu, "TRY and user code work on two CPUs at once", FLAGS(TEST_INTERNAL), CPUS(2))
{
	for (unsigned int i = 0; i < 8; i++) {
		ASSERT(cpu_start(1, try_on_cpu, NULL));
		try_on_cpu(NULL);
		cpu_wait(1);
	}
}

static void fail_on_cpu(void *argument)
{
	EXPECT_EQ(1, (u64)argument);
}

TEST(fails_on_cpu, "an expectation that fails on another CPU is a failure", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	ASSERT(cpu_start(1, fail_on_cpu, (void *)2));
	cpu_wait(1);
}

static void assert_on_cpu(void *argument)
{
	ASSERT_EQ(1, (u64)argument);
}

TEST(asserts_on_cpu, "an assertion that fails on another CPU ends the test", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	ASSERT(cpu_start(1, assert_on_cpu, (void *)2));
	cpu_wait(1);
	test_error("it went on");
}

static void take_event(void *argument)
{
	(void)argument;
	asm volatile("ud2");
}

TEST(event_on_cpu, "an event that nobody expected on another CPU fails the test",
     FLAGS(TEST_INTERNAL), CPUS(2))
{
	ASSERT(cpu_start(1, take_event, NULL));
	for (;;)
		cpu_relax();
}

static void run_for_ever(void *argument)
{
	for (;;)
		++*(volatile u64 *)argument;
}

TEST(leaves_cpu_running, "a CPU that a test leaves running is stopped", FLAGS(TEST_INTERNAL),
     CPUS(2))
{
	static u64 counter;

	ASSERT(cpu_start(1, run_for_ever, &counter));
	cpu_wait_for(&counter, 1);
}

TEST(hangs_beside_cpu, "a boot CPU that hangs while another runs ends at the deadline",
     FLAGS(TEST_INTERNAL), CPUS(2))
{
	static u64 counter;

	ASSERT(cpu_start(1, run_for_ever, &counter));
	for (;;)
		asm volatile("");
}

static void die(void *argument)
{
	(void)argument;
	load_idt(idt, 0);
	asm volatile("ud2");
}

TEST(triple_fault_on_cpu, "a triple fault of another CPU costs this test alone",
     FLAGS(TEST_INTERNAL), CPUS(2))
{
	ASSERT(cpu_start(1, die, NULL));
	for (;;)
		cpu_relax();
}

TEST(cpus_save_and_restore, "two CPUs go on in a fresh VM", FLAGS(TEST_INTERNAL), CPUS(2),
     ACTIONS(SAVE | RESTORE))
{
	static u64 counter;

	counter = 0;
	ASSERT(cpu_start(1, run_for_ever, &counter));
	for (unsigned int i = 0; i < 3; i++) {
		sync(SAVE | RESTORE);
		cpu_wait_for(&counter, counter + 1);
	}
}
