// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not laws: what Assay's own tests and benchmarks run to see that every end of
 * a test gets its right word.
 */
#include "x86/boot/x86.h"

TEST(passes, "a test that does nothing passes", FLAGS(TEST_INTERNAL))
{
}

TEST(fails, "a failed expectation is a failure, with both sides", FLAGS(TEST_INTERNAL))
{
	EXPECT_EQ(1, 2);
	EXPECT_FLAGS(pf_error_names, PF_P | PF_U, PF_P | PF_W | BIT(40));
}

TEST(fails_in_cases, "only the failing case is reported", FLAGS(TEST_INTERNAL), CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE("i=%u", i)
			EXPECT_EQ(i == 2 ? 7 : i, i);
}

TEST(skips, "a skip names the missing fact", FLAGS(TEST_INTERNAL))
{
	skip("there is no moon tonight");
}

TEST(skips_after_failure, "a failure that a skip follows is a failure", FLAGS(TEST_INTERNAL))
{
	EXPECT_EQ(1, 2);
	skip("what is missing was noticed late");
}

TEST(ends_host, "what would take a host down is skipped there", FLAGS(TEST_INTERNAL | TEST_ENDS_HOST))
{
}

TEST(loses_a_case, "a test that loses a case is an error", FLAGS(TEST_INTERNAL), CASES(2))
{
	CASE("only=1")
		EXPECT(true);
}

TEST(misses_window, "a window that was not reached is an error",
     FLAGS(TEST_INTERNAL | TEST_HAS_WINDOW))
{
	window("never", 0);
}

TEST(unexpected_event, "an event that nobody expected fails the test", FLAGS(TEST_INTERNAL))
{
	asm volatile("ud2");
}

TEST(triple_fault, "a triple fault costs this test alone", FLAGS(TEST_INTERNAL))
{
	load_idt(idt, 0);
	asm volatile("ud2");
}

TEST(shutdown_expected, "a shutdown that was announced costs nothing", FLAGS(TEST_INTERNAL),
     ACTIONS(EXPECT_SHUTDOWN), CASES(2))
{
	for (unsigned int i = 0; i < 2; i++)
		CASE("i=%u", i) {
			if (case_was_run())
				continue;
			sync(EXPECT_SHUTDOWN);
			load_idt(idt, 0);
			asm volatile("ud2");
		}
}

TEST(shutdown_missing, "a shutdown that was announced and does not come is a failure",
     FLAGS(TEST_INTERNAL), ACTIONS(EXPECT_SHUTDOWN))
{
	sync(EXPECT_SHUTDOWN);
}

TEST(shutdown_not_announced, "a shutdown behind one that was announced is a crash",
     FLAGS(TEST_INTERNAL), ACTIONS(EXPECT_SHUTDOWN))
{
	if (!resets())
		sync(EXPECT_SHUTDOWN);
	load_idt(idt, 0);
	asm volatile("ud2");
}

TEST(hangs, "a loop without a heartbeat ends at the deadline", FLAGS(TEST_INTERNAL))
{
	for (;;)
		asm volatile("");
}

TEST(beats, "a loop with heartbeats and without progress ends too", FLAGS(TEST_INTERNAL))
{
	for (;;)
		heartbeat();
}

TEST(halts, "a CPU that halts for ever ends at the deadline", FLAGS(TEST_INTERNAL))
{
	asm volatile("cli; hlt");
}

TEST(halts_behind_sti, "STI and HLT without an interrupt end at the deadline", FLAGS(TEST_INTERNAL))
{
	asm volatile("sti; hlt");
}

TEST(fails_by_shadow, "what a lost interrupt shadow may have done fails when it comes again",
     FLAGS(TEST_INTERNAL | TEST_NEEDS_SHADOW))
{
	EXPECT(false);
}

TEST(tries, "TRY returns the fault and goes on", FLAGS(TEST_INTERNAL))
{
	struct fault f = TRY("ud2", ::);

	EXPECT_FAULT(UD, f);
	f = TRY("movb $0, (%0)", : : "r"(1ull << 63 | 1ull << 40));
	EXPECT_FAULT(GP, f);
	EXPECT_EQ(0, f.error_code);
	f = TRY("nop", ::);
	EXPECT_NO_FAULT(f);
}

static u64 user_adds_one(u64 argument)
{
	return argument + 1;
}

static u64 user_writes_cr0(u64 argument)
{
	asm volatile("mov %0, %%cr0" ::"r"(argument));
	return 0;
}

TEST(user, "user code runs at CPL 3 and comes back", FLAGS(TEST_INTERNAL))
{
	u64 result = 0;

	EXPECT_NO_FAULT(run_user(user_adds_one, 41, 0, &result));
	EXPECT_EQ(42, result);
	EXPECT_FAULT(GP, run_user(user_writes_cr0, 0, 0, NULL));
}

TEST(saves_and_restores, "a guest goes on in a fresh VM", FLAGS(TEST_INTERNAL),
     ACTIONS(SAVE | RESTORE))
{
	for (unsigned int i = 0; i < 3; i++)
		sync(SAVE | RESTORE);
}

/* What a paging case costs at least: a fault taken and returned from. */
TEST(faults, "an empty loop of faults, for the benchmark", FLAGS(TEST_INTERNAL), CASES(2000))
{
	for (unsigned int i = 0; i < 2000; i++)
		if (case_begin_numbered(i, NULL, NULL)) {
			TRY("movb $0, (%0)", ::"r"(USER_ALIAS * 3 / 2));
			case_end();
		}
}
