// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trial that went wrong, in words.  The expression names what differs, the
 * error code's flags one by one ("error code P; A of pdpte"), so that a known
 * deviation can be told from a new one by it.
 */
#include "x86/paging/trial.h"

static const struct flag_name entry_flags[] = {
	{ PTE_P, "P" }, { PTE_W, "W" }, { PTE_U, "U" }, { PTE_A, "A" }, { PTE_D, "D" },
};

static const char *const entry_name[] = { "pte", "pde", "pdpte", "pml4e", "pml5e" };

static void fault_text(struct text *t, const u64 *seen)
{
	text_add(t, "%s error=", vector_name(seen[SEEN_VECTOR]));
	text_add_flags(t, pf_error_names, ARRAY_SIZE(pf_error_names), seen[SEEN_ERROR]);
	text_add(t, " rip=%#llx rflags=", (unsigned long long)seen[SEEN_RIP]);
	text_add_flags(t, rflags_names, ARRAY_SIZE(rflags_names), seen[SEEN_RFLAGS]);
}

static void seen_text(struct text *t, const u64 *seen, unsigned int levels)
{
	if (seen[SEEN_VECTOR] == VECTOR_NONE)
		text_add(t, "no fault, read=%#llx", (unsigned long long)seen[SEEN_RESULT]);
	else
		fault_text(t, seen);
	text_add(t, " cr2=%#llx memory=%#llx", (unsigned long long)seen[SEEN_CR2],
		 (unsigned long long)seen[SEEN_MEMORY]);
	for (unsigned int i = 0; i < levels; i++) {
		text_add(t, " %s=", entry_name[i]);
		text_add_flags(t, entry_flags, ARRAY_SIZE(entry_flags),
			       seen[SEEN_ENTRY + i] & (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D));
	}
}

static void entry_difference(struct text *t, unsigned int level, u64 difference)
{
	text_add(t, "%s%s ", t->length ? "; " : "", entry_name[level - 1]);
	text_add_flags(t, entry_flags, ARRAY_SIZE(entry_flags), difference);
}

/* "vector", if that differs; else what else does. */
static void difference_text(struct text *t, const struct trial *trial, const u64 *got)
{
	static const char *const name[] = { "vector",	    "error code",    "CR2",
					    "pushed RIP",   "pushed RFLAGS", "value read",
					    "value written" };
	for (unsigned int i = 0; i < SEEN_COUNT; i++) {
		u64 difference = (trial->wanted[i] ^ got[i]) & ~trial->open[i];

		if (!difference)
			continue;
		if (i >= SEEN_ENTRY) {
			entry_difference(t, i - SEEN_ENTRY + 1, difference);
			continue;
		}
		text_add(t, "%s%s", t->length ? "; " : "", name[i]);
		if (i == SEEN_VECTOR)
			return;
		if (i == SEEN_ERROR) {
			text_add(t, " ");
			text_add_flags(t, pf_error_names, ARRAY_SIZE(pf_error_names), difference);
		}
	}
}

void trial_report(const struct trial *trial, const u64 got[SEEN_COUNT])
{
	char text[3][320];
	struct text t[3];
	struct expectation e = { .file = __FILE__, .line = __LINE__, .expression = text[2] };
	u64 wanted[SEEN_COUNT];

	/* Where the manual leaves the choice, what was chosen is what was wanted. */
	for (unsigned int i = 0; i < SEEN_COUNT; i++)
		wanted[i] = trial->wanted[i] | (got[i] & trial->open[i]);
	for (unsigned int i = 0; i < 3; i++)
		t[i] = text_into(text[i], sizeof(text[i]));
	seen_text(&t[0], wanted, trial->setup.levels);
	seen_text(&t[1], got, trial->setup.levels);
	difference_text(&t[2], trial, got);
	expect_failed(&e, text[0], text[1]);
}
