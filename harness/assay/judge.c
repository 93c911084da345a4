// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts, seen from outside; see judge.h. */
#include "harness/assay/judge.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/glob.h"
#include "lib/test.h"

char *check_signature(const struct check *c)
{
	return new_format("%s wanted=%s got=%s", c->expression, c->wanted, c->got);
}

/* The entries that can matter for this test on this host. */
struct applying {
	const struct known_entry **entry;
	size_t count;
};

static struct applying find_applying(const struct run *r, size_t plan)
{
	struct host *host = run_host(r, plan);
	const struct known_context context = {
		.subject = host_subject(host),
		.options = &host->options,
		.test = planned_test(&r->plan[plan])->id,
		.sync = r->options.sync,
	};
	struct applying a = { 0 };

	for (size_t i = 0; i < r->known.count; i++) {
		if (!known_applies(&r->known.entry[i], &context))
			continue;
		a.entry = grow(a.entry, a.count, sizeof(*a.entry));
		a.entry[a.count++] = &r->known.entry[i];
	}
	return a;
}

static const struct known_entry *covers_check(const struct applying *a, const struct check *c)
{
	char *signature = check_signature(c);
	const struct known_entry *found = NULL;

	for (size_t i = 0; i < a->count && !found; i++)
		if (known_covers_check(a->entry[i], c->case_name, signature))
			found = a->entry[i];
	free(signature);
	return found;
}

static const struct known_entry *covers_end(const struct applying *a, const struct outcome *o)
{
	for (size_t i = 0; i < a->count; i++)
		if (known_covers_verdict(a->entry[i], o->verdict, o->case_name, o->reason))
			return a->entry[i];
	return NULL;
}

/* Everything that went wrong must be on the list, and must have been seen. */
static const struct known_entry *covers_all(const struct applying *a, const struct outcome *o)
{
	const struct known_entry *first = NULL, *found;

	if (!a->count || o->checks < o->checks_seen || o->checks < o->failed)
		return NULL;
	for (size_t i = 0; i < o->checks; i++) {
		found = covers_check(a, &o->check[i]);
		if (!found)
			return NULL;
		first = first ? first : found;
	}
	/* A fail without any check, a crash and a timeout have only their reason. */
	if (o->verdict != VERDICT_FAIL || !o->checks) {
		found = covers_end(a, o);
		if (!found)
			return NULL;
		first = first ? first : found;
	}
	return first;
}

/*
 * Did this pass run what the entry says fails?  A run of one case says it of
 * entries for that case; a part of a matrix says it of entries for the whole
 * test; only a run of every case says it of entries for some cases.  Actions that were
 * added, and that the entry does not speak of, make it another test.
 */
static bool passed_where_listed(const struct run *r, size_t plan, const struct known_entry *e)
{
	const struct outcome *o = &r->outcome[plan];
	bool some_cases = e->case_name && strcmp(e->case_name, "*");

	if (e->flaky || (r->options.sync & ~e->sync))
		return false;
	if (r->options.case_name)
		return some_cases && glob_match(e->case_name, r->options.case_name);
	if (some_cases)
		return o->run >= planned_test(&r->plan[plan])->cases;
	return !r->plan[plan].by_case;
}

static void judge_pass(const struct run *r, size_t plan)
{
	const struct image_test *test = planned_test(&r->plan[plan]);
	struct outcome *o = &r->outcome[plan];
	u64 hits = 0;

	if (o->planned && !o->run && r->options.case_name) {
		outcome_set(o, VERDICT_ERROR, "no case of this name ran");
		return;
	}
	if (o->planned && !o->run) {
		char *reason = new_format("none of %llu cases ran%s%s",
					  (unsigned long long)o->planned,
					  o->not_covereds ? ": " : "",
					  o->not_covereds ? o->not_covered[0].fact : "");

		outcome_set(o, VERDICT_SKIP, reason);
		free(reason);
		return;
	}
	for (size_t i = 0; i < o->windows; i++)
		hits += o->window[i].hits;
	if ((test->flags & TEST_HAS_WINDOW) && !hits)
		outcome_set(o, VERDICT_ERROR, "window not reached");
}

void judge(const struct run *r, size_t plan)
{
	struct outcome *o = &r->outcome[plan];
	struct applying a;

	if (o->verdict == VERDICT_PASS)
		judge_pass(r, plan);
	o->said = o->verdict;
	if (o->verdict != VERDICT_PASS && !verdict_blames_subject(o->verdict))
		return;
	a = find_applying(r, plan);
	if (o->verdict == VERDICT_PASS) {
		for (size_t i = 0; i < a.count && !o->known; i++)
			if (passed_where_listed(r, plan, a.entry[i]))
				o->known = a.entry[i];
		if (o->known)
			outcome_set(o, VERDICT_FIXED, o->known->what);
	} else {
		o->known = covers_all(&a, o);
		if (o->known)
			o->verdict = VERDICT_KNOWN;
	}
	free(a.entry);
}
