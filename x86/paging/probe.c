// SPDX-License-Identifier: GPL-2.0-only
/* See probe.h. */
#include "x86/paging/probe.h"

const struct right probe_right[RIGHTS] = {
	{ "P", 0, PTE_P, CODE_READ, PF_U },
	{ "W", 0, PTE_W, CODE_WRITE, PF_P | PF_W | PF_U },
	{ "U", 0, PTE_U, CODE_READ, PF_P | PF_U },
	{ "NX", PTE_NX, 0, CODE_FETCH, PF_P | PF_U | PF_I },
};

const char *const probe_level[PAGING_LEVELS_MAX + 1] = {
	"", "pte", "pde", "pdpte", "pml4e", "pml5e"
};

u64 *probe_entry(const struct arena *a, unsigned int level)
{
	return a->entry[level];
}

static void write_entries(const struct arena *a)
{
	unsigned int levels = paging_levels(a->cpu.mode);

	for (unsigned int level = 1; level <= levels; level++)
		*probe_entry(a, level) = PROBE_RIGHTS |
					 (level > 1 ? a->place.table[level - 1] : a->place.page[1]);
	*(u64 *)a->leaf_before = ARENA_PAGE_BEFORE | PROBE_RIGHTS;
}

void probe_restore(struct arena *a)
{
	write_entries(a);
	arena_default(a);
	write_cr3(a->root);
}

void probe_begin(struct arena *a)
{
	arena_init(a, PAGING_4LEVEL);
	attempt_prepare();
	probe_restore(a);
}

struct attempt probe_at(const struct arena *a, enum access_code code, bool user, u64 va)
{
	struct attempt got = {
		.code = (u64)a->code[code] + (user ? a->user_alias : 0),
		.va = va,
		.operand = ARENA_CONTENT(1),
		.rflags = RFLAGS_FIXED,
		.user = user,
	};

	attempt(&got);
	return got;
}

struct attempt probe(const struct arena *a, enum access_code code, bool user)
{
	return probe_at(a, code, user, a->place.va + a->place.offset[1]);
}

static void describe(struct text *t, u64 vector, u64 error, u64 cr2)
{
	if (vector == VECTOR_NONE) {
		text_add(t, "no fault");
		return;
	}
	if (vector == VECTOR_ENDLESS) {
		text_add(t, "no end");
		return;
	}
	text_add(t, "%s error=", vector_name(vector));
	text_add_flags(t, pf_error_names, ARRAY_SIZE(pf_error_names), error);
	if (vector == VECTOR_PF)
		text_add(t, " cr2=%#llx", (unsigned long long)cr2);
}

bool expect_access(const struct expectation *e, u64 wanted, const struct attempt *got)
{
	char text[2][96];
	struct text t[2] = { text_into(text[0], sizeof(text[0])),
			     text_into(text[1], sizeof(text[1])) };

	if (wanted == NO_FAULT
		    ? got->vector == VECTOR_NONE
		    : got->vector == VECTOR_PF && got->error_code == wanted && got->cr2 == got->va)
		return true;
	describe(&t[0], wanted == NO_FAULT ? VECTOR_NONE : VECTOR_PF, wanted, got->va);
	describe(&t[1], got->vector, got->error_code, got->cr2);
	return expect_failed(e, text[0], text[1]);
}
