// SPDX-License-Identifier: GPL-2.0-only
/* See source.h.  Runs at CPL 0 and 3: nothing here touches the machine. */
#include "x86/paging/source.h"

void source_begin(struct source *s, enum paging_mode mode, u64 accesses, u64 pairs,
		  const struct wire_run *request)
{
	*s = (struct source){
		.mode = mode,
		.accesses = accesses,
		.request = request,
		.seed = request->seed * 0x9e3779b97f4a7c15ull | 1,
		.next = request->shard,
	};
	switch (request->matrix) {
	case MATRIX_SAMPLE:
		s->end = request->matrix_count;
		break;
	case MATRIX_FULL:
		s->end = paging_case_count(mode, accesses);
		break;
	default:
		s->end = pairs;
	}
	paging_pairs_begin(&s->pairs, mode, accesses);
}

u64 source_size(const struct source *s)
{
	const struct wire_run *r = s->request;

	return (s->end - r->shard + r->shards - 1) / r->shards;
}

/* The cases of other shards are passed over, so that a number means the same in all. */
static void next_pair(struct source *s, u64 *c)
{
	do {
		if (!paging_pairs_next(&s->pairs, c))
			return;
	} while (s->pairs.number != s->next);
}

static void next_random(struct source *s, u64 *c)
{
	u64 skip = s->next == s->request->shard ? s->request->shard : s->request->shards - 1;

	do {
		*c = paging_case_random(s->mode, s->accesses, &s->seed);
	} while (skip--);
}

bool source_next(struct source *s, u64 *number, u64 *c)
{
	if (s->next >= s->end)
		return false;
	switch (s->request->matrix) {
	case MATRIX_SAMPLE:
		next_random(s, c);
		break;
	case MATRIX_FULL:
		*c = paging_case_number(s->mode, s->accesses, s->next);
		break;
	default:
		next_pair(s, c);
	}
	*number = s->next;
	s->next += s->request->shards;
	return true;
}
