// SPDX-License-Identifier: GPL-2.0-only
/* What to do for a case in the 64-bit modes, and what the model says of it; see trial.h. */
#include "x86/paging/trial.h"

/* What writes write.  TPR holds 8 bits. */
#define WRITTEN 0x1122334455667788ull
#define WRITTEN_TPR 0x20

static enum access_code access_code(const struct paging_access_info *info)
{
	if (info->implicit)
		return CODE_SEGMENT;
	if (info->kind == PAGING_FETCH)
		return CODE_FETCH;
	if (info->locked)
		return CODE_LOCKED;
	return info->kind == PAGING_WRITE ? CODE_WRITE : CODE_READ;
}

/* How many bytes data have: in what a write changes and a read gives. */
static u64 data_mask(const struct arena *a)
{
	return a->mmio || !paging_64bit(a->cpu.mode) ? 0xffffffff : ~0ull;
}

static u64 access_operand(const struct arena *a, const struct paging_access_info *info, u64 va)
{
	if (a->string)
		return va;
	if (info->implicit)
		return 4 | (info->user ? 3 : 0); /* index 0 of the LDT */
	return a->mmio ? WRITTEN_TPR : WRITTEN & data_mask(a);
}

/* The entry of a level lies in the table of that level: see arena_init(). */
static u64 read_entry(void *context, u64 address)
{
	const struct paging_setup *s = context;
	u64 level = (address - ARENA_TABLES) >> 12;

	return s->entry[level ? level : s->levels];
}

static void predict_fault(struct trial *t, const struct arena *a, const struct paging_walk *walk)
{
	t->wanted[SEEN_VECTOR] = walk->vector;
	if (walk->vector == VECTOR_NONE)
		return;
	t->wanted[SEEN_ERROR] = walk->error_code;
	t->open[SEEN_ERROR] = walk->error_open;
	t->wanted[SEEN_CR2] = walk->cr2;
	t->wanted[SEEN_RIP] = t->setup.access.kind == PAGING_FETCH ? t->setup.access.va
								   : t->attempt.code + a->prefix;
	t->wanted[SEEN_RFLAGS] = t->attempt.rflags;
	/* RF is pushed as 1 (SDM vol. 3B, 17.3.1.1), but that is the event area's law. */
	t->open[SEEN_RFLAGS] = RFLAGS_RF;
}

/* What the access does to memory and RAX if it succeeds. */
static void predict_data(struct trial *t, const struct arena *a,
			 const struct paging_access_info *info)
{
	u64 mask = data_mask(a);
	u64 written = t->attempt.operand + (info->locked ? t->memory : 0);

	t->wanted[SEEN_MEMORY] = t->memory;
	if (a->nobody)
		t->open[SEEN_MEMORY] = ~0ull;
	if (t->wanted[SEEN_VECTOR] != VECTOR_NONE)
		return;
	if (a->nobody && info->kind == PAGING_READ)
		t->open[SEEN_RESULT] = ~0ull;
	/* What a port gives is anything; what it takes is not seen. */
	if (a->string) {
		t->open[SEEN_MEMORY] = info->kind == PAGING_WRITE ? 0xff : 0;
		return;
	}
	if (info->kind == PAGING_WRITE)
		t->wanted[SEEN_MEMORY] = (t->memory & ~mask) | (written & mask);
	else if (info->kind == PAGING_READ && !info->implicit)
		t->wanted[SEEN_RESULT] = t->memory & mask;
	else if (info->kind == PAGING_FETCH && info->cross)
		t->wanted[SEEN_RESULT] = (u32)(ARENA_CONTENT_CROSSING(PAGING_LEAF(t->c)) >> 24);
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
	t->setup.paging.pdpte[a->place.va >> 30 & 3] = t->setup.entry[3];
	paging_walk(&t->setup.paging, &tested, &walk);
	predict_fault(t, a, &walk);
	predict_data(t, a, info);
	predict_entries(t, &walk);
	if (info->locked)
		allow_read_first(t, &tested);
}

/* Where the operand lies and what it is before. */
static void find_operand(struct trial *t, const struct arena *a, u64 c)
{
	const struct paging_access_info *info = &paging_access_info[PAGING_ACCESS(c)];
	u64 physical = a->place.page[PAGING_LEAF(c)];
	u64 crossing = ARENA_CONTENT_CROSSING(PAGING_LEAF(c));

	t->half = 0;
	t->memory = a->mmio ? 0 : ARENA_CONTENT(PAGING_LEAF(c));
	t->operand[0] = (u64 *)(physical + ARENA_OFFSET);
	if (!info->cross)
		return;
	t->half = paging_64bit(a->cpu.mode) ? 4 : 2;
	t->memory = t->half == 4 ? crossing : (u32)(crossing >> 16);
	t->operand[0] = (u64 *)(ARENA_PAGE_BEFORE + 0x1000 - t->half);
	t->operand[1] = (u64 *)physical;
}

/* In PAE and 32-bit paging the registers that attempt32() loads. */
static void set_mode(struct trial *t, const struct arena *a)
{
	const struct paging *p = &t->setup.paging;

	t->attempt.cr0 = a->base.cr0 | p->cr0;
	t->attempt.cr3 = a->root;
	t->attempt.cr4 = a->base.cr4 | p->cr4;
	t->attempt.efer = p->efer;
}

void trial_prepare(struct trial *t, const struct arena *a, u64 c)
{
	const struct paging_access_info *info = &paging_access_info[PAGING_ACCESS(c)];

	t->c = c;
	paging_case_setup(&a->cpu, &a->place, c, &t->setup);
	if (t->setup.missing)
		return;
	t->attempt = (struct attempt){
		.code = (u64)a->code[access_code(info)] + (info->user ? a->user_alias : 0),
		.va = t->setup.access.va,
		.operand = access_operand(a, info, t->setup.access.va),
		.rflags = RFLAGS_FIXED | t->setup.paging.rflags,
		.user = info->user,
	};
	if (!paging_64bit(a->cpu.mode))
		set_mode(t, a);
	find_operand(t, a, c);
	trial_predict(t, a);
}
