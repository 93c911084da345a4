// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts gathered by target and test; see result.h. */
#include "harness/assay/result.h"

#include <stdlib.h>
#include <string.h>

void result_init(struct result *r, const char *path)
{
	*r = (struct result){ .path = new_string(path), .shards = 1, .index = json_object() };
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Ascending and each once; what stands twice is freed. */
static void sort_unique(struct strings *s)
{
	size_t kept = 0;

	strings_sort(s);
	for (size_t i = 0; i < s->count; i++) {
		if (kept && !strcmp(s->item[kept - 1], s->item[i]))
			free(s->item[i]);
		else
			s->item[kept++] = s->item[i];
	}
	s->count = kept;
}

static u64 digest_names(const struct strings *s)
{
	char *all = strings_join(s, "\n");
	u64 digest = hash_bytes(all, strlen(all));

	free(all);
	return digest;
}

static u64 digest_seen(struct result_test *t)
{
	size_t kept = 0;

	qsort(t->seen, t->seens, sizeof(*t->seen), by_value);
	for (size_t i = 0; i < t->seens; i++)
		if (!kept || t->seen[kept - 1] != t->seen[i])
			t->seen[kept++] = t->seen[i];
	return hash_bytes(t->seen, kept * sizeof(*t->seen));
}

static void finish_test(struct result_test *t)
{
	sort_unique(&t->failing);
	if (t->seens)
		t->signature = digest_seen(t);
	free(t->seen);
	t->seen = NULL;
	t->seens = 0;
	/* A case that failed without an expectation has no name here. */
	if (t->failing.count < t->failed)
		t->all_named = false;
	t->failed = MAX(t->failed, (u64)t->failing.count);
	if (t->all_named)
		t->cases_digest = digest_names(&t->failing);
}

void result_finish(struct result *r)
{
	for (size_t i = 0; i < r->tests; i++)
		finish_test(&r->test[i]);
}

const struct result_test *result_find(const struct result *r, size_t target, const char *id)
{
	char *key = new_format("%s\n%s", r->target[target].text, id);
	const json_t *place = json_object_get(r->index, key);

	free(key);
	return place ? &r->test[json_integer_value(place)] : NULL;
}

void result_free(struct result *r)
{
	for (size_t i = 0; i < r->tests; i++) {
		free(r->test[i].id);
		free(r->test[i].reason);
		free(r->test[i].seen);
		strings_free(&r->test[i].failing);
	}
	free(r->test);
	for (size_t i = 0; i < r->targets; i++) {
		free(r->target[i].text);
		free(r->target[i].subject);
	}
	free(r->target);
	free(r->matrix);
	free(r->at_every_sync);
	free(r->case_name);
	free(r->path);
	json_decref(r->index);
	*r = (struct result){ 0 };
}
