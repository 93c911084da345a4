// SPDX-License-Identifier: GPL-2.0-only
/* See matrix.h. */
#include "x86/paging/matrix.h"

/* Behind the arena's pages; mapped for CPL 3 while batches are made. */
#define BATCH ((struct batch *)(TEST_MEMORY + 0x600000))
#define USER_IDENTITY_ROOT ((u64 *)(TEST_MEMORY + 0x700000))
#define MAKER_STACK (TEST_MEMORY + 0x710000)
_Static_assert(sizeof(struct batch) <= 0x100000, "a batch is larger than its memory");

/* What this CPU lacks, and how many cases that cost. */
struct missing {
	u64 what, cases;
};
#define MISSING_MAX 12

static void count_missing(struct missing *list, u64 what)
{
	unsigned int i = 0;

	while (i < MISSING_MAX - 1 && list[i].cases && list[i].what != what)
		i++;
	list[i].what = what;
	list[i].cases++;
}

static void report_missing(const struct missing *list)
{
	for (unsigned int i = 0; i < MISSING_MAX && list[i].cases; i++) {
		char fact[128];
		struct text t = text_into(fact, sizeof(fact));

		if (list[i].what == PAGING_MISSING_RESERVED)
			text_add(&t, "MAXPHYADDR is 52: no address bit is reserved");
		else
			machine_missing(&t, list[i].what);
		if (case_alone())
			skip("%s", fact);
		cases_not_covered(list[i].cases, "%s", fact);
	}
}

static void name_trial(struct text *text, const void *context)
{
	const struct trial *t = context;

	paging_case_name(text, t->setup.paging.mode, t->c);
}

static void run_batch(struct batch *b)
{
	for (unsigned int i = 0; i < b->count; i++) {
		struct trial *t = &b->trial[i];

		if (t->setup.missing || !case_begin_numbered(t->number, name_trial, t))
			continue;
		trial_run(t, b->arena);
		case_end();
	}
}

/* Runs at CPL 3. */
static void make_batch(struct batch *b)
{
	u64 c;

	b->count = 0;
	while (b->count < BATCH_TRIALS) {
		struct trial *t = &b->trial[b->count];

		if (!source_next(&b->source, &t->number, &c))
			break;
		trial_prepare(t, b->arena, c);
		b->count++;
	}
}

/* The first GiB onto itself for CPL 3: the runtime's alias, as the first slot too. */
static void call_maker(struct batch *b)
{
	struct attempt call = {
		.code = (u64)make_batch,
		.va = (u64)b,
		.rflags = RFLAGS_FIXED,
		.user = true,
		.user_stack = MAKER_STACK,
	};

	arena_default(b->arena);
	arena_user_identity(b->arena, USER_IDENTITY_ROOT);
	attempt_call(&call);
	write_cr3(paging_64bit(b->arena->cpu.mode) ? b->arena->root : (u64)boot_pml4);
	if (call.vector != VECTOR_NONE)
		test_error("%s at %#llx while a batch was made", vector_name(call.vector),
			   (unsigned long long)call.rip);
}

static void run_alone(struct batch *b, u64 accesses)
{
	struct trial *t = &b->trial[0];
	u64 c;

	if (!paging_case_parse(b->source.mode, case_alone(), &c))
		test_error("there is no case %s", case_alone());
	if (!(accesses & BIT(PAGING_ACCESS(c))))
		test_error("this test has no case with that access: %s", case_alone());
	trial_prepare(t, b->arena, c);
	t->number = run_request()->shard;
	b->count = 1;
	run_batch(b);
}

static void note_missing(const struct batch *b, struct missing *missing)
{
	for (unsigned int i = 0; i < b->count; i++)
		if (b->trial[i].setup.missing)
			count_missing(missing, b->trial[i].setup.missing);
}

void matrix_run(struct arena *a, u64 accesses, u64 pairs)
{
	struct missing missing[MISSING_MAX] = { 0 };
	struct batch *b = BATCH;

	b->arena = a;
	source_begin(&b->source, a->cpu.mode, accesses, pairs, run_request());
	attempt_prepare();
	if (case_alone()) {
		cases_planned(1);
		run_alone(b, accesses);
		note_missing(b, missing);
	} else {
		cases_planned(source_size(&b->source));
		do {
			call_maker(b);
			run_batch(b);
			note_missing(b, missing);
		} while (b->count);
	}
	report_missing(missing);
	arena_leave(a);
}
