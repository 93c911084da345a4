// SPDX-License-Identifier: GPL-2.0-only
/*
 * A result as a baseline: one line a target and test, in a stable order, without
 * dates and times, so that a version control system shows what changed.
 */
#include "harness/assay/result.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/json.h"
#include "harness/assay/outcome.h"

static void put_text(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, json_text(text));
}

static void put_number(json_t *to, const char *name, u64 n)
{
	if (n)
		json_object_set_new(to, name, json_integer((json_int_t)n));
}

static void put_digest(json_t *to, const char *name, u64 digest)
{
	char text[17];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)digest);
	if (digest)
		json_object_set_new(to, name, json_string(text));
}

/* "fail", or "pass|fail" if repetitions differed. */
static void put_verdicts(json_t *to, const struct result_test *t)
{
	struct strings words = { 0 };
	char *all;

	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		if (t->count[v])
			strings_add(&words, verdict_word(v));
	all = strings_join(&words, "|");
	put_text(to, "verdict", all);
	free(all);
	strings_free(&words);
}

static json_t *test_record(const struct result *r, const struct result_test *t)
{
	json_t *line = json_pack("{s:s}", "record", "test");
	json_t *names;

	put_text(line, "target", r->target[t->target].text);
	put_text(line, "id", t->id);
	put_verdicts(line, t);
	put_number(line, "run", t->run);
	put_number(line, "failed", t->failed);
	put_text(line, "reason", t->reason);
	if (t->died)
		json_object_set_new(line, "died", json_true());
	if (t->flaky)
		json_object_set_new(line, "flaky", json_true());
	put_digest(line, "signature", t->signature);
	if (t->failing.count && t->failing.count <= BASELINE_CASES_MAX) {
		names = json_array();
		for (size_t i = 0; i < t->failing.count; i++)
			json_array_append_new(names, json_text(t->failing.item[i]));
		json_object_set_new(line, "failing", names);
	} else if (t->failing.count) {
		put_digest(line, "cases_digest", t->cases_digest);
	}
	return line;
}

static int by_id(const void *a, const void *b)
{
	const struct result_test *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static void write_target(FILE *out, const struct result *r, size_t target)
{
	const struct result_test **list = new_zeroed(r->tests, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < r->tests; i++)
		if (r->test[i].target == target)
			list[count++] = &r->test[i];
	qsort(list, count, sizeof(*list), by_id);
	for (size_t i = 0; i < count; i++)
		json_print_line(out, test_record(r, list[i]));
	free(list);
}

static int by_text(const void *a, const void *b)
{
	const struct result_target *const *x = a, *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

void baseline_write(FILE *out, const struct result *r)
{
	const struct result_target **sorted = new_zeroed(r->targets, sizeof(*sorted));
	json_t *head = json_pack("{s:s, s:i}", "record", "baseline", "version", BASELINE_VERSION);
	json_t *targets = json_array();

	for (size_t i = 0; i < r->targets; i++)
		sorted[i] = &r->target[i];
	qsort(sorted, r->targets, sizeof(*sorted), by_text);
	put_number(head, "seed", r->seed);
	put_text(head, "matrix", r->matrix);
	put_text(head, "at_every_sync", r->at_every_sync);
	put_text(head, "case", r->case_name);
	if (r->shards > 1) {
		put_number(head, "shard", r->shard);
		put_number(head, "shards", r->shards);
	}
	for (size_t i = 0; i < r->targets; i++)
		json_array_append_new(targets,
				      json_pack("{s:o, s:o}", "target", json_text(sorted[i]->text),
						"subject", json_text(sorted[i]->subject)));
	json_object_set_new(head, "targets", targets);
	json_print_line(out, head);
	for (size_t i = 0; i < r->targets; i++)
		write_target(out, r, sorted[i] - r->target);
	free(sorted);
}
