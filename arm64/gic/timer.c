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

/* The vCPU blocks in PSCI always, in WFI only where its host wants the processor. */
TEST(timer_ends_suspend, "a timer wakes a CPU that PSCI suspended, whichever of two is the earlier",
     LAW("Arm DEN 0022, 5.4 (CPU_SUSPEND); Arm ARM D1.6"), NEEDS(GICV3 | PSCI), CASES(3))
{
	u64 frequency = READ_REGISTER(cntfrq_el0);
	/* Which one is early; with it the other runs, or not. */
	static const struct {
		const char *name;
		unsigned int early;
		bool both;
	} row[] = { { "physical-alone", 1, false },
		    { "virtual-first", 0, true },
		    { "physical-first", 1, true } };

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		CASE ("timers=%s", row[i].name) {
			const struct timer *early = &timers[row[i].early];
			const struct timer *late = &timers[!row[i].early];

			gic_enable(early->intid);
			gic_enable(late->intid);
			for (unsigned int n = 0; n < 10; n++) {
				timer_set(late, row[i].both ? TIMER_ENABLE : 0, frequency * 3600);
				timer_set(early, TIMER_ENABLE, frequency / 500);
				psci(PSCI_CPU_SUSPEND, 0, 0, 0);
				while (!(timer_control(early) & TIMER_ISTATUS))
					;
				EXPECT_EQ(early->intid, gic_acknowledge());
				timer_set(early, 0, 0);
				gic_end(early->intid);
				EXPECT(!(timer_control(late) & TIMER_ISTATUS));
			}
			timer_set(late, 0, 0);
		}
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

TEST(timer_interrupts, "a timer interrupts a CPU that runs and looks at no register of it",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2))
{
	u64 frequency = READ_REGISTER(cntfrq_el0);

	set_irq_handler(stop_timer);
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			running = &timers[i];
			gic_enable(running->intid);
			for (unsigned int n = 0; n < 10; n++) {
				irq_log_clear();
				timer_set(running, TIMER_ENABLE, frequency / 1000);
				irq_unmask();
				while (!irq_log[0].count)
					;
				irq_mask();
				EXPECT_EQ(1, irq_log[0].count);
				EXPECT_EQ(running->intid, irq_log[0].intid[0]);
			}
		}
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
