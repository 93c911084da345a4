// SPDX-License-Identifier: GPL-2.0-only
/* A diff for programs: JSON lines, TAP 13, and a table for a merge request. */
#include "harness/assay/diff.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/json.h"

/* --- JSON lines (doc/results.md) --- */

static json_t *side_object(const struct result *r, size_t target, const struct result_test *t)
{
	char *verdicts = diff_verdicts(t);
	json_t *side = json_pack("{s:o, s:o, s:o, s:o}", "path", json_text(r->path), "target",
				 json_text(r->target[target].text), "subject",
				 json_text(r->target[target].subject), "verdict",
				 json_text(verdicts));

	free(verdicts);
	return side;
}

static void print_record(FILE *out, const struct diff_pair *pair, const struct diff_item *item)
{
	json_t *line = json_pack("{s:s, s:s, s:o}", "record", "difference", "class",
				 diff_word(item->class), "id",
				 json_text((item->b ? item->b : item->a)->id));
	json_t *cases;

	if (item->a)
		json_object_set_new(line, "a", side_object(pair->a, pair->target_a, item->a));
	if (item->b)
		json_object_set_new(line, "b", side_object(pair->b, pair->target_b, item->b));
	if (*item->words)
		json_object_set_new(line, "words", json_text(item->words));
	if (item->cases.count) {
		cases = json_array();
		for (size_t i = 0; i < item->cases.count; i++)
			json_array_append_new(cases, json_text(item->cases.item[i]));
		json_object_set_new(line, "cases", cases);
	}
	json_print_line(out, line);
}

static void print_records(FILE *out, const struct diff *d)
{
	for (size_t i = 0; i < d->pairs; i++)
		for (size_t j = 0; j < d->pair[i].items; j++)
			if (d->pair[i].item[j].class != DIFF_SAME)
				print_record(out, &d->pair[i], &d->pair[i].item[j]);
}

json_t *diff_counts(const struct diff *d)
{
	json_t *counts = json_object();

	for (enum diff_class c = 0; c < DIFF_COUNT; c++)
		json_object_set_new(counts, diff_word(c), json_integer((json_int_t)d->count[c]));
	return counts;
}

static void print_jsonl(FILE *out, const struct diff *d)
{
	json_t *notes = json_array();

	print_records(out, d);
	for (size_t i = 0; i < d->notes.count; i++)
		json_array_append_new(notes, json_text(d->notes.item[i]));
	json_print_line(out,
			json_pack("{s:s, s:o, s:o, s:i}", "record", "differences", "counts",
				  diff_counts(d), "notes", notes, "status", (int)diff_status(d)));
}

const struct diff_format diff_jsonl = { "jsonl", print_jsonl };

/* --- TAP 13: only a regression is not ok --- */

static const char *const directives[DIFF_COUNT] = {
	[DIFF_FLAKY] = "TODO flaky",
	[DIFF_INFRASTRUCTURE] = "SKIP infrastructure",
	[DIFF_NOT_RUN] = "SKIP not run",
	[DIFF_GONE] = "SKIP gone",
};

static void print_tap_line(FILE *out, const struct diff_pair *pair, const struct diff_item *item,
			   size_t n)
{
	bool ok = item->class != DIFF_REGRESSION && item->class != DIFF_FLAKY;
	const struct result *r = item->b ? pair->b : pair->a;
	char *a = diff_verdicts(item->a), *b = diff_verdicts(item->b);
	char *story = diff_story(item);

	fprintf(out, "%sok %zu - ", ok ? "" : "not ", n);
	print_clean(out, r->target[item->b ? pair->target_b : pair->target_a].text, "#\\");
	putc(' ', out);
	print_clean(out, (item->b ? item->b : item->a)->id, "#\\");
	if (directives[item->class])
		fprintf(out, " # %s", directives[item->class]);
	putc('\n', out);
	if (item->class != DIFF_SAME) {
		fprintf(out, "# %s: %s -> %s%s", diff_word(item->class), a, b, *story ? ": " : "");
		print_clean(out, story, "");
		putc('\n', out);
	}
	free(a);
	free(b);
	free(story);
}

static void print_tap(FILE *out, const struct diff *d)
{
	size_t planned = 0, n = 0;

	for (size_t i = 0; i < d->pairs; i++)
		planned += d->pair[i].items;
	fprintf(out, "TAP version 13\n1..%zu\n", planned);
	for (size_t i = 0; i < d->pairs; i++)
		for (size_t j = 0; j < d->pair[i].items; j++)
			print_tap_line(out, &d->pair[i], &d->pair[i].item[j], ++n);
	fprintf(out, "# ");
	diff_print_counts(out, d->count);
	putc('\n', out);
}

const struct diff_format diff_tap = { "tap", print_tap };

/* --- Markdown --- */

static void print_markdown(FILE *out, const struct diff *d)
{
	diff_print_counts(out, d->count);
	fprintf(out, "\n\n| | target | test | A | B | |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < d->pairs; i++) {
		const struct diff_pair *pair = &d->pair[i];

		for (size_t j = 0; j < pair->items; j++) {
			const struct diff_item *item = &pair->item[j];
			const struct result *r = item->b ? pair->b : pair->a;
			char *a = diff_verdicts(item->a), *b = diff_verdicts(item->b);
			char *story = diff_story(item);

			if (item->class != DIFF_SAME) {
				fprintf(out, "| %s | ", diff_word(item->class));
				print_clean(
					out,
					r->target[item->b ? pair->target_b : pair->target_a].text,
					"|*_`<");
				fprintf(out, " | ");
				print_clean(out, (item->b ? item->b : item->a)->id, "|*_`<");
				fprintf(out, " | %s | %s | ", a, b);
				print_clean(out, story, "|*_`<");
				fprintf(out, " |\n");
			}
			free(a);
			free(b);
			free(story);
		}
	}
}

const struct diff_format diff_markdown = { "markdown", print_markdown };
