// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not laws: what Assay's own tests run to see that every end of a test gets its
 * right word on arm64 too.
 */
#include "arm64/boot/arm64.h"

TEST(passes, "on arm64 a test that does nothing passes", FLAGS(TEST_INTERNAL))
{
}

TEST(fails, "on arm64 a failed expectation is a failure, with both sides", FLAGS(TEST_INTERNAL))
{
	EXPECT_EQ(1, 2);
}

TEST(skips, "on arm64 a skip names the missing fact", FLAGS(TEST_INTERNAL))
{
	skip("there is no moon tonight");
}

TEST(loses_a_case, "on arm64 a test that loses a case is an error", FLAGS(TEST_INTERNAL), CASES(2))
{
	CASE ("only=1")
		EXPECT(true);
}

TEST(misses_window, "on arm64 a window that was not reached is an error",
     FLAGS(TEST_INTERNAL | TEST_HAS_WINDOW))
{
	window("never", 0);
}

TEST(unexpected_event, "on arm64 an exception that nobody expected fails the test",
     FLAGS(TEST_INTERNAL))
{
	asm volatile("udf #0");
}

TEST(faults, "a TRY returns the exception that was taken, its syndrome and its address",
     FLAGS(TEST_INTERNAL))
{
	u64 value = 1;
	struct fault f = TRY("udf #0", ::);

	EXPECT_FAULT(UNKNOWN, f);
	f = TRY("ldr %0, [%1]", : "+&r"(value) : "r"((u64)PLATFORM_MAPPED_END + 8));
	EXPECT_FAULT(DATA_ABORT, f);
	EXPECT_EQ(FSC_TRANSLATION_LEVEL_1, ESR_FSC(f.esr));
	EXPECT_EQ(PLATFORM_MAPPED_END + 8ull, f.far);
	f = TRY("svc #7", ::);
	EXPECT_FAULT(SVC, f);
	EXPECT_EQ(7, f.esr & 0xffff);
	f = TRY("nop", ::);
	EXPECT_FAULT(NONE, f);
	EXPECT_EQ(1, value);
}

TEST(irq, "an SGI to oneself is taken as an IRQ and written down", FLAGS(TEST_INTERNAL),
     NEEDS(GICV3))
{
	gic_enable(5);
	gic_send_sgi(SGI1R(5, 1));
	take_interrupts();
	EXPECT_EQ(1, irq_log[0].count);
	EXPECT_EQ(5, irq_log[0].intid[0]);
}

TEST(hangs, "on arm64 a guest that says nothing any more is a timeout", FLAGS(TEST_INTERNAL))
{
	for (;;)
		;
}

TEST(halts, "on arm64 a guest that waits for nothing is a timeout", FLAGS(TEST_INTERNAL))
{
	for (;;)
		asm volatile("wfi");
}

TEST(powers_off, "on arm64 a guest that turns itself off in the middle is a crash",
     FLAGS(TEST_INTERNAL))
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}

TEST(saves_and_restores, "on arm64 what a test has in registers and memory survives a move",
     FLAGS(TEST_INTERNAL), ACTIONS(SAVE | RESTORE), CASES(3))
{
	static u64 memory;

	for (u64 i = 0; i < 3; i++)
		CASE ("i=%u", (unsigned int)i) {
			u64 kept = i * 0x1111;

			asm volatile("" : "+r"(kept));
			memory = ~i;
			sync(SAVE | RESTORE);
			EXPECT_EQ(i * 0x1111, kept);
			EXPECT_EQ(~i, memory);
		}
}

TEST(resets, "on arm64 a test goes on behind a reset", FLAGS(TEST_INTERNAL), ACTIONS(RESET),
     CASES(2))
{
	for (unsigned int i = 0; i < 2; i++)
		CASE ("i=%u", i) {
			if (case_was_run())
				continue;
			sync(RESET);
		}
}
