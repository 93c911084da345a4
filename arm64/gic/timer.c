// SPDX-License-Identifier: GPL-2.0-only
/*
 * The EL1 virtual and physical timers, as PPIs 27 and 30: a level that is high while
 * the condition holds.  Law: Arm ARM D11.2.4.
 */
#include "arm64/gic/timer.h"

TEST(timer_fires, "a timer whose time has come is taken as its PPI, and is a level",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			gic_enable(t->intid);
			timer_set(t, TIMER_ENABLE, 0);
			while (!(timer_control(t) & TIMER_ISTATUS))
				;
			EXPECT_EQ(t->intid, gic_acknowledge());
			EXPECT(gic_bit(GICD_ISPENDR, t->intid));
			timer_set(t, 0, 0);
			EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
			gic_end(t->intid);
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
		}
}

TEST(timer_masked, "a timer with IMASK = 1 shows its status and raises nothing",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			gic_enable(t->intid);
			timer_set(t, TIMER_ENABLE | TIMER_IMASK, 0);
			while (!(timer_control(t) & TIMER_ISTATUS))
				;
			EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
			timer_set(t, 0, 0);
		}
}

TEST(timer_wakes, "a timer wakes a CPU that waits in WFI, again and again", LAW("Arm ARM D1.6"),
     NEEDS(GICV3), CASES(2))
{
	u64 frequency = READ_REGISTER(cntfrq_el0);

	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			gic_enable(t->intid);
			for (unsigned int n = 0; n < 20; n++) {
				timer_set(t, TIMER_ENABLE, frequency / 2000);
				asm volatile("wfi" ::: "memory");
				while (!(timer_control(t) & TIMER_ISTATUS))
					;
				EXPECT_EQ(t->intid, gic_acknowledge());
				timer_set(t, 0, 0);
				gic_end(t->intid);
			}
		}
}

/* --- what a timer wakes and interrupts, and that it is the timer --- */

enum { TIMES = 20 };
/* A timer's time from when it is set: 5 ms. */
#define SOON (READ_REGISTER(cntfrq_el0) / 200)

/* The early timer, and whether the other one runs beside it. */
static const struct pair {
	const char *name;
	unsigned int early;
	bool both;
} pairs[] = { { "physical-alone", 1, false },
	      { "virtual-first", 0, true },
	      { "physical-first", 1, true } };

/* The vCPU blocks in PSCI always, in WFI only where its host wants the processor. */
static void suspend_once(const struct pair *p)
{
	const struct timer *early = &timers[p->early], *late = &timers[!p->early];

	gic_enable(early->intid);
	gic_enable(late->intid);
	timer_set(late, p->both ? TIMER_ENABLE : 0, READ_REGISTER(cntfrq_el0) * 3600);
	timer_set(early, TIMER_ENABLE, SOON);
	psci(PSCI_CPU_SUSPEND, 0, 0, 0);
	while (!(timer_control(early) & TIMER_ISTATUS))
		;
	EXPECT_EQ(early->intid, gic_acknowledge());
	timer_set(early, 0, 0);
	gic_end(early->intid);
	EXPECT(!(timer_control(late) & TIMER_ISTATUS));
	timer_set(late, 0, 0);
}

TEST(timer_ends_suspend, "a timer wakes a CPU that PSCI suspended, whichever of two is the earlier",
     LAW("Arm DEN 0022, 5.4 (CPU_SUSPEND); Arm ARM D1.6"), NEEDS(GICV3 | PSCI),
     CASES(ARRAY_SIZE(pairs)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++)
		CASE ("timers=%s", pairs[i].name)
			for (unsigned int n = 0; n < TIMES; n++)
				suspend_once(&pairs[i]);
}

static const struct timer *running;

static void stop_timer(struct trap_frame *frame)
{
	u32 intid = gic_acknowledge();

	(void)frame;
	timer_set(running, 0, 0);
	irq_log[0].count++;
	irq_log[0].intid[0] = intid;
	if (intid < INTID_SPECIAL)
		gic_end(intid);
}

static void run_once(const struct timer *t)
{
	running = t;
	set_irq_handler(stop_timer);
	gic_enable(t->intid);
	irq_log_clear();
	timer_set(t, TIMER_ENABLE, SOON);
	irq_unmask();
	while (!irq_log[0].count)
		;
	irq_mask();
	EXPECT_EQ(1, irq_log[0].count);
	EXPECT_EQ(t->intid, irq_log[0].intid[0]);
	set_irq_handler(NULL);
}

TEST(timer_interrupts, "a timer interrupts a CPU that runs and looks at no register of it",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name)
			for (unsigned int n = 0; n < TIMES; n++)
				run_once(&timers[i]);
}

/*
 * A signal that ends KVM_RUN makes the host look at all timers, so that a timer that does
 * nothing of itself is noticed then.  On a busy machine a signal may come beside the
 * timer, but not beside nearly all.
 */
enum { TRIES = 40, OF_ITSELF = 8 };

static u64 signals(void)
{
	return sync_value(sync(HOST_CALL, .host_call = { .call = HOST_SIGNALS }), HOST_CALL);
}

/* How many of those that are needed came without a signal: of a pair, or else of a timer. */
static unsigned int of_itself(const struct pair *p, const struct timer *t)
{
	unsigned int count = 0;

	for (unsigned int n = 0; n < TRIES && count < OF_ITSELF; n++) {
		u64 before = signals();

		if (p)
			suspend_once(p);
		else
			run_once(t);
		count += signals() == before;
	}
	return count;
}

TEST(timer_acts_of_itself, "a timer's interrupt comes without a signal that ends KVM_RUN",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3 | PSCI), ACTIONS(HOST_CALL),
     CASES(ARRAY_SIZE(pairs) + ARRAY_SIZE(timers)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++)
		CASE ("state=suspended,timers=%s", pairs[i].name)
			EXPECT_EQ(OF_ITSELF, of_itself(&pairs[i], NULL));
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("state=running,timer=%s", timers[i].name)
			EXPECT_EQ(OF_ITSELF, of_itself(NULL, &timers[i]));
}

TEST(timer_survives, "a timer that has fired and one that has not survive a move",
     LAW("Documentation/virt/kvm/api.rst, KVM_REG_ARM_TIMER_CVAL"), NEEDS(GICV3),
     ACTIONS(SAVE | RESTORE), CASES(2))
{
	const struct timer *t = &timers[0];
	u64 far = READ_REGISTER(cntfrq_el0) * 3600, compare;

	gic_enable(t->intid);
	CASE ("state=fired") {
		timer_set(t, TIMER_ENABLE, 0);
		sync(SAVE | RESTORE);
		EXPECT(gic_bit(GICD_ISPENDR, t->intid));
		EXPECT_EQ(t->intid, gic_acknowledge());
		timer_set(t, 0, 0);
		gic_end(t->intid);
	}
	CASE ("state=armed") {
		timer_set(t, TIMER_ENABLE, far);
		compare = READ_REGISTER(cntv_cval_el0);
		sync(SAVE | RESTORE);
		EXPECT_EQ(TIMER_ENABLE, timer_control(t));
		EXPECT_EQ(compare, READ_REGISTER(cntv_cval_el0));
		EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
		timer_set(t, 0, 0);
	}
}
