// SPDX-License-Identifier: GPL-2.0-only
/* The tables that modes outside 64-bit mode need; see attempt.h. */
#include "x86/paging/attempt.h"

extern u64 idt32[32];
extern u32 tss32[26];
extern const u8 stubs32[32][16], attempt32_user_return[];
extern const u8 access32_read[], access32_write[], access32_fetch[], access32_segment[],
	access32_locked[];
void attempt32_enter(struct attempt *a);

const u8 *const access_legacy[CODE_COUNT] = { access32_read, access32_write, access32_fetch,
					      access32_segment, access32_locked };

static u8 event_stack[0x1000] __attribute__((aligned(16)));

/* A gate and a TSS descriptor of 32-bit protected mode (SDM vol. 3A, 6.11 and 7.2.2). */
static u64 interrupt_gate32(const void *code)
{
	u64 offset = (u64)code;

	return (offset & 0xffff) | (u64)SELECTOR_CODE32 << 16 | 0x8e00ull << 32 |
	       (offset >> 16) << 48;
}

static u64 tss32_descriptor(void)
{
	u64 base = (u64)tss32;

	return 103 | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24) << 56;
}

/* Below what attempt() uses. */
static u32 *user_stack32(void)
{
	return (u32 *)(user_stack + sizeof(user_stack) - 64);
}

void attempt32_prepare(void)
{
	*user_stack32() = (u32)((u64)attempt32_user_return + USER_ALIAS32);
	for (unsigned int i = 0; i < 32; i++)
		idt32[i] = interrupt_gate32(stubs32[i]);
	tss32[1] = (u32)(u64)(event_stack + sizeof(event_stack));
	tss32[2] = SELECTOR_DATA;
}

/* LTR makes a TSS busy and takes only one that is not (SDM vol. 2A, LTR). */
static void reload_tr(void)
{
	gdt[SELECTOR_TSS / 8] &= ~(2ull << 40);
	asm volatile("ltr %w0" ::"r"(SELECTOR_TSS) : "memory");
}

void attempt32(struct attempt *a)
{
	gdt[SELECTOR_TSS32 / 8] = tss32_descriptor();
	a->user_stack = (u64)user_stack32() + USER_ALIAS32;
	attempt32_enter(a);
	load_idt(idt, 256 * sizeof(idt[0]) - 1);
	reload_tr();
	/* Nothing more can be said of a subject that has no such mode. */
	if (a->vector == VECTOR_GP && a->rip == (u64)attempt32_mov_cr0) {
		expect_failed(EXPECTATION_("MOV to CR0 outside 64-bit mode"), "paging is on",
			      "#GP");
		test_abandon();
	}
	if (a->vector == VECTOR_GP && a->user &&
	    a->rip == (u64)attempt32_user_return + USER_ALIAS32)
		a->vector = VECTOR_NONE;
	if (a->vector == VECTOR_NONE)
		a->error_code = a->rip = a->pushed_rflags = 0;
	else
		a->result = 0;
}
