// SPDX-License-Identifier: GPL-2.0-only
/* What all texts for people say in the same words; see report.h. */
#include "harness/assay/compare.h"
#include "harness/assay/report.h"

#include <stdlib.h>
#include <string.h>

enum { LOG_SHOWN = 8 };

#define number(n) ((unsigned long long)(n))

static void print_line(FILE *out, const char *prefix, const char *name, const char *text)
{
	fprintf(out, "%s%s", prefix, name);
	print_clean(out, text, "");
	putc('\n', out);
}

void print_host(FILE *out, const char *prefix, const struct host *h)
{
	const char *name;
	json_t *value;

	fprintf(out, "%starget ", prefix);
	print_clean(out, h->target.text, "");
	fprintf(out, ": ");
	print_clean(out,
		    *host_missing(h) ? host_missing(h)
		    : h->line	     ? host_subject(h)
				     : "its driver has not said what it judges",
		    "");
	json_object_foreach(json_object_get(h->line, "facts"), name, value)
	{
		fprintf(out, ", ");
		print_clean(out, name, "");
		putc('=', out);
		print_clean(out, json_is_string(value) ? json_string_value(value) : "?", "");
	}
	putc('\n', out);
}

static void print_checks(FILE *out, const char *prefix, const struct outcome *o)
{
	size_t shown = MIN(o->checks, (size_t)CHECKS_SHOWN);

	for (size_t i = 0; i < shown; i++) {
		const struct check *c = &o->check[i];

		fprintf(out, "%s", prefix);
		print_clean(out, c->file, "");
		fprintf(out, ":%llu: ", number(c->line));
		print_clean(out, c->expression, "");
		putc('\n', out);
		if (*c->case_name)
			print_line(out, prefix, "  case   ", c->case_name);
		print_line(out, prefix, "  wanted ", c->wanted);
		print_line(out, prefix, "  got    ", c->got);
	}
	if (o->checks_seen > shown)
		fprintf(out, "%sand %llu more; all are in the run.jsonl of --output DIR\n", prefix,
			number(o->checks_seen - shown));
}

static void print_log(FILE *out, const char *prefix, const struct outcome *o)
{
	size_t from = o->log.count > LOG_SHOWN ? o->log.count - LOG_SHOWN : 0;

	for (size_t i = from; i < o->log.count; i++)
		print_line(out, prefix, "| ", o->log.item[i]);
}

static bool went_wrong(const struct outcome *o)
{
	return o->verdict == VERDICT_KNOWN || verdict_blames_subject(o->verdict) ||
	       verdict_blames_assay(o->verdict);
}

void print_details(FILE *out, const char *prefix, const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];

	if (o->known)
		fprintf(out, "%sknown deviation %s:%u, since %s\n", prefix, o->known->file,
			o->known->line, o->known->since);
	if (o->verdict == VERDICT_KNOWN && *o->reason)
		print_line(out, prefix, "it said: ", o->reason);
	if (*o->case_name)
		print_line(out, prefix, "in case ", o->case_name);
	print_checks(out, prefix, o);
	for (size_t i = 0; i < o->not_covereds; i++) {
		fprintf(out, "%snot covered: %llu cases: ", prefix,
			number(o->not_covered[i].cases));
		print_line(out, "", "", o->not_covered[i].fact);
	}
	for (size_t i = 0; i < o->windows; i++) {
		fprintf(out, "%swindow hit %llu times: ", prefix, number(o->window[i].hits));
		print_line(out, "", "", o->window[i].name);
	}
	if (o->infrastructure)
		fprintf(out, "%sinfrastructure failures: %u\n", prefix, o->infrastructure);
	if (went_wrong(o)) {
		char *command = reproduce(r, plan);

		print_log(out, prefix, o);
		print_line(out, prefix, "reproduce: ", command);
		free(command);
	}
}

void print_counts(FILE *out, const u64 count[VERDICT_COUNT])
{
	const char *separator = "";

	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		if (!count[v])
			continue;
		fprintf(out, "%s%llu %s", separator, number(count[v]), verdict_word(v));
		separator = ", ";
	}
	if (!*separator)
		fprintf(out, "no test");
}

void print_run_notes(FILE *out, const char *prefix, const struct run *r)
{
	unsigned int infrastructure = 0;

	for (size_t i = 0; i < r->not_run.count; i++)
		print_line(out, prefix, "not run: ", r->not_run.item[i]);
	if (r->resumed)
		fprintf(out, "%sresumed: %zu of %zu verdicts were there already\n", prefix,
			r->taken_over, r->plans);
	for (size_t i = 0; i < r->hosts; i++)
		infrastructure += r->host[i].infrastructure;
	fprintf(out, "%sinfrastructure failures: %u\n", prefix, infrastructure);
	for (size_t i = 0; i < r->hosts; i++)
		for (size_t j = 0; j < r->host[i].troubles.count; j++) {
			fprintf(out, "%s  ", prefix);
			print_clean(out, r->host[i].target.text, "");
			print_line(out, "", ": ", r->host[i].troubles.item[j]);
		}
	if (r->comparison) {
		fprintf(out, "%s%scompared with the baseline:\n", *prefix ? "" : "\n", prefix);
		diff_print_text(out, prefix, &r->comparison->diff);
	}
	if (r->cut_short)
		fprintf(out, "%scut short: the verdicts error of tests that did not run say so\n",
			prefix);
}

const char *verdict_reason(const struct outcome *o)
{
	return o->verdict == VERDICT_KNOWN ? o->known->what : o->reason;
}
