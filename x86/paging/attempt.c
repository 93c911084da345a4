// SPDX-License-Identifier: GPL-2.0-only
/* See attempt.h. */
#include "x86/paging/attempt.h"

extern const u8 attempt_ud[], attempt_ss[], attempt_gp[], attempt_pf[], attempt_ac[];
extern const u8 attempt_user_return[], attempt_tick[];
extern u32 attempt_ticks;
extern const u8 access_segment[];
extern const u8 access_read32[], access_write32[], access_outs[], access_ins[];
extern const u8 access_forced_read[], access_forced_write[], access_forced_locked[];
void attempt_enter(struct attempt *a);

_Static_assert(offsetof(struct attempt, vector) == ATTEMPT_VECTOR, "the layout for assembly");
_Static_assert(offsetof(struct attempt, efer) == ATTEMPT_EFER, "the layout for assembly");

const u8 *const access_native[CODE_COUNT] = { access_read, access_write, access_fetch,
					      access_segment, access_locked };
const u8 *const access_32bit_operands[CODE_COUNT] = { access_read32, access_write32 };
const u8 *const access_string[CODE_COUNT] = { access_outs, access_ins };
const u8 *const access_forced[CODE_COUNT] = {
	[CODE_READ] = access_forced_read,
	[CODE_WRITE] = access_forced_write,
	[CODE_LOCKED] = access_forced_locked,
};

void attempt_prepare(void)
{
	u64 *top = (u64 *)(user_stack + sizeof(user_stack));

	top[-1] = (u64)USER(attempt_user_return);
	set_gate(VECTOR_UD, attempt_ud, GATE_INTERRUPT, 0);
	set_gate(VECTOR_SS, attempt_ss, GATE_INTERRUPT, 0);
	set_gate(VECTOR_GP, attempt_gp, GATE_INTERRUPT, 0);
	set_gate(VECTOR_PF, attempt_pf, GATE_INTERRUPT, 0);
	set_gate(VECTOR_AC, attempt_ac, GATE_INTERRUPT, 0);
	set_gate(VECTOR_ENDLESS, attempt_tick, GATE_INTERRUPT, 0);
}

void attempt(struct attempt *a)
{
	if (a->user)
		a->user_stack = (u64)USER(user_stack + sizeof(user_stack) - sizeof(u64));
	attempt_enter(a);
	if (a->vector == VECTOR_GP && a->user && a->rip == (u64)USER(attempt_user_return))
		a->vector = VECTOR_NONE;
	if (a->vector == VECTOR_NONE)
		a->error_code = a->rip = a->pushed_rflags = 0;
	else
		a->result = 0;
}

/*
 * At 1 GHz, the fastest rate seen, 30 ms.  One tick may be due before the access
 * began, and a host that was busy elsewhere may delay it by as many as it likes:
 * but then they come as one, and the access has its turn behind it.
 */
enum { TICK_COUNT = 30 * 1000 * 1000, TICKS_ENDLESS = 16 };
enum { LVT_PERIODIC = BIT(17), LVT_MASKED = BIT(16), DIVIDE_BY_1 = 0xb };

void attempt_bounded(struct attempt *a)
{
	if (!has_feature(APIC)) {
		attempt(a);
		return;
	}
	attempt_ticks = TICKS_ENDLESS;
	a->rflags |= RFLAGS_IF;
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_ENDLESS);
	apic_write(APIC_TIMER_INITIAL, TICK_COUNT);
	attempt(a);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
}

void attempt_call(struct attempt *a)
{
	u64 *top = (u64 *)a->user_stack - 1;

	*top = (u64)attempt_user_return;
	a->user_stack = (u64)top;
	attempt_enter_saving(a);
	if (a->vector == VECTOR_GP && a->rip == (u64)attempt_user_return)
		a->vector = VECTOR_NONE;
}
