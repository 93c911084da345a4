// SPDX-License-Identifier: GPL-2.0-only
/* TSC-deadline mode as the guest alone sees it: what arms, what fires, what disarms. */
#include "x86/event/deadline.h"

TEST(deadline_comes_once,
     "the APIC timer in TSC-deadline mode delivers its vector once, and not before the deadline",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(3))
{
	CASE ("if=1") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_wait(deadline, 1);
		deadline_wait_longer();
		EXPECT_CAME_ONCE(deadline);
	}
	CASE ("if=0") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_pass(deadline);
		EXPECT_NOTHING_SEEN();
		deadline_wait(deadline, 1);
		deadline_wait_longer();
		EXPECT_CAME_ONCE(deadline);
	}
	CASE ("halted") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		halt_for_interrupt();
		EXPECT_CAME_ONCE(deadline);
	}
	deadline_disarm();
}

TEST(deadline_reads, "IA32_TSC_DEADLINE reads as it was written until it fires, and then as 0",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(4))
{
	static const u64 written[] = { 1ull << 62, ~0ull };

	for (unsigned int i = 0; i < ARRAY_SIZE(written); i++)
		CASE ("written=%#llx", (unsigned long long)written[i]) {
			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			EXPECT_EQ(0, deadline_armed());
			wrmsr(MSR_TSC_DEADLINE, written[i]);
			settle();
			EXPECT_EQ(written[i], deadline_armed());
			deadline_disarm();
		}
	CASE ("fires,if=1") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_wait(deadline, 1);
		EXPECT_EQ(0, deadline_armed());
	}
	CASE ("fires,if=0") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_pass(deadline);
		for (unsigned int i = 0; i < 1000 && deadline_armed(); i++)
			settle();
		EXPECT_EQ(0, deadline_armed());
		EXPECT(apic_bit(APIC_IRR, DEADLINE_VECTOR));
		take_all();
		EXPECT_CAME_ONCE(deadline);
	}
	deadline_disarm();
}

/* At once: no more than the exits that any interrupt needs. */
TEST(deadline_in_the_past, "a deadline that has passed when it is written fires at once",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(6))
{
	static const char *const names[] = { "1", "tsc-1", "tsc" };

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		bool if_ = i & 1;

		CASE ("deadline=%s,if=%u", names[i / 2], if_) {
			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			if (if_)
				sti();
			wrmsr(MSR_TSC_DEADLINE, i / 2 == 0 ? 1 : rdtsc() - (i / 2 == 1));
			settle();
			cli();
			EXPECT_EQ(0, deadline_armed());
			take_all();
			deadline_wait_longer();
			EXPECT_SEEN(DEADLINE_VECTOR);
		}
	}
	deadline_disarm();
}

TEST(deadline_again, "each deadline that is written behind one that fired fires too",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE ("round=%u", i) {
			u64 deadline;

			if (!i || case_alone())
				deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			stage.count = 0;
			deadline = deadline_arm(DEADLINE_NEAR / 4);
			deadline_wait(deadline, 1);
			EXPECT_SEEN(DEADLINE_VECTOR);
		}
	deadline_disarm();
}

static void arm_at(u64 deadline)
{
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

TEST(deadline_replaces, "a deadline that is written replaces the one before", LAW(DEADLINE_LAW),
     NEEDS(APIC | TSC_DEADLINE), CASES(2))
{
	CASE ("later") {
		u64 later = rdtsc() + DEADLINE_FAR;
		u64 deadline = deadline_arm_then(LVT_DEADLINE | DEADLINE_VECTOR, arm_at, later);

		deadline_pass(deadline);
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
		EXPECT_EQ(later, deadline_armed());
	}
	CASE ("earlier") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline_arm(DEADLINE_FAR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_wait(deadline, 1);
		deadline_wait_longer();
		EXPECT_CAME_ONCE(deadline);
		EXPECT_EQ(0, deadline_armed());
	}
	deadline_disarm();
}

static const struct disarming {
	const char *name;
	bool by_0;
	u32 mode; /* that is changed to */
	bool back;
} disarmings[] = {
	{ "0", true, LVT_DEADLINE, false },
	{ "one-shot", false, 0, false },
	{ "one-shot-and-back", false, 0, true },
	{ "periodic", false, LVT_PERIODIC, false },
	{ "periodic-and-back", false, LVT_PERIODIC, true },
};

static void disarm_as(u64 number)
{
	const struct disarming *d = &disarmings[number];

	if (d->by_0)
		wrmsr(MSR_TSC_DEADLINE, 0);
	deadline_mode(d->mode | DEADLINE_VECTOR);
	if (d->back)
		deadline_mode(LVT_DEADLINE | DEADLINE_VECTOR);
}

TEST(deadline_disarms, "0 in IA32_TSC_DEADLINE and a change of the timer's mode disarm it",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(ARRAY_SIZE(disarmings)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(disarmings); i++)
		CASE ("by=%s", disarmings[i].name) {
			u64 deadline =
				deadline_arm_then(LVT_DEADLINE | DEADLINE_VECTOR, disarm_as, i);

			EXPECT_EQ(0, deadline_armed());
			deadline_pass(deadline);
			deadline_wait_longer();
			EXPECT_NOTHING_SEEN();
			EXPECT_EQ(0, deadline_armed());
		}
	deadline_disarm();
}

static u64 kept; /* IA32_TSC_DEADLINE behind the change */

static void change_and_read(u64 lvt)
{
	deadline_mode((u32)lvt);
	kept = deadline_armed();
}

/* The vector and the mask are not the mode. */
TEST(deadline_goes_on, "a change of vector or mask leaves the deadline armed",
     LAW(DEADLINE_LAW " and Local Vector Table"), NEEDS(APIC | TSC_DEADLINE), CASES(2))
{
	static const u32 from[] = { LVT_DEADLINE | 0x55,
				    LVT_DEADLINE | LVT_MASKED | DEADLINE_VECTOR };

	for (unsigned int i = 0; i < ARRAY_SIZE(from); i++)
		CASE ("change=%s", i ? "mask" : "vector") {
			u64 deadline = deadline_arm_then(from[i], change_and_read,
							 LVT_DEADLINE | DEADLINE_VECTOR);

			EXPECT_EQ(deadline, kept);
			deadline_wait(deadline, 1);
			deadline_wait_longer();
			EXPECT_CAME_ONCE(deadline);
		}
	deadline_disarm();
}

TEST(deadline_masked, "a deadline that passes while its LVT entry is masked delivers nothing",
     LAW(DEADLINE_LAW " and Local Vector Table"), NEEDS(APIC | TSC_DEADLINE))
{
	u64 deadline;

	deadline_begin(LVT_DEADLINE | LVT_MASKED | DEADLINE_VECTOR);
	deadline = deadline_arm(DEADLINE_NEAR);
	deadline_pass(deadline);
	deadline_wait_longer();
	EXPECT_NOTHING_SEEN();
	EXPECT(!apic_bit(APIC_IRR, DEADLINE_VECTOR));
	deadline_disarm();
}

TEST(deadline_of_other_modes,
     "in one-shot and periodic mode IA32_TSC_DEADLINE reads as 0 and a write does nothing",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(6))
{
	static const u64 ticks[] = { 0, DEADLINE_NEAR };

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(ticks); i++)
		CASE ("mode=%s,deadline=%s", i & 1 ? "periodic" : "one-shot",
		      ticks[i / 2] ? "near" : "now") {
			u64 deadline;

			deadline_begin(DEADLINE_VECTOR | (i & 1 ? LVT_PERIODIC : 0));
			EXPECT_EQ(0, deadline_armed());
			deadline = deadline_arm(ticks[i / 2]);
			EXPECT_EQ(0, deadline_armed());
			deadline_pass(deadline);
			deadline_wait_longer();
			/* Nor was it kept for the mode to come. */
			deadline_mode(LVT_DEADLINE | DEADLINE_VECTOR);
			EXPECT_EQ(0, deadline_armed());
			deadline_wait_longer();
			EXPECT_NOTHING_SEEN();
		}
	for (unsigned int i = 0; i < 2; i++)
		CASE ("mode=%s,counts", i ? "periodic" : "one-shot") {
			deadline_begin(DEADLINE_VECTOR | (i ? LVT_PERIODIC : 0));
			apic_write(APIC_TIMER_INITIAL, ~0u);
			EXPECT_EQ(0, deadline_armed());
			deadline_arm(0);
			EXPECT(apic_read(APIC_TIMER_CURRENT) != 0);
			deadline_wait_longer();
			EXPECT_NOTHING_SEEN();
		}
	deadline_disarm();
}

TEST(deadline_has_no_count,
     "in TSC-deadline mode the APIC timer's current count is 0 and an initial count starts nothing",
     LAW(DEADLINE_LAW), NEEDS(APIC | TSC_DEADLINE), CASES(2))
{
	CASE ("count=written") {
		u64 deadline;
		u32 initial;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_FAR);
		initial = apic_read(APIC_TIMER_INITIAL);
		apic_write(APIC_TIMER_INITIAL, 1000);
		EXPECT_EQ(initial, apic_read(APIC_TIMER_INITIAL));
		EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
		EXPECT_EQ(deadline, deadline_armed());
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
	}
	CASE ("count=left-running") {
		/* One that had not passed when the mode was changed. */
		for (u32 count = 1000000; count < BIT(31); count *= 4) {
			deadline_begin(DEADLINE_VECTOR);
			apic_write(APIC_TIMER_INITIAL, count);
			deadline_mode(LVT_DEADLINE | DEADLINE_VECTOR);
			if (!apic_bit(APIC_IRR, DEADLINE_VECTOR))
				break;
		}
		EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
		for (unsigned int i = 0; i < 4; i++)
			deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
		EXPECT_EQ(0, deadline_armed());
	}
	deadline_disarm();
}
