// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 8254 as programmed I/O finds it (8254 data sheet): modes, latches, counts, and
 * its output as line 0.  No test knows a time: what is waited for is the count.
 */
#include "x86/event/stage.h"

#define VECTOR 0x70

enum { CONTROL = 0x43, COUNTER = 0x40, SPEAKER = 0x61 };
enum { READ_BACK = 0xc0, NO_COUNT = 0x20, NO_STATUS = 0x10, WORD = 0x30 };
enum { LOOKS = 1 << 12 };
enum { STATUS_OUTPUT = 0x80 };

/* The counts go on while nobody runs us; then it is tried again. */
enum { ATTEMPTS = 16 };

static void program(unsigned int channel, unsigned int mode, u16 count)
{
	outb(CONTROL, (u8)(channel << 6 | WORD | mode << 1));
	outb((u16)(COUNTER + channel), (u8)count);
	outb((u16)(COUNTER + channel), (u8)(count >> 8));
}

static u16 read_count(unsigned int channel)
{
	u8 low = inb((u16)(COUNTER + channel));

	return (u16)(low | inb((u16)(COUNTER + channel)) << 8);
}

static u16 latch_count(unsigned int channel)
{
	outb(CONTROL, (u8)(channel << 6));
	return read_count(channel);
}

static u8 read_status(unsigned int channel)
{
	outb(CONTROL, (u8)(READ_BACK | NO_COUNT | 2 << channel));
	return inb((u16)(COUNTER + channel));
}

/* A count that was just loaded is below it; where nothing is all bits are ones. */
static void need_pit(void)
{
	program(2, 3, 0x1234);
	if (latch_count(2) == 0xffff)
		skip("the machine has no 8254");
}

TEST(pit_status, "the 8254's read-back command tells mode and format of a counter as programmed",
     LAW("8254, Read-Back Command"), CASES(4))
{
	static const u8 modes[] = { 0, 2, 3, 4 };

	need_pit();
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		CASE ("mode=%u", modes[i]) {
			program(2, modes[i], 0x4000);
			EXPECT_EQ(WORD | modes[i] << 1, read_status(2) & 0x3f);
		}
}

/*
 * Latch, let 64 exits pass, latch again: what is read first is of the first moment, which
 * is nearer to the start than to the next count.  False also if nobody ran us meanwhile.
 */
static bool latch_is_kept(void)
{
	u16 first, second;
	unsigned int looks = 0;

	program(0, 0, 0xffff);
	outb(CONTROL, 0 << 6);
	for (unsigned int i = 0; i < 64; i++)
		inb(0x80);
	outb(CONTROL, 0 << 6);
	first = read_count(0);
	do
		second = latch_count(0);
	while (second == first && looks++ < LOOKS);
	return second < first && (u16)(0xffff - first) < (u16)(first - second) * 8 + 64;
}

/*
 * Latch the status before the output of counter 0 rises, and again behind that: what is
 * read is the first.  Counter 1, which began later, tells.  False also if nobody ran us
 * before the first latch.
 */
static bool status_latch_is_kept(void)
{
	unsigned int looks = 0;

	program(0, 0, 0x1000);
	outb(CONTROL, READ_BACK | NO_COUNT | 2 << 0);
	program(1, 0, 0x1000);
	while (!(read_status(1) & STATUS_OUTPUT) && looks++ < 16 * LOOKS)
		;
	outb(CONTROL, READ_BACK | NO_COUNT | 2 << 0);
	return !(inb(COUNTER) & STATUS_OUTPUT) && read_status(0) & STATUS_OUTPUT;
}

TEST(pit_latches, "what the 8254 latched stays until it is read, whatever is latched again",
     LAW("8254, Counter Latch Command; Read-Back Command"), CASES(2))
{
	need_pit();
	CASE ("latch=count") {
		bool kept = false;

		for (unsigned int i = 0; i < ATTEMPTS && !kept; i++)
			kept = latch_is_kept();
		EXPECT(kept);
	}
	CASE ("latch=status") {
		bool kept = false;

		for (unsigned int i = 0; i < ATTEMPTS && !kept; i++)
			kept = status_latch_is_kept();
		EXPECT(kept);
	}
}

/* --- line 0 --- */

enum { MASTER = 0x20, LVT_EXTINT = 7 << 8, LVT_MASKED = 1 << 16 };

static void eoi(struct trap_frame *f)
{
	(void)f;
	outb(MASTER, 0x20);
}

/* Line 0 leads to the first 8259, whose interrupts come through LINT0. */
static void begin(void)
{
	need_pit();
	stage_open();
	stage.in_handler = eoi;
	outb(MASTER, 0x11);
	outb(MASTER + 1, VECTOR);
	outb(MASTER + 1, 4);
	outb(MASTER + 1, 1);
	outb(MASTER + 1, 0xfe);
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
}

static void end(void)
{
	program(0, 0, 0);
	outb(MASTER + 1, 0xff);
	take_all();
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
}

/* Until so many events came, or so many ticks of the 8254 passed, by its counter 2. */
static void wait_for(unsigned int events, unsigned int ticks)
{
	unsigned int passed = 0, idle = 0;
	u16 last;

	program(2, 2, 0);
	outb(SPEAKER, (u8)((inb(SPEAKER) & ~2) | 1));
	last = latch_count(2);
	sti();
	while (stage.count < events && passed < ticks && idle < 8 * LOOKS) {
		u16 now = latch_count(2);

		passed += (u16)(last - now);
		idle = now == last ? idle + 1 : 0;
		last = now;
		heartbeat();
	}
	cli();
}

enum { PERIOD = 2000 }; /* of 1193182 a second */

TEST(pit_periodic, "modes 2 and 3 of the 8254 raise line 0 again and again", NEEDS(APIC),
     LAW("8254, Mode Definitions"), CASES(2))
{
	for (unsigned int mode = 2; mode <= 3; mode++)
		CASE ("mode=%u", mode) {
			begin();
			program(0, mode, PERIOD);
			wait_for(4, 100 * PERIOD);
			EXPECT(stage.count >= 4);
			end();
		}
}

TEST(pit_once, "mode 0 of the 8254 raises line 0 once", NEEDS(APIC), LAW("8254, Mode Definitions"))
{
	begin();
	program(0, 0, PERIOD);
	wait_for(2, 8 * PERIOD);
	EXPECT_SEEN(VECTOR);
	end();
}

TEST(pit_longest, "a count of 0 is the longest: 65536", NEEDS(APIC), LAW("8254, Mode Definitions"))
{
	u16 count = 0;

	begin();
	for (unsigned int i = 0; i < ATTEMPTS && (count <= 0x100 || stage.count > 1); i++) {
		stage.count = 0;
		program(0, 2, 0);
		for (unsigned int n = 0; n < 16; n++)
			inb(0x80);
		count = latch_count(0);
		take_all();
	}
	EXPECT(count > 0x100);
	EXPECT(stage.count <= 1);
	end();
}

TEST(pit_across_save, "modes, formats and counts of the 8254 move to a fresh VM",
     LAW("8254; KVM api.rst, KVM_SET_PIT2"), ACTIONS(SAVE | RESTORE))
{
	need_pit();
	program(2, 3, 0x4321);
	program(0, 4, 0xffff);
	sync(SAVE | RESTORE);
	EXPECT_EQ(WORD | 3 << 1, read_status(2) & 0x3f);
	EXPECT_EQ(WORD | 4 << 1, read_status(0) & 0x3f);
	EXPECT(latch_count(2) <= 0x4321);
	program(0, 0, 0);
}
