// SPDX-License-Identifier: GPL-2.0-only
/* Trials, done; see trial.h. */
#include "x86/paging/trial.h"

static u64 read_memory(const struct trial *t, const struct arena *a)
{
	if (a->mmio)
		return apic_read(APIC_TPR);
	switch (t->half) {
	case 4:
		return *(u32 *)t->operand[0] | (u64) * (u32 *)t->operand[1] << 32;
	case 2:
		return *(u16 *)t->operand[0] | (u64) * (u16 *)t->operand[1] << 16;
	default:
		return *t->operand[0];
	}
}

static void write_memory(const struct trial *t, const struct arena *a, u64 value)
{
	if (a->mmio) {
		apic_write(APIC_TPR, (u32)value);
	} else if (t->half == 4) {
		*(u32 *)t->operand[0] = (u32)value;
		*(u32 *)t->operand[1] = value >> 32;
	} else if (t->half == 2) {
		*(u16 *)t->operand[0] = (u16)value;
		*(u16 *)t->operand[1] = (u16)(value >> 16);
	} else {
		*t->operand[0] = value;
	}
}

static bool differs(const struct trial *t, const u64 got[SEEN_COUNT])
{
	for (unsigned int i = 0; i < SEEN_COUNT; i++)
		if ((t->wanted[i] ^ got[i]) & ~t->open[i])
			return true;
	return false;
}

static void run_once(struct trial *t, struct arena *a)
{
	struct attempt *try = &t->attempt;
	u64 got[SEEN_COUNT];

	if (paging_64bit(t->setup.paging.mode))
		attempt(try);
	else
		attempt32(try);
	got[SEEN_VECTOR] = try->vector;
	got[SEEN_ERROR] = try->error_code;
	got[SEEN_CR2] = try->cr2;
	got[SEEN_RIP] = try->rip;
	got[SEEN_RFLAGS] = try->pushed_rflags;
	got[SEEN_RESULT] = try->result;
	got[SEEN_MEMORY] = read_memory(t, a);
	for (unsigned int i = 0; i < PAGING_LEVELS_MAX; i++)
		got[SEEN_ENTRY + i] = i < t->setup.levels ? arena_entry(a, i + 1) : 0;

	if (t->wanted[SEEN_VECTOR] != VECTOR_PF)
		t->wanted[SEEN_CR2] = a->last_cr2;
	a->last_cr2 = try->cr2;
	if (differs(t, got))
		trial_report(t, got);
	if (got[SEEN_MEMORY] != t->memory)
		write_memory(t, a, t->memory);
}

void trial_run(struct trial *t, struct arena *a)
{
	arena_set(a, &t->setup);
	run_once(t, a);
	if (!(t->c & PAGING_BIT(TWICE)))
		return;
	/* The second time the entries are what the first time left. */
	for (unsigned int level = 1; level <= t->setup.levels; level++)
		t->setup.entry[level] = arena_entry(a, level);
	trial_predict(t, a);
	run_once(t, a);
}
