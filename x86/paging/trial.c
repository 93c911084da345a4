// SPDX-License-Identifier: GPL-2.0-only
/* What to do for a case in the 64-bit modes, and what the model says of it; see trial.h. */
#include "x86/paging/trial.h"

/* What writes write.  TPR holds 8 bits. */
#define WRITTEN 0x1122334455667788ull
#define WRITTEN_TPR 0x20

static const u8 *access_code(const struct arena *a, const struct paging_access_info *info,
			     enum route route)
{
	if (info->implicit)
		return access_segment;
	if (info->kind == PAGING_FETCH)
		return access_fetch;
	if (a->mmio)
		return info->kind == PAGING_WRITE ? access_write32 : access_read32;
	if (info->locked)
		return route == ROUTE_FORCED ? access_forced_locked : access_locked;
	if (info->kind == PAGING_WRITE)
		return route == ROUTE_FORCED ? access_forced_write : access_write;
	return route == ROUTE_FORCED ? access_forced_read : access_read;
}

static u64 access_operand(const struct arena *a, const struct paging_access_info *info)
{
	if (info->implicit)
		return 4 | (info->user ? 3 : 0); /* index 0 of the LDT */
	return a->mmio ? WRITTEN_TPR : WRITTEN;
}

/* The entry of a level lies in the table of that level: see arena_init(). */
static u64 read_entry(void *context, u64 address)
{
	const struct paging_setup *s = context;
	u64 level = (address - ARENA_TABLES) >> 12;

	return s->entry[level ? level : s->levels];
}

static void predict_fault(struct trial *t, const struct paging_walk *walk)
{
	t->wanted[SEEN_VECTOR] = walk->vector;
	if (walk->vector == VECTOR_NONE)
		return;
	t->wanted[SEEN_ERROR] = walk->error_code;
	t->open[SEEN_ERROR] = walk->error_open;
	t->wanted[SEEN_CR2] = walk->cr2;
	t->wanted[SEEN_RIP] =
		t->setup.access.kind == PAGING_FETCH ? t->setup.access.va : t->attempt.code;
	t->wanted[SEEN_RFLAGS] = t->attempt.rflags;
	/* RF is pushed as 1 (SDM vol. 3B, 17.3.1.1), but that is the event area's law. */
	t->open[SEEN_RFLAGS] = RFLAGS_RF;
}

/* What the access does to memory and RAX if it succeeds. */
static void predict_data(struct trial *t, const struct paging_access_info *info)
{
	t->wanted[SEEN_MEMORY] = t->memory;
	if (t->wanted[SEEN_VECTOR] != VECTOR_NONE)
		return;
	if (info->kind == PAGING_WRITE)
		t->wanted[SEEN_MEMORY] = t->attempt.operand + (info->locked ? t->memory : 0);
	else if (info->kind == PAGING_READ && !info->implicit)
		t->wanted[SEEN_RESULT] = t->memory;
	else if (info->kind == PAGING_FETCH && info->cross)
		t->wanted[SEEN_RESULT] = (u32)(t->memory >> 24); /* of MOV $..., %eax */
}

static void predict_entries(struct trial *t, const struct paging_walk *walk)
{
	for (unsigned int level = 1; level <= PAGING_LEVELS_MAX; level++) {
		t->wanted[SEEN_ENTRY + level - 1] = t->setup.entry[level];
		t->open[SEEN_ENTRY + level - 1] = 0;
	}
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct paging_step *step = &walk->step[i];

		t->wanted[SEEN_ENTRY + step->level - 1] |= step->must_set;
		t->open[SEEN_ENTRY + step->level - 1] = step->may_set & ~step->entry;
	}
}

/*
 * Whether a locked instruction first reads or first writes is the processor's
 * matter: where the read faults too, W may be 0.
 */
static void allow_read_first(struct trial *t, const struct paging_access *tested)
{
	struct paging_access read = *tested;
	struct paging_walk walk;

	read.kind = PAGING_READ;
	paging_walk(&t->setup.paging, &read, &walk);
	if (walk.vector == VECTOR_PF)
		t->open[SEEN_ERROR] |= PF_W;
}

void trial_predict(struct trial *t, const struct arena *a)
{
	const struct paging_access_info *info = &paging_access_info[PAGING_ACCESS(t->c)];
	struct paging_access tested = t->setup.access;
	struct paging_walk walk;

	for (unsigned int i = 0; i < SEEN_COUNT; i++)
		t->wanted[i] = t->open[i] = 0;
	/* The page before has every right: only the half behind it can fault. */
	if (info->cross)
		tested.va = a->place.va;
	t->setup.paging.read_entry = read_entry;
	t->setup.paging.context = &t->setup;
	t->setup.paging.cr3 = a->root;
	paging_walk(&t->setup.paging, &tested, &walk);
	predict_fault(t, &walk);
	predict_data(t, info);
	predict_entries(t, &walk);
	if (info->locked)
		allow_read_first(t, &tested);
}

void trial_prepare(struct trial *t, const struct arena *a, u64 c, enum route route)
{
	const struct paging_access_info *info = &paging_access_info[PAGING_ACCESS(c)];
	u64 physical = a->place.page[PAGING_LEAF(c)];

	t->c = c;
	paging_case_setup(&a->cpu, &a->place, c, &t->setup);
	t->attempt = (struct attempt){
		.code = (u64)access_code(a, info, route) + (info->user ? USER_ALIAS : 0),
		.va = t->setup.access.va,
		.operand = access_operand(a, info),
		.rflags = RFLAGS_FIXED | t->setup.paging.rflags,
		.user = info->user,
	};
	t->operand[0] = (u64 *)(physical + ARENA_OFFSET);
	t->operand[1] = NULL;
	t->memory = ARENA_CONTENT(PAGING_LEAF(c));
	if (info->cross) {
		t->operand[0] = (u64 *)(ARENA_PAGE_BEFORE + 0xffc);
		t->operand[1] = (u64 *)physical;
		t->memory = ARENA_CONTENT_CROSSING(PAGING_LEAF(c));
	}
	if (a->mmio)
		t->memory = 0;
	trial_predict(t, a);
}
