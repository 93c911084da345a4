// SPDX-License-Identifier: GPL-2.0-only
/* The text for people at the end of a run: by target, what failed in full, what was not tested. */
#include "harness/assay/report.h"

#include <stdlib.h>
#include <string.h>

static bool is_worth_a_line(const struct outcome *o)
{
	return o->verdict != VERDICT_PASS && o->verdict != VERDICT_SKIP;
}

static void print_verdict(FILE *out, const struct run *r, size_t plan, bool in_full)
{
	const struct outcome *o = &r->outcome[plan];
	char *name = planned_name(r, plan);

	fprintf(out, "  %-7s %s", verdict_word(o->verdict), name);
	if (*verdict_reason(o)) {
		fprintf(out, ": ");
		print_clean(out, verdict_reason(o), "");
	}
	putc('\n', out);
	if (in_full && o->verdict != VERDICT_KNOWN) {
		fprintf(out, "          law: ");
		print_clean(out, planned_test(&r->plan[plan])->sentence, "");
		putc('\n', out);
		print_details(out, "          ", r, plan);
	}
	free(name);
}

/* --- sums of equal texts: skips by reason, cases not covered by fact --- */

struct sum {
	const char *text;
	u64 count;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct sum *)a)->text, ((const struct sum *)b)->text);
}

static void print_sums(FILE *out, const char *title, struct sum *sum, size_t count)
{
	if (count)
		qsort(sum, count, sizeof(*sum), by_text);
	for (size_t i = 0; i < count; i++) {
		u64 all = sum[i].count;

		while (i + 1 < count && !by_text(&sum[i], &sum[i + 1]))
			all += sum[++i].count;
		fprintf(out, "  %s %llu: ", title, (unsigned long long)all);
		print_clean(out, sum[i].text, "");
		putc('\n', out);
	}
	free(sum);
}

static void print_skips(FILE *out, const struct run *r, size_t host)
{
	struct sum *sum = NULL;
	size_t count = 0;

	for (size_t i = 0; i < r->plans; i++) {
		if (r->plan[i].host != host || r->outcome[i].verdict != VERDICT_SKIP)
			continue;
		sum = grow(sum, count, sizeof(*sum));
		sum[count++] = (struct sum){ r->outcome[i].reason, 1 };
	}
	print_sums(out, "tests skipped", sum, count);
}

static void print_not_covered(FILE *out, const struct run *r, size_t host)
{
	struct sum *sum = NULL;
	size_t count = 0;

	for (size_t i = 0; i < r->plans; i++) {
		const struct outcome *o = &r->outcome[i];

		for (size_t j = 0; r->plan[i].host == host && j < o->not_covereds; j++) {
			sum = grow(sum, count, sizeof(*sum));
			sum[count++] =
				(struct sum){ o->not_covered[j].fact, o->not_covered[j].cases };
		}
	}
	print_sums(out, "cases not covered", sum, count);
}

static void print_windows(FILE *out, const struct run *r, size_t host)
{
	for (size_t i = 0; i < r->plans; i++) {
		const struct outcome *o = &r->outcome[i];

		for (size_t j = 0; r->plan[i].host == host && j < o->windows; j++) {
			fprintf(out,
				"  window of %s hit %llu times: ", planned_test(&r->plan[i])->id,
				(unsigned long long)o->window[j].hits);
			print_clean(out, o->window[j].name, "");
			putc('\n', out);
		}
	}
}

static void print_target(FILE *out, const struct run *r, size_t host, bool in_full)
{
	u64 count[VERDICT_COUNT] = { 0 };

	print_host(out, "", &r->host[host]);
	for (size_t i = 0; i < r->plans; i++) {
		if (r->plan[i].host != host)
			continue;
		count[r->outcome[i].verdict]++;
		if (is_worth_a_line(&r->outcome[i]))
			print_verdict(out, r, i, in_full);
	}
	print_flaky(out, "  ", r, host);
	print_skips(out, r, host);
	print_not_covered(out, r, host);
	print_windows(out, r, host);
	fprintf(out, "  ");
	print_counts(out, count);
	fprintf(out, "\n\n");
}

void print_summary(FILE *out, const struct run *r, bool in_full)
{
	for (size_t i = 0; i < r->hosts; i++)
		print_target(out, r, i, in_full);
	print_matrix(out, "", r);
	print_counts(out, r->count);
	fprintf(out, " in %.1f s, seed %llu\n", clock_seconds() - r->started,
		(unsigned long long)r->options.seed);
	print_run_notes(out, "", r);
}

static void end(struct report *report, const struct run *r)
{
	print_summary(report->out, r, true);
}

const struct report_ops report_summary = {
	.name = "summary",
	.end = end,
};
