// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of the EL1 timers, and the counters that they compare with.  Law: Arm
 * ARM D11.1.2 (counters), D11.2.4 (timers), D19.12 (their registers).
 */
#include "arm64/gic/timer.h"

static const s64 views[] = { 0, 1000000, 0x7fffffff, -1, -1000000, -0x80000000ll };

TEST(timer_value, "TVAL is the lower half of CVAL less the counter, written with its sign",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2 * ARRAY_SIZE(views)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(views); n++)
			CASE ("timer=%s,value=%lld", timers[i].name, (long long)views[n]) {
				const struct timer *t = &timers[i];
				u64 first = timer_count(t), compare, second, value;

				TIMER_WRITE(t, tval, (u32)views[n]);
				second = timer_count(t);
				compare = TIMER_READ(t, cval);
				EXPECT((s64)(compare - first) >= views[n]);
				EXPECT((s64)(compare - second) <= views[n]);
				first = timer_count(t);
				value = TIMER_READ(t, tval);
				second = timer_count(t);
				EXPECT_EQ(0, value >> 32);
				/* The counter went from first to second meanwhile. */
				EXPECT((u32)((u32)(compare - first) - (u32)value) <=
				       second - first);
			}
}

TEST(timer_condition, "a timer's condition holds from CVAL on, by an unsigned comparison",
     LAW("Arm ARM D11.2.4"), NEEDS(GICV3), CASES(2 * 4))
{
	static const struct {
		const char *name;
		bool absolute;
		u64 value; /* of CVAL, or so many ticks from now */
		bool holds;
		/* Not ~0: QEMU 7.2 as a lab, with CNTVOFF_EL2 in it, then spins in its own timers. */
	} row[] = { { "top-bit", true, BIT(63), false },
		    { "zero", true, 0, true },
		    { "past", false, -1000ull, true },
		    { "ahead", false, BIT(40), false } };

	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(row); n++)
			CASE ("timer=%s,cval=%s", timers[i].name, row[n].name) {
				const struct timer *t = &timers[i];

				gic_enable(t->intid);
				timer_set(t, 0, 0);
				TIMER_WRITE(t, cval,
					    row[n].absolute ? row[n].value
							    : timer_count(t) + row[n].value);
				TIMER_WRITE(t, ctl, TIMER_ENABLE);
				barrier();
				EXPECT_EQ(row[n].holds ? TIMER_ENABLE | TIMER_ISTATUS
						       : TIMER_ENABLE,
					  timer_control(t));
				EXPECT_EQ(row[n].holds, gic_bit(GICD_ISPENDR, t->intid));
				TIMER_WRITE(t, ctl, 0);
				barrier();
				EXPECT(!gic_bit(GICD_ISPENDR, t->intid));
			}
}

TEST(timer_status_is_read_only, "writing ISTATUS has no effect", LAW("Arm ARM D19.12"),
     NEEDS(GICV3), CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("timer=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			timer_set(t, TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS, BIT(40));
			EXPECT_EQ(TIMER_ENABLE | TIMER_IMASK, timer_control(t));
			timer_set(t, TIMER_ENABLE | TIMER_IMASK, 0);
			EXPECT_EQ(TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS, timer_control(t));
			timer_set(t, 0, 0);
		}
}

/* --- counters --- */

/* Where a host restores both counters it does so one behind the other: a second is much. */
TEST(counter_across_save, "over a move virtual time goes on, and no faster than physical time",
     LAW("Documentation/virt/kvm/api.rst, KVM_REG_ARM_TIMER_CNT"), NEEDS(GICV3),
     ACTIONS(SAVE | RESTORE))
{
	const struct timer *virtual = &timers[0], *physical = &timers[1];
	u64 second = READ_REGISTER(cntfrq_el0);

	for (unsigned int n = 0; n < 5; n++) {
		u64 outer = timer_count(physical), inner = timer_count(virtual), now;

		sync(SAVE | RESTORE);
		now = timer_count(virtual);
		EXPECT(now >= inner);
		EXPECT(now - inner <= timer_count(physical) - outer + second);
	}
}

static volatile u64 turn, counted[2];

enum { TURNS = 20 };

/* Both take turns, and each must read no less than the other has. */
static void take_turns(void *argument)
{
	const struct timer *t = argument;

	for (u64 n = 1; n < 2 * TURNS; n += 2) {
		while (turn != n)
			cpu_relax();
		barrier();
		counted[1] = timer_count(t);
		EXPECT(counted[1] >= counted[0]);
		barrier();
		turn = n + 1;
	}
}

TEST(counter_of_all, "all CPUs see one count", LAW("Arm ARM D11.1.2"), NEEDS(GICV3 | PSCI), CPUS(2),
     CASES(2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		CASE ("counter=%s", timers[i].name) {
			const struct timer *t = &timers[i];

			turn = counted[0] = counted[1] = 0;
			barrier();
			ASSERT(cpu_start(1, take_turns, (void *)t));
			for (u64 n = 0; n < 2 * TURNS; n += 2) {
				while (turn != n)
					cpu_relax();
				barrier();
				counted[0] = timer_count(t);
				EXPECT(counted[0] >= counted[1]);
				barrier();
				turn = n + 1;
			}
			cpu_wait(1);
		}
}
