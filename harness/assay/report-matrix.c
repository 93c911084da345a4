// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is seen only by putting verdicts side by side: tests on which targets
 * differ, and tests whose repetitions do.
 */
#include "harness/assay/report.h"

#include <stdlib.h>
#include <string.h>

enum { ID_WIDTH_MAX = 44, WORD_WIDTH = 7 }; /* "timeout" */

/* The repetitions of a test on a target stand side by side from here. */
static bool same_verdicts(const struct run *r, size_t plan)
{
	for (u64 n = 1; n < r->options.repeat; n++)
		if (r->outcome[plan + n].verdict != r->outcome[plan].verdict)
			return false;
	return true;
}

void print_flaky(FILE *out, const char *prefix, const struct run *r, size_t host)
{
	for (size_t i = 0; i < r->plans; i += r->options.repeat) {
		u64 count[VERDICT_COUNT] = { 0 };

		if (r->plan[i].host != host || same_verdicts(r, i))
			continue;
		for (u64 n = 0; n < r->options.repeat; n++)
			count[r->outcome[i + n].verdict]++;
		fprintf(out, "%sflaky   %s: ", prefix, planned_test(&r->plan[i])->id);
		print_counts(out, count);
		putc('\n', out);
	}
}

/* --- targets side by side: every target has the same tests in the same order --- */

static size_t plans_each(const struct run *r)
{
	return r->plans / r->hosts;
}

static const char *word_of(const struct run *r, size_t host, size_t row)
{
	size_t plan = host * plans_each(r) + row;

	return same_verdicts(r, plan) ? verdict_word(r->outcome[plan].verdict) : "flaky";
}

static bool is_worth_a_row(const struct run *r, size_t row)
{
	for (size_t h = 0; h < r->hosts; h++) {
		enum verdict v = r->outcome[h * plans_each(r) + row].verdict;

		if (verdict_blames_subject(v) || verdict_blames_assay(v) ||
		    strcmp(word_of(r, h, row), word_of(r, 0, row)))
			return true;
	}
	return false;
}

/* "kvm", or "kvm#2" if there are several. */
static char *short_name(const struct run *r, size_t host)
{
	const char *name = r->host[host].target.host;
	size_t before = 0, all = 0;

	for (size_t h = 0; h < r->hosts; h++) {
		bool same = !strcmp(r->host[h].target.host, name);

		all += same;
		before += same && h < host;
	}
	return all > 1 ? new_format("%s#%zu", name, before + 1) : new_string(name);
}

static int column_width(const char *name)
{
	return (int)MAX(strlen(name), (size_t)WORD_WIDTH);
}

static int id_width(const struct run *r)
{
	size_t width = 0;

	for (size_t i = 0; i < plans_each(r); i += r->options.repeat)
		if (is_worth_a_row(r, i))
			width = MAX(width, strlen(planned_test(&r->plan[i])->id));
	return (int)MIN(width, (size_t)ID_WIDTH_MAX);
}

static void print_legend(FILE *out, const char *prefix, const struct run *r, char *const *name)
{
	fprintf(out, "%stargets side by side, where they differ or fail:\n", prefix);
	for (size_t h = 0; h < r->hosts; h++) {
		fprintf(out, "%s  %-*s  ", prefix, column_width(name[h]), name[h]);
		print_clean(out, r->host[h].target.text, "");
		putc('\n', out);
	}
}

/* A row of cells; the last one is not padded. */
static void print_row(FILE *out, const char *prefix, const char *id, int width, char *const *name,
		      const char *const *cell, size_t cells)
{
	fprintf(out, "%s  %-*s", prefix, width, id);
	for (size_t h = 0; h < cells; h++)
		fprintf(out, "  %-*s", h + 1 < cells ? column_width(name[h]) : 0, cell[h]);
	putc('\n', out);
}

void print_matrix(FILE *out, const char *prefix, const struct run *r)
{
	char **name;
	const char **cell;
	int width;

	if (r->hosts < 2 || !r->plans)
		return;
	width = id_width(r);
	if (!width) {
		fprintf(out, "%sall %zu targets agree, and nothing failed\n", prefix, r->hosts);
		return;
	}
	name = new_zeroed(r->hosts, sizeof(*name));
	cell = new_zeroed(r->hosts, sizeof(*cell));
	for (size_t h = 0; h < r->hosts; h++)
		name[h] = short_name(r, h);
	print_legend(out, prefix, r, name);
	print_row(out, prefix, "", width, name, (const char *const *)name, r->hosts);
	for (size_t i = 0; i < plans_each(r); i += r->options.repeat) {
		if (!is_worth_a_row(r, i))
			continue;
		for (size_t h = 0; h < r->hosts; h++)
			cell[h] = word_of(r, h, i);
		print_row(out, prefix, planned_test(&r->plan[i])->id, width, name, cell, r->hosts);
	}
	for (size_t h = 0; h < r->hosts; h++)
		free(name[h]);
	free(name);
	free(cell);
}
