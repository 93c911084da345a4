/* SPDX-License-Identifier: GPL-2.0-only */
/* The EL1 virtual and physical timers as tests see them. */
#ifndef ASSAY_ARM64_GIC_TIMER_H
#define ASSAY_ARM64_GIC_TIMER_H

#include "arm64/gic/world.h"

enum { TIMER_ENABLE = BIT(0), TIMER_IMASK = BIT(1), TIMER_ISTATUS = BIT(2) };
enum { VIRTUAL_PPI = 27, PHYSICAL_PPI = 30 };

struct timer {
	const char *name;
	u32 intid;
};
static const struct timer timers[] = { { "virtual", VIRTUAL_PPI }, { "physical", PHYSICAL_PPI } };

/* A register of either: TIMER_READ(t, cval) is CNTV_CVAL_EL0 or CNTP_CVAL_EL0. */
#define TIMER_READ(t, name)                                                                        \
	({                                                                                         \
		asm volatile("isb");                                                               \
		(t)->intid == VIRTUAL_PPI ? READ_REGISTER(cntv_##name##_el0)                       \
					  : READ_REGISTER(cntp_##name##_el0);                      \
	})
#define TIMER_WRITE(t, name, value)                                                                \
	({                                                                                         \
		if ((t)->intid == VIRTUAL_PPI)                                                     \
			WRITE_REGISTER(cntv_##name##_el0, value);                                  \
		else                                                                               \
			WRITE_REGISTER(cntp_##name##_el0, value);                                  \
		asm volatile("isb");                                                               \
	})

static inline u64 timer_count(const struct timer *t)
{
	asm volatile("isb");
	return t->intid == VIRTUAL_PPI ? READ_REGISTER(cntvct_el0) : READ_REGISTER(cntpct_el0);
}

static inline u64 timer_control(const struct timer *t)
{
	return TIMER_READ(t, ctl);
}

/* Its time comes in so many ticks. */
static inline void timer_set(const struct timer *t, u64 control, u64 ticks)
{
	TIMER_WRITE(t, ctl, 0);
	TIMER_WRITE(t, cval, timer_count(t) + ticks);
	TIMER_WRITE(t, ctl, control);
	barrier();
}

#endif
