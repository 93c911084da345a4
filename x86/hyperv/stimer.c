// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic timers (TLFS, Timers): a message and an interrupt of a source, or an interrupt
 * of their own; when, how often, and with what in the message.
 */
#include "x86/boot/host.h"
#include "x86/hyperv/hyperv.h"

enum { VECTOR = 0x53, SINT = 2, SOON = 10000 /* 1 ms */, PATIENCE = 20000000 };

static volatile u64 interrupts;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

static u64 config_of(unsigned int timer)
{
	return HV_STIMER0_CONFIG + 2 * timer;
}

static void open(void)
{
	hv_open();
	set_handler(VECTOR, on_interrupt);
	hv_sint(SINT, VECTOR);
	interrupts = 0;
}

static void start(unsigned int timer, u64 config, u64 count)
{
	wrmsr(config_of(timer), config);
	wrmsr(config_of(timer) + 1, count);
}

/* Until an interrupt came, or two seconds of reference time passed. */
static void wait_for(u64 wanted)
{
	u64 begin = hv_now();

	while (interrupts < wanted && hv_now() - begin < PATIENCE)
		take_interrupts();
}

#define ONCE (HV_STIMER_AUTO_ENABLE | HV_STIMER_SINT(SINT))
#define WHERE LAW("TLFS, Timers, Synthetic Timers")

TEST(stimer_message,
     "a one-shot timer sends one message, which says when it was due, and one interrupt", WHERE,
     NEEDS(APIC), ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(HV_STIMERS))
{
	const struct hv_message *m = &hv_messages[SINT];
	u64 due;

	open();
	for (unsigned int timer = 0; timer < HV_STIMERS; timer++)
		CASE ("timer=%u", timer) {
			memset(&hv_messages[SINT], 0, sizeof(*m));
			interrupts = 0;
			due = hv_now() + SOON;
			start(timer, ONCE, due);
			wait_for(1);
			EXPECT_EQ(1, interrupts);
			EXPECT_EQ(HV_MESSAGE_TIMER_EXPIRED, m->type);
			EXPECT_EQ(0, m->flags);
			EXPECT_EQ(24, m->payload_bytes);
			EXPECT_EQ(timer, m->timer.timer);
			EXPECT_EQ(due, m->timer.expiration);
			EXPECT(m->timer.delivery >= due);
			EXPECT(m->timer.delivery <= hv_now());
			EXPECT_EQ(0, rdmsr(config_of(timer)) & HV_STIMER_ENABLE);
			for (unsigned int sint = 0; sint < HV_SINTS; sint++)
				if (sint != SINT)
					EXPECT_EQ(0, hv_messages[sint].type);
		}
}

TEST(stimer_direct, "a timer in direct mode raises an interrupt of its own and sends no message",
     WHERE, NEEDS(APIC), ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(2))
{
	open();
	for (unsigned int periodic = 0; periodic < 2; periodic++)
		CASE ("periodic=%u", periodic) {
			interrupts = 0;
			start(0,
			      HV_STIMER_DIRECT | HV_STIMER_AUTO_ENABLE | HV_STIMER_VECTOR(VECTOR) |
				      (periodic ? HV_STIMER_PERIODIC : 0),
			      periodic ? SOON : hv_now() + SOON);
			wait_for(periodic ? 3 : 1);
			wrmsr(config_of(0), 0);
			if (periodic)
				EXPECT(interrupts >= 3);
			else
				EXPECT_EQ(1, interrupts);
			EXPECT_EQ(0, hv_messages[SINT].type);
		}
}

/* A count so far away that the sum with now, in whatever unit, does not fit its word. */
static const struct {
	const char *name;
	u64 count;
} far[] = {
	{ "2^57", BIT(57) },
	{ "2^62", BIT(62) },
	{ "2^63", BIT(63) },
	{ "2^63-1", BIT(63) - 1 },
	{ "2^64-1", ~0ull },
	{ "2^63/100", BIT(63) / 100 },
};

/* How often the host takes the CPU while it runs some instructions that need no host. */
static u64 exits(void)
{
	enum { STEPS = 5000000 };
	u64 before = HOST(HOST_COUNT_EXITS, HOST_VCPU);

	for (unsigned int i = 0; i < STEPS; i++)
		asm volatile("");
	return HOST(HOST_COUNT_EXITS, HOST_VCPU) - before;
}

/*
 * Does the host let the CPU run as it does without the timer?  One that is woken by it again
 * and again takes it thousands of times, in most trials; one that is only busy does not.
 */
static bool gets_on(u64 config, u64 count)
{
	enum { TRIALS = 3, MORE = 8, SOME = 64 };
	unsigned int taken = 0;
	u64 alone;

	for (unsigned int trial = 0; trial < TRIALS && taken + 1 >= trial; trial++) {
		wrmsr(config_of(0), 0);
		alone = exits();
		start(0, config, count);
		taken += exits() > MORE * alone + SOME;
	}
	return taken < TRIALS - 1;
}

TEST(stimer_far,
     "a timer that is due in thousands of years does not expire now, and the CPU goes on", WHERE,
     NEEDS(APIC), ACTIONS(OFFER_HYPERV | SAVE | RESTORE | HOST_CALL), CASES(2 * ARRAY_SIZE(far)))
{
	open();
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(far); i++) {
		bool periodic = i & 1;

		CASE ("count=%s,periodic=%u", far[i / 2].name, periodic) {
			interrupts = 0;
			hv_messages[SINT].type = 0;
			EXPECT(gets_on(ONCE | (periodic ? HV_STIMER_PERIODIC : 0),
				       far[i / 2].count));
			take_interrupts();
			EXPECT_EQ(0, interrupts);
			EXPECT_EQ(0, hv_messages[SINT].type);
			/* It can be set anew. */
			wrmsr(config_of(0), 0);
			start(0, ONCE, hv_now() + SOON);
			wait_for(1);
			EXPECT_EQ(1, interrupts);
			wrmsr(config_of(0), 0);
		}
	}
}

TEST(stimer_past,
     "a one-shot timer that is due already expires at once, and one with count 0 never", WHERE,
     NEEDS(APIC), ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(3))
{
	static const u64 counts[] = { 0, 1, 1000 };

	open();
	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++)
		CASE ("count=%llu", (unsigned long long)counts[i]) {
			interrupts = 0;
			hv_messages[SINT].type = 0;
			hv_wait(2000);
			start(0, ONCE, counts[i]);
			if (counts[i])
				wait_for(1);
			hv_wait(SOON);
			take_interrupts();
			EXPECT_EQ(!!counts[i], interrupts);
			EXPECT_EQ(0, rdmsr(config_of(0)) & HV_STIMER_ENABLE);
		}
}

TEST(stimer_across_save, "a timer moves to a fresh VM with its count and expires there once", WHERE,
     NEEDS(APIC), ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(2))
{
	u64 due;

	open();
	for (unsigned int twice = 0; twice < 2; twice++)
		CASE ("moves=%u", twice + 1) {
			interrupts = 0;
			hv_messages[SINT].type = 0;
			due = hv_now() + 100 * SOON;
			start(1, ONCE, due);
			sync(SAVE | RESTORE);
			if (twice)
				sync(SAVE | RESTORE);
			EXPECT_EQ(due, rdmsr(config_of(1) + 1));
			wait_for(1);
			hv_wait(SOON);
			take_interrupts();
			EXPECT_EQ(1, interrupts);
			EXPECT_EQ(due, hv_messages[SINT].timer.expiration);
		}
}

TEST(reference_time_across_save, "reference time goes on in a fresh VM, forwards", WHERE,
     ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(4))
{
	u64 before, after;

	hv_open();
	hv_wait(100 * SOON);
	for (unsigned int i = 0; i < 4; i++)
		CASE ("round=%u", i) {
			before = hv_now();
			sync(SAVE | RESTORE);
			after = hv_now();
			EXPECT(after >= before);
			/* A minute is no move. */
			EXPECT(after - before < 600000000);
		}
}
