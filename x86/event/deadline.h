/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC's timer in TSC-deadline mode (SDM vol. 3A, TSC-Deadline Mode): armed by
 * a time of the TSC and not by a count, so that a test can say what is too early.
 */
#ifndef ASSAY_X86_EVENT_DEADLINE_H
#define ASSAY_X86_EVENT_DEADLINE_H

#include "x86/event/stage.h"

#define DEADLINE_LAW "SDM vol. 3A, APIC Timer, TSC-Deadline Mode"
#define DEADLINE_VECTOR 0xd3

enum lvt_timer { LVT_MASKED = BIT(16), LVT_PERIODIC = BIT(17), LVT_DEADLINE = BIT(18) };

/* Some hundred microseconds: several exits of any host. */
#define DEADLINE_NEAR BIT(20)
/* Minutes: does not come while a test runs. */
#define DEADLINE_FAR BIT(40)

/* The stage, a timer that is not armed, and its LVT entry. */
void deadline_begin(u32 lvt);
/* Arm it: at so many ticks from now.  Returns the deadline. */
u64 deadline_arm(u64 ticks);
/*
 * Begin, arm it and do something that must come before the deadline: again, with a later
 * deadline, where the host was too slow for that.
 */
u64 deadline_arm_then(u32 lvt, void (*then)(u64 argument), u64 argument);
void deadline_disarm(void);
static inline u64 deadline_armed(void)
{
	return rdmsr(MSR_TSC_DEADLINE);
}
void deadline_mode(u32 lvt);

/* Until the TSC is past it. */
void deadline_pass(u64 deadline);
/*
 * With interrupts on: until so many events came, or several times what the host may
 * need past the deadline for what must not come.
 */
void deadline_wait(u64 deadline, unsigned int wanted);
void deadline_wait_longer(void);

/* The vector came once, and when it did the deadline had passed. */
bool deadline_came_once(const struct expectation *e, u64 deadline);
#define EXPECT_CAME_ONCE(deadline) deadline_came_once(EXPECTATION_("events"), deadline)

#endif
