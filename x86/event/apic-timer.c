// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC's timer (SDM vol. 3A, APIC Timer).  At which rate it counts is not
 * said, so no test knows a time: what is waited for is the count itself, and how long
 * is a number of looks at it.
 */
#include "x86/event/stage.h"

#define VECTOR 0xd1

enum { LVT_MASKED = BIT(16), LVT_PERIODIC = BIT(17) };
enum { DIVIDE_BY_1 = 0xb, DIVIDE_BY_16 = 0x3 };
/* Some milliseconds at the rates that exist, 25 MHz to 1 GHz. */
enum { COUNT = 1000000 };
/* How often a count may be found that did not fall before a wait is given up. */
enum { LOOKS = 1 << 13 };

static unsigned int looks; /* since start() */

static void begin(void)
{
	stage_open();
	stage.eoi = true;
	apic_write(APIC_TIMER_INITIAL, 0);
}

static void start(u32 lvt, u32 divide, u32 count)
{
	apic_write(APIC_TIMER_DIVIDE, divide);
	apic_write(APIC_LVT_TIMER, lvt);
	looks = 0;
	apic_write(APIC_TIMER_INITIAL, count);
}

static void stop(void)
{
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
}

static u32 look(void)
{
	looks++;
	heartbeat();
	settle();
	return apic_read(APIC_TIMER_CURRENT);
}

/* Until the count is 0. */
static bool expired(void)
{
	u32 before = apic_read(APIC_TIMER_CURRENT), count = before;

	for (unsigned int idle = 0; count && idle < LOOKS; before = count) {
		count = look();
		idle += count >= before;
	}
	return !count;
}

/* The same while nothing comes, but the count may begin again. */
static void wait_for_events(unsigned int wanted)
{
	u32 count, before = ~0u;

	sti();
	for (unsigned int idle = 0; stage.count < wanted && idle < LOOKS; before = count) {
		count = look();
		idle += !count || count >= before;
	}
	cli();
}

/* Several times as long as from start() until now: time for what must not come. */
static void wait_again(void)
{
	unsigned int several = MIN(2 * looks + 4, (unsigned int)LOOKS);

	sti();
	for (unsigned int i = 0; i < several; i++)
		look();
	cli();
}

#define WHERE "SDM vol. 3A, Advanced Programmable Interrupt Controller (APIC), APIC Timer"

TEST(timer_one_shot, "the APIC timer in one-shot mode delivers its vector once",
     LAW(WHERE), NEEDS(APIC), CASES(6))
{
	static const u8 vectors[] = { 0x20, 0x7f, 0xfe };

	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		for (unsigned int if_ = 0; if_ <= 1; if_++)
			CASE("vector=%#x,if=%u", vectors[i], if_)
			{
				begin();
				start(vectors[i], DIVIDE_BY_1, COUNT);
				if (!if_) {
					EXPECT(expired());
					settle();
					EXPECT_NOTHING_SEEN();
				}
				wait_for_events(1);
				wait_again();
				EXPECT_SEEN(vectors[i]);
				stop();
			}
}

TEST(timer_wakes, "the APIC timer wakes a halted CPU behind the HLT",
     LAW(WHERE "; vol. 2A, HLT"), NEEDS(APIC), CASES(2))
{
	for (unsigned int periodic = 0; periodic <= 1; periodic++)
		CASE("periodic=%u", periodic)
		{
			begin();
			start(VECTOR | (periodic ? LVT_PERIODIC : 0), DIVIDE_BY_1, COUNT);
			halt_for_interrupt();
			EXPECT(stage.count >= 1);
			stop();
		}
}

TEST(timer_periodic, "the APIC timer in periodic mode delivers its vector until it is stopped",
     LAW(WHERE), NEEDS(APIC))
{
	enum { TICKS = 12 };
	unsigned int others = 0;

	begin();
	start(VECTOR | LVT_PERIODIC, DIVIDE_BY_1, COUNT);
	wait_for_events(TICKS);
	apic_write(APIC_TIMER_INITIAL, 0);
	take_all();
	EXPECT(stage.count >= TICKS);
	for (unsigned int i = 0; i < MIN(stage.count, (unsigned int)SEEN_MAX); i++)
		others += stage.seen[i].vector != VECTOR;
	EXPECT_EQ(0, others);
	EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
	stage.count = 0;
	wait_again();
	EXPECT_NOTHING_SEEN();
	stop();
}

TEST(timer_masked, "the APIC timer counts while its LVT entry is masked, and delivers nothing",
     LAW(WHERE " and Local Vector Table"), NEEDS(APIC))
{
	begin();
	start(VECTOR | LVT_MASKED, DIVIDE_BY_1, COUNT);
	EXPECT(expired());
	wait_again();
	EXPECT_NOTHING_SEEN();
	EXPECT(!apic_bit(APIC_IRR, VECTOR));
	stop();
}

TEST(timer_counts_down, "the APIC timer's count falls from the initial count to 0, and stays",
     LAW(WHERE), NEEDS(APIC))
{
	u32 before = 20 * COUNT, count = before;
	unsigned int idle = 0, rises = 0, between = 0;

	begin();
	EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
	start(VECTOR | LVT_MASKED, DIVIDE_BY_1, before);
	EXPECT_EQ(before, apic_read(APIC_TIMER_INITIAL));
	while (count && idle < LOOKS) {
		count = apic_read(APIC_TIMER_CURRENT);
		rises += count > before;
		between += count && count < before;
		idle += count >= before;
		before = count;
		heartbeat();
	}
	EXPECT_EQ(0, count);
	EXPECT_EQ(0, rises);
	EXPECT(between != 0);
	settle();
	EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
	EXPECT_EQ(20 * COUNT, apic_read(APIC_TIMER_INITIAL));
	stop();
}

TEST(timer_divides, "the APIC timer's divide configuration reads back",
     LAW(WHERE), NEEDS(APIC), CASES(8))
{
	/* Bits 0, 1 and 3; bit 2 is 0. */
	for (unsigned int value = 0; value < 16; value++) {
		if (value & BIT(2))
			continue;
		CASE("value=%#x", value)
		{
			apic_write(APIC_TIMER_DIVIDE, value);
			EXPECT_EQ(value, apic_read(APIC_TIMER_DIVIDE));
		}
	}
}

TEST(timer_across_save, "the APIC timer goes on in a fresh VM, one-shot and periodic",
     LAW(WHERE "; KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC), ACTIONS(SAVE | RESTORE), CASES(3))
{
	CASE("mode=one-shot,count=running")
	{
		begin();
		start(VECTOR, DIVIDE_BY_16, 10 * COUNT);
		sync(SAVE | RESTORE);
		EXPECT_EQ(10 * COUNT, apic_read(APIC_TIMER_INITIAL));
		EXPECT(expired());
		wait_for_events(1);
		wait_again();
		EXPECT_SEEN(VECTOR);
		stop();
	}
	CASE("mode=one-shot,count=expired")
	{
		begin();
		start(VECTOR, DIVIDE_BY_1, COUNT);
		EXPECT(expired());
		settle();
		sync(SAVE | RESTORE);
		EXPECT_EQ(0, apic_read(APIC_TIMER_CURRENT));
		wait_for_events(1);
		wait_again();
		EXPECT_SEEN(VECTOR);
		stop();
	}
	CASE("mode=periodic")
	{
		begin();
		start(VECTOR | LVT_PERIODIC, DIVIDE_BY_1, COUNT);
		wait_for_events(2);
		stage.count = 0;
		sync(SAVE | RESTORE);
		wait_for_events(5);
		EXPECT(stage.count >= 5);
		stop();
	}
}
