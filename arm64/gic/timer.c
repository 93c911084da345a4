// SPDX-License-Identifier: GPL-2.0-only
/*
 * The EL1 virtual and physical timers, as PPIs 27 and 30: a level that is high while
 * the condition holds.  Law: Arm ARM D11.2.4.
 */
#include "arm64/gic/world.h"

enum { TIMER_ENABLE = BIT(0), TIMER_IMASK = BIT(1), TIMER_ISTATUS = BIT(2) };

static const struct timer {
	const char *name;
	u32 intid;
} timers[] = { { "virtual", 27 }, { "physical", 30 } };

static void set_timer(const struct timer *t, u64 control, u64 ticks)
{
	if (t->intid == 27) {
		WRITE_REGISTER(cntv_ctl_el0, 0);
		WRITE_REGISTER(cntv_cval_el0, READ_REGISTER(cntvct_el0) + ticks);
		WRITE_REGISTER(cntv_ctl_el0, control);
	} else {
		WRITE_REGISTER(cntp_ctl_el0, 0);
		WRITE_REGISTER(cntp_cval_el0, READ_REGISTER(cntpct_el0) + ticks);
		WRITE_REGISTER(cntp_ctl_el0, control);
	}
	barrier();
}

static u64 control_of(const struct timer *t)
{
	asm volatile("isb");
	return t->intid == 27 ? READ_REGISTER(cntv_ctl_el0) : READ_REGISTER(cntp_ctl_el0);
}

TEST(timer_fires, "a timer whose time has come is taken as its PPI, and is a level",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			gic_enable(t->intid);
			set_timer(t, TIMER_ENABLE, 0);
			while (!(control_of(t) & TIMER_ISTATUS))
				;
			EXPECT_EQ(t->intid, gic_acknowledge());
			EXPECT(gic_bit(GICD_ISPENDR, t->intid));
			set_timer(t, 0, 0);
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
			set_timer(t, TIMER_ENABLE | TIMER_IMASK, 0);
			while (!(control_of(t) & TIMER_ISTATUS))
				;
			EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
			set_timer(t, 0, 0);
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
				set_timer(t, TIMER_ENABLE, frequency / 2000);
				asm volatile("wfi" ::: "memory");
				while (!(control_of(t) & TIMER_ISTATUS))
					;
				EXPECT_EQ(t->intid, gic_acknowledge());
				set_timer(t, 0, 0);
				gic_end(t->intid);
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
		set_timer(t, TIMER_ENABLE, 0);
		sync(SAVE | RESTORE);
		EXPECT(gic_bit(GICD_ISPENDR, t->intid));
		EXPECT_EQ(t->intid, gic_acknowledge());
		set_timer(t, 0, 0);
		gic_end(t->intid);
	}
	CASE ("state=armed") {
		set_timer(t, TIMER_ENABLE, far);
		compare = READ_REGISTER(cntv_cval_el0);
		sync(SAVE | RESTORE);
		EXPECT_EQ(TIMER_ENABLE, control_of(t));
		EXPECT_EQ(compare, READ_REGISTER(cntv_cval_el0));
		EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
		set_timer(t, 0, 0);
	}
}
