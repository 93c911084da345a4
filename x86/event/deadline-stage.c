// SPDX-License-Identifier: GPL-2.0-only
/* See deadline.h. */
#include "x86/event/deadline.h"

/* When the first event came; 0: none did. */
static u64 came_at;

static void note_time(struct trap_frame *frame)
{
	(void)frame;
	if (!came_at)
		came_at = rdtsc();
}

/* An xAPIC's registers are memory, which a WRMSR does not wait for. */
void deadline_mode(u32 lvt)
{
	apic_write(APIC_LVT_TIMER, lvt);
	asm volatile("mfence" ::: "memory");
}

void deadline_begin(u32 lvt)
{
	stage_open();
	stage.eoi = true;
	deadline_mode(LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
	/* What an earlier one left. */
	take_all();
	stage.count = 0;
	stage.in_handler = note_time;
	came_at = 0;
	deadline_mode(lvt);
}

u64 deadline_arm(u64 ticks)
{
	u64 deadline = rdtsc() + ticks;

	wrmsr(MSR_TSC_DEADLINE, deadline);
	return deadline;
}

u64 deadline_arm_then(u32 lvt, void (*then)(u64 argument), u64 argument)
{
	for (u64 ticks = DEADLINE_NEAR; ticks < DEADLINE_FAR; ticks *= 4) {
		u64 deadline;

		deadline_begin(lvt);
		deadline = deadline_arm(ticks);
		then(argument);
		if (rdtsc() < deadline)
			return deadline;
	}
	test_error("no deadline was late enough");
}

void deadline_disarm(void)
{
	wrmsr(MSR_TSC_DEADLINE, 0);
	deadline_mode(LVT_MASKED);
}

void deadline_pass(u64 deadline)
{
	while (rdtsc() < deadline)
		heartbeat();
	settle();
}

void deadline_wait(u64 deadline, unsigned int wanted)
{
	/* The host's own timer may be late, as long as it is busy elsewhere. */
	enum { LATE = 1 << 12, LOOKS = 1 << 16 };
	unsigned int late = 0;

	sti();
	for (unsigned int i = 0; stage.count < wanted && late < LATE && i < LOOKS; i++) {
		heartbeat();
		settle();
		late += rdtsc() >= deadline;
	}
	cli();
}

void deadline_wait_longer(void)
{
	u64 end = rdtsc() + 2 * DEADLINE_NEAR;

	sti();
	while (rdtsc() < end) {
		heartbeat();
		settle();
	}
	cli();
}

bool deadline_came_once(const struct expectation *e, u64 deadline)
{
	struct expectation at = *e;

	if (!stage_expect_vectors(e, (const u16[]){ DEADLINE_VECTOR }, 1))
		return false;
	at.expression = "came_at >= deadline";
	return expect_bool(&at, true, came_at >= deadline);
}
