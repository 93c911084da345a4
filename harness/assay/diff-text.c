// SPDX-License-Identifier: GPL-2.0-only
/* A diff for people: what needs a look first, in full; the rest in numbers. */
#include "harness/assay/diff.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/outcome.h"

enum {
	CASES_SHOWN = 5, /* of a test */
	TESTS_SHOWN = 12, /* of a class that needs no look */
	WIDTH_MAX = 44, /* of the column of ids */
};

#define number(n) ((unsigned long long)(n))

void diff_print_counts(FILE *out, const u64 count[DIFF_COUNT])
{
	const char *separator = "";

	for (enum diff_class c = 0; c < DIFF_COUNT; c++) {
		if (!count[c])
			continue;
		fprintf(out, "%s%llu %s%s", separator, number(count[c]), diff_word(c),
			c == DIFF_REGRESSION && count[c] > 1 ? "s" : "");
		separator = ", ";
	}
	if (!*separator)
		fprintf(out, "no test");
}

char *diff_verdicts(const struct result_test *t)
{
	char *text = NULL;
	const char *separator = "";
	size_t size, kinds = 0;
	FILE *out;

	if (!t)
		return new_string("-");
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		kinds += t->count[v] > 0;
	out = open_memstream(&text, &size);
	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		if (!t->count[v])
			continue;
		fputs(separator, out);
		if (kinds > 1)
			fprintf(out, "%llu ", number(t->count[v]));
		fputs(verdict_word(v), out);
		separator = ", ";
	}
	fclose(out);
	return text;
}

char *diff_story(const struct diff_item *item)
{
	size_t shown = MIN(item->cases.count, (size_t)CASES_SHOWN), size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	fputs(item->words, out);
	if (shown)
		fputs(*item->words ? ": " : "", out);
	for (size_t i = 0; i < shown; i++)
		fprintf(out, "%s%s", i ? " " : "", item->cases.item[i]);
	if (item->cases.count > shown)
		fprintf(out, " and %zu more", item->cases.count - shown);
	fclose(out);
	return text;
}

/* --- the two sides --- */

static void print_side(FILE *out, const char *prefix, char name, const struct result *r,
		       size_t target)
{
	fprintf(out, "%s%c  ", prefix, name);
	print_clean(out, r->path, "");
	if (target == NO_TARGET) {
		fprintf(out, ": nothing to compare with\n");
		return;
	}
	fprintf(out, ": ");
	print_clean(out, r->target[target].text, "");
	if (*r->target[target].subject) {
		fprintf(out, " (");
		print_clean(out, r->target[target].subject, "");
		putc(')', out);
	}
	putc('\n', out);
}

/* --- the tests --- */

static const char *id_of(const struct diff_item *item)
{
	return (item->b ? item->b : item->a)->id;
}

/* These are named one by one, however many there are. */
static bool needs_a_look(enum diff_class c)
{
	return c <= DIFF_FLAKY;
}

static int width_of(const struct diff_pair *pair)
{
	size_t width = 0;

	for (size_t i = 0; i < pair->items; i++)
		if (pair->item[i].class != DIFF_SAME)
			width = MAX(width, strlen(id_of(&pair->item[i])));
	return (int)MIN(width, (size_t)WIDTH_MAX);
}

static void print_item(FILE *out, const char *prefix, const struct diff_item *item, int width)
{
	char *a = diff_verdicts(item->a), *b = diff_verdicts(item->b);
	char *story = diff_story(item);

	fprintf(out, "%s  %-14s  %-*s  ", prefix, diff_word(item->class), width, id_of(item));
	if (item->a && item->b)
		fprintf(out, "%s -> %s", a, b);
	else
		fputs(item->b ? b : a, out);
	if (*story) {
		fputs(": ", out);
		print_clean(out, story, "");
	}
	putc('\n', out);
	free(a);
	free(b);
	free(story);
}

static void print_items(FILE *out, const char *prefix, const struct diff_pair *pair)
{
	int width = width_of(pair);
	size_t shown = 0;

	/* Of a target that the other side does not have, how many says it all. */
	if (pair->target_a == NO_TARGET || pair->target_b == NO_TARGET)
		return;
	for (size_t i = 0; i < pair->items; i++) {
		const struct diff_item *item = &pair->item[i];

		shown = i && pair->item[i - 1].class == item->class ? shown + 1 : 1;
		if (item->class == DIFF_SAME)
			break;
		if (needs_a_look(item->class) || shown <= TESTS_SHOWN)
			print_item(out, prefix, item, width);
		else if (shown == pair->count[item->class])
			fprintf(out, "%s  %-14s  and %llu more\n", prefix, diff_word(item->class),
				number(shown - TESTS_SHOWN));
	}
}

void diff_print_text(FILE *out, const char *prefix, const struct diff *d)
{
	for (size_t i = 0; i < d->notes.count; i++) {
		fprintf(out, "%snote: ", prefix);
		print_clean(out, d->notes.item[i], "");
		putc('\n', out);
	}
	for (size_t i = 0; i < d->pairs; i++) {
		const struct diff_pair *pair = &d->pair[i];

		print_side(out, prefix, 'A', pair->a, pair->target_a);
		print_side(out, prefix, 'B', pair->b, pair->target_b);
		print_items(out, prefix, pair);
		if (d->pairs == 1)
			break;
		fprintf(out, "%s  ", prefix);
		diff_print_counts(out, pair->count);
		putc('\n', out);
	}
	fprintf(out, "%s%s", prefix, d->pairs > 1 ? "in all: " : "");
	diff_print_counts(out, d->count);
	putc('\n', out);
}

static void print(FILE *out, const struct diff *d)
{
	diff_print_text(out, "", d);
}

const struct diff_format diff_text = { "text", print };
