// SPDX-License-Identifier: GPL-2.0-only
/* Is it still the same run, and what is there of it; see resume.h. */
#include "harness/assay/resume.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/assay/json.h"
#include "harness/assay/record.h"

#define number(n) ((unsigned long long)(n))

/* --- is it the same run? --- */

/* What verdicts depend on, beyond the targets; the first that differs is said. */
static const struct {
	const char *member;
	const char *what;
} same[] = {
	{ "build", "this is another build of Assay" },
	{ "images", "the payloads are others" },
	{ "seed", "the seed is another one" },
	{ "shard", "the shard is another one" },
	{ "shards", "the shard is another one" },
	{ "matrix", "the matrix is another one" },
	{ "at_every_sync", "the actions at every sync are others" },
	{ "planned", "the plan is another one" },
};

static bool is_other(const struct resume *z, struct problem *p, const char *what)
{
	return problem_set(p, EXIT_USAGE, "--resume %s: %s now; run it again from the start",
			   z->partial, what);
}

static bool check_targets(const struct resume *z, const json_t *now, struct problem *p)
{
	const json_t *before = json_object_get(z->head, "targets"), *target;
	size_t i;
	char *what;

	json_array_foreach(now, i, target)
	{
		if (json_equal(target, json_array_get(before, i)))
			continue;
		what = new_format("target %s (%s) is not what it was (%s)",
				  json_get_text(target, "target"), json_get_text(target, "subject"),
				  json_get_text(json_array_get(before, i), "subject"));
		is_other(z, p, what);
		free(what);
		return false;
	}
	return json_array_size(now) == json_array_size(before) ||
	       is_other(z, p, "fewer targets can run");
}

static bool check_same(const struct resume *z, const struct run *r, struct problem *p)
{
	json_t *now = record_run(r);
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_SIZE(same); i++)
		ok = json_equal(json_object_get(now, same[i].member),
				json_object_get(z->head, same[i].member)) ||
		     is_other(z, p, same[i].what);
	ok = ok && check_targets(z, json_object_get(now, "targets"), p);
	json_decref(now);
	return ok;
}

/* --- its verdicts --- */

static bool is_wrong(const struct resume *z, size_t line, struct problem *p, const char *what)
{
	return problem_set(p, EXIT_USAGE, "%s:%zu: %s; run it again from the start", z->path, line,
			   what);
}

static bool fits(const struct run *r, const json_t *v, size_t plan)
{
	return !strcmp(run_host(r, plan)->target.text, json_get_text(v, "target")) &&
	       !strcmp(planned_test(&r->plan[plan])->id, json_get_text(v, "id")) &&
	       r->plan[plan].repetition == json_get_number(v, "run");
}

static bool was_interrupted(const json_t *v)
{
	return !strcmp(json_get_text(v, "verdict"), "error") &&
	       !strcmp(json_get_text(v, "reason"), "interrupted");
}

static bool take_verdict(const struct resume *z, struct run *r, const json_t *v, size_t line,
			 struct problem *p)
{
	u64 place = json_get_number(v, "number");
	size_t plan = place - 1;
	char *trouble;

	if (!place || place > r->plans || !fits(r, v, plan))
		return is_wrong(z, line, p, "a verdict of another plan");
	if (was_interrupted(v))
		return true;
	if (!outcome_restore(&r->outcome[plan], v, &r->known))
		return is_wrong(z, line, p, "the known deviations have changed since");
	r->taken_over += !r->plan[plan].taken_over;
	r->plan[plan].taken_over = true;
	if (r->outcome[plan].infrastructure) {
		trouble = new_format("%s: %u times before it was resumed",
				     planned_test(&r->plan[plan])->id,
				     r->outcome[plan].infrastructure);
		host_trouble(run_host(r, plan), trouble);
		run_host(r, plan)->infrastructure += r->outcome[plan].infrastructure - 1;
		free(trouble);
	}
	return true;
}

/*
 * A line after the first.  *ended: nothing behind it counts: it is the end of
 * the run, or the last line, cut off by what cut off the run.
 */
static bool take_line(struct resume *z, struct run *r, const char *text, size_t length, size_t line,
		      bool *ended, struct problem *p)
{
	json_t *record = json_loadb(text, length, 0, NULL);
	const char *kind = json_get_text(record, "record");
	bool ok = true;
	int next;

	*ended = text[length - 1] != '\n' || !strcmp(kind, "end");
	if (!*ended && !record) {
		next = getc(z->journal);
		ungetc(next, z->journal);
		*ended = next == EOF;
		ok = *ended || is_wrong(z, line, p, "not a line of JSON");
	} else if (!*ended) {
		ok = strcmp(kind, "verdict") ? is_wrong(z, line, p, "not a verdict")
					     : take_verdict(z, r, record, line, p);
	}
	json_decref(record);
	return ok;
}

static void take_date(const struct resume *z, struct run *r)
{
	struct tm tm = { 0 };

	if (strptime(json_get_text(z->head, "date"), "%Y-%m-%dT%H:%M:%SZ", &tm))
		r->began = timegm(&tm);
}

bool resume_take(struct resume *z, struct run *r, struct problem *p)
{
	char *text = NULL;
	size_t size = 0, line = 1;
	ssize_t length;
	bool ok = check_same(z, r, p), ended = false;

	fseek(z->journal, z->keep, SEEK_SET);
	while (ok && !ended && (length = getline(&text, &size, z->journal)) > 0) {
		ok = take_line(z, r, text, length, ++line, &ended, p);
		if (ok && !ended)
			z->keep += length;
	}
	free(text);
	r->resumed = true;
	take_date(z, r);
	return ok;
}
