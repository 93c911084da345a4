// SPDX-License-Identifier: GPL-2.0-only
/* Which target is compared with which, and all their tests; see diff.h. */
#include "harness/assay/diff.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[DIFF_COUNT] = {
#define DIFF(NAME, word, meaning) [DIFF_##NAME] = word,
	DIFF_CLASSES(DIFF)
#undef DIFF
};

const char *diff_word(enum diff_class c)
{
	return words[c];
}

/* --- one target against one --- */

static int by_class(const void *a, const void *b)
{
	const struct diff_item *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return strcmp((x->b ? x->b : x->a)->id, (y->b ? y->b : y->a)->id);
}

static void add_item(struct diff_pair *pair, const struct result_test *a,
		     const struct result_test *b)
{
	bool same_cases = pair->a && pair->b && diff_same_cases(pair->a, pair->b);

	pair->item = grow(pair->item, pair->items, sizeof(*pair->item));
	diff_classify(&pair->item[pair->items], a, b, same_cases);
	pair->count[pair->item[pair->items].class]++;
	pair->items++;
}

static void add_pair(struct diff *d, const struct result *a, size_t target_a,
		     const struct result *b, size_t target_b, bool b_is_part)
{
	struct diff_pair pair = { .a = a, .b = b, .target_a = target_a, .target_b = target_b };
	const struct result_test *other;

	for (size_t i = 0; target_b != NO_TARGET && i < b->tests; i++) {
		if (b->test[i].target != target_b)
			continue;
		other = target_a != NO_TARGET ? result_find(a, target_a, b->test[i].id) : NULL;
		add_item(&pair, other, &b->test[i]);
	}
	for (size_t i = 0; target_a != NO_TARGET && !b_is_part && i < a->tests; i++)
		if (a->test[i].target == target_a &&
		    (target_b == NO_TARGET || !result_find(b, target_b, a->test[i].id)))
			add_item(&pair, &a->test[i], NULL);
	if (pair.items)
		qsort(pair.item, pair.items, sizeof(*pair.item), by_class);
	for (enum diff_class c = 0; c < DIFF_COUNT; c++)
		d->count[c] += pair.count[c];
	d->pair = grow(d->pair, d->pairs, sizeof(*d->pair));
	d->pair[d->pairs++] = pair;
}

/* --- which against which --- */

char *target_without(const char *target, const char *option)
{
	size_t length = strlen(option);
	char *text = new_zeroed(strlen(target) + 1, 1), *to = text;
	bool drop = false;

	for (const char *c = target; *c; c++) {
		if (*c == '@')
			drop = false;
		if (*c == ',')
			drop = !strncmp(c + 1, option, length) && c[1 + length] == '=';
		if (!drop)
			*to++ = *c;
	}
	return text;
}

static size_t find_text(const struct result *r, const char *text)
{
	for (size_t i = 0; i < r->targets; i++)
		if (!strcmp(r->target[i].text, text))
			return i;
	return NO_TARGET;
}

static bool same_without(const char *a, const char *b, const char *option)
{
	char *x = target_without(a, option), *y = target_without(b, option);
	bool same = !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

/* The one target of A, not matched by its whole text, that differs only in `by`. */
static size_t find_alike(struct diff *d, const struct result *a, const struct result *b,
			 const char *text, const char *by)
{
	size_t found = NO_TARGET, count = 0;
	char *note;

	for (size_t i = 0; i < a->targets; i++) {
		if (find_text(b, a->target[i].text) != NO_TARGET ||
		    !same_without(a->target[i].text, text, by))
			continue;
		found = i;
		count++;
	}
	if (count < 2)
		return found;
	note = new_format("%s is compared with nothing: %zu targets of A differ from it only in %s",
			  text, count, by);
	strings_add(&d->notes, note);
	free(note);
	return NO_TARGET;
}

static void note(struct diff *d, const char *what, const char *a, const char *b)
{
	char *text;

	if (!strcmp(a, b))
		return;
	text = new_format("%s differs: A %s, B %s", what, *a ? a : "none", *b ? b : "none");
	strings_add(&d->notes, text);
	free(text);
}

static void add_notes(struct diff *d, const struct result *a, const struct result *b)
{
	char x[64], y[64];

	note(d, "matrix", a->matrix, b->matrix);
	note(d, "at-every-sync", a->at_every_sync, b->at_every_sync);
	note(d, "case", a->case_name, b->case_name);
	snprintf(x, sizeof(x), "%llu", (unsigned long long)a->seed);
	snprintf(y, sizeof(y), "%llu", (unsigned long long)b->seed);
	note(d, "seed", x, y);
	snprintf(x, sizeof(x), "%llu/%llu", (unsigned long long)a->shard,
		 (unsigned long long)a->shards);
	snprintf(y, sizeof(y), "%llu/%llu", (unsigned long long)b->shard,
		 (unsigned long long)b->shards);
	note(d, "shard", x, y);
}

void diff_make(struct diff *d, const struct result *a, const struct result *b, const char *by,
	       bool b_is_part)
{
	bool *used = new_zeroed(a->targets, sizeof(*used));

	*d = (struct diff){ 0 };
	add_notes(d, a, b);
	for (size_t i = 0; i < b->targets; i++) {
		const char *text = b->target[i].text;
		size_t other = find_text(a, text);

		if (other == NO_TARGET)
			other = find_alike(d, a, b, text, by);
		if (other != NO_TARGET)
			used[other] = true;
		add_pair(d, a, other, b, i, b_is_part);
	}
	for (size_t i = 0; i < a->targets; i++)
		if (!used[i] && !b_is_part)
			add_pair(d, a, i, b, NO_TARGET, false);
	free(used);
}

bool diff_within(struct diff *d, const struct result *r, const char *by, struct problem *p)
{
	*d = (struct diff){ 0 };
	for (size_t i = 0; i < r->targets; i++) {
		size_t first = 0;

		while (!same_without(r->target[first].text, r->target[i].text, by))
			first++;
		if (first < i)
			add_pair(d, r, first, r, i, false);
	}
	return d->pairs ||
	       problem_set(p, EXIT_USAGE,
			   "%s: no two targets of it differ only in %s; name a second result, or "
			   "another option by --by",
			   r->path, by);
}

enum exit_status diff_status(const struct diff *d)
{
	return d->count[DIFF_REGRESSION] ? EXIT_SUBJECT : EXIT_EXPECTED;
}

void diff_free(struct diff *d)
{
	for (size_t i = 0; i < d->pairs; i++) {
		for (size_t j = 0; j < d->pair[i].items; j++) {
			free(d->pair[i].item[j].words);
			strings_free(&d->pair[i].item[j].cases);
		}
		free(d->pair[i].item);
	}
	free(d->pair);
	strings_free(&d->notes);
	*d = (struct diff){ 0 };
}
