// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the local APIC's timer counts, against the time-stamp counter: by its
 * divide configuration, from the moment at which that is written, and in a fresh VM
 * as before (SDM vol. 3A, APIC Timer).  Both go on while nobody runs the CPU, so that
 * what is compared are counters and no times.
 */
#include "x86/boot/x86.h"

enum { LVT_MASKED = BIT(16), VECTOR = 0xd2 };
/* Long enough for the exits of the reads not to count. */
#define LONG BIT(21)
enum { LOOKS = 1 << 16, TICKS = 64 };

static const struct {
	u32 configuration;
	unsigned int divisor;
} divides[] = {
	{ 0xb, 1 },  { 0x0, 2 },  { 0x1, 4 },  { 0x2, 8 },
	{ 0x3, 16 }, { 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 },
};

static void start(u32 configuration)
{
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR);
	apic_write(APIC_TIMER_DIVIDE, configuration);
	apic_write(APIC_TIMER_INITIAL, ~0u);
}

static void stop(void)
{
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_TIMER_DIVIDE, 0);
}

/* Of the time-stamp counter's ticks to 16 of the timer's; 0 if it stands still. */
static u64 measure(void)
{
	u32 from = apic_read(APIC_TIMER_CURRENT), to = from;
	u64 begin = rdtsc();

	for (unsigned int i = 0; (from - to < TICKS || rdtsc() - begin < LONG) && i < LOOKS; i++) {
		to = apic_read(APIC_TIMER_CURRENT);
		heartbeat();
	}
	return from == to ? 0 : (rdtsc() - begin) * 16 / (from - to);
}

/* Within a third: neighbours differ by a factor of two. */
static bool alike(u64 a, u64 b)
{
	return a && b && a * 3 < b * 4 && b * 3 < a * 4;
}

/* The best of some: one that was disturbed between its two reads is off. */
static bool rate_is(u64 wanted)
{
	for (unsigned int i = 0; i < 32; i++)
		if (alike(wanted, measure()))
			return true;
	return false;
}

/* The middle one of several. */
static u64 rate_of_one(void)
{
	enum { SAMPLES = 9 };
	u64 sample[SAMPLES];

	start(divides[0].configuration);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		u64 rate = measure();
		unsigned int n = i;

		for (; n && sample[n - 1] > rate; n--)
			sample[n] = sample[n - 1];
		sample[n] = rate;
	}
	return sample[SAMPLES / 2];
}

TEST(timer_rate, "the APIC timer counts slower by the divisor of its divide configuration",
     LAW("SDM vol. 3A, APIC Timer"), NEEDS(APIC), CASES(2 * ARRAY_SIZE(divides)))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(divides); i++) {
		unsigned int n = i / 2;
		bool running = i & 1;

		CASE ("divisor=%u,written=%s", divides[n].divisor, running ? "running" : "before") {
			u64 one = rate_of_one();

			if (running)
				apic_write(APIC_TIMER_DIVIDE, divides[n].configuration);
			else
				start(divides[n].configuration);
			EXPECT(rate_is(one * divides[n].divisor));
			stop();
		}
	}
}

/* A change of the divisor is no jump of the count. */
TEST(timer_keeps_count,
     "the APIC timer's count goes on from where it is when the divide configuration changes",
     LAW("SDM vol. 3A, APIC Timer"), NEEDS(APIC), CASES(2))
{
	static const u32 configurations[2][2] = { { 0x3, 0xb }, { 0xb, 0x3 } };

	for (unsigned int i = 0; i < 2; i++)
		CASE ("divisor=%s", i ? "1-to-16" : "16-to-1") {
			u32 before, after;

			start(configurations[i][0]);
			measure();
			before = apic_read(APIC_TIMER_CURRENT);
			apic_write(APIC_TIMER_DIVIDE, configurations[i][1]);
			after = apic_read(APIC_TIMER_CURRENT);
			EXPECT(after <= before);
			EXPECT(before - after < 1u << 30);
			stop();
		}
}

TEST(timer_rate_across_save,
     "in a fresh VM the APIC timer counts on from its count and at its rate",
     LAW("SDM vol. 3A, APIC Timer; KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC),
     ACTIONS(SAVE | RESTORE), CASES(3))
{
	static const unsigned int numbers[] = { 0, 4, 7 };

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		CASE ("divisor=%u", divides[numbers[i]].divisor) {
			u64 one = rate_of_one();
			u32 before, after;

			start(divides[numbers[i]].configuration);
			/* Some way down. */
			for (unsigned int n = 0; n < 4; n++)
				measure();
			before = apic_read(APIC_TIMER_CURRENT);
			sync(SAVE | RESTORE);
			after = apic_read(APIC_TIMER_CURRENT);
			EXPECT(after <= before);
			EXPECT_EQ(~0u, apic_read(APIC_TIMER_INITIAL));
			EXPECT(rate_is(one * divides[numbers[i]].divisor));
			stop();
		}
}
