// SPDX-License-Identifier: GPL-2.0-only
/* A run as JSON objects: run, verdict..., end.  The format is doc/results.md. */
#include "harness/assay/record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/assay/compare.h"
#include "harness/assay/json.h"
#include "harness/assay/result.h"
#include "lib/sync.h"

static json_t *number(u64 n)
{
	return json_integer((json_int_t)n);
}

static json_t *string_array(const struct strings *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(array, json_text(s->item[i]));
	return array;
}

/* --- run --- */

static json_t *image_object(const struct area *a)
{
	char digest[17];

	snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)image_digest(&a->image));
	return json_pack("{s:o, s:s, s:i}", "area", json_text(a->name), "digest", digest, "tests",
			 (int)a->image.tests);
}

static json_t *images(const struct run *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->plans; i++)
		if (r->plan[i].host == r->plan[0].host &&
		    (!i || r->plan[i].picked.area != r->plan[i - 1].picked.area))
			json_array_append_new(array, image_object(r->plan[i].picked.area));
	return array;
}

static json_t *member(const struct host *h, const char *name)
{
	json_t *value = json_object_get(h->line, name);

	return value ? json_incref(value) : json_object();
}

static json_t *targets(const struct run *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->hosts; i++) {
		const struct host *h = &r->host[i];
		json_t *t = json_pack("{s:o, s:o, s:o, s:o, s:o}", "target",
				      json_text(h->target.text), "host", json_text(h->target.host),
				      "subject", json_text(host_subject(h)), "options",
				      member(h, "options"), "facts", member(h, "facts"));

		if (*host_missing(h))
			json_object_set_new(t, "missing", json_text(host_missing(h)));
		json_array_append_new(array, t);
	}
	return array;
}

static json_t *date(time_t when)
{
	char text[32];
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_text(text);
}

json_t *record_run(const struct run *r)
{
	const struct run_options *o = &r->options;
	char sync[512];
	json_t *head =
		json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o, "
			  "s:o, s:o}",
			  "record", "run", "version", RESULTS_VERSION, "assay", ASSAY_VERSION,
			  "build", build_digest(), "date", date(r->began), "command",
			  json_text(r->command), "arguments", string_array(&r->arguments), "seed",
			  number(o->seed), "shard", number(o->shard), "shards", number(o->shards),
			  "matrix", o->matrix ? o->matrix : "pairwise", "at_every_sync",
			  o->sync ? sync_format(o->sync, sync, sizeof(sync)) : "", "planned",
			  number(r->plans), "images", images(r), "targets", targets(r), "not_run",
			  string_array(&r->not_run));

	if (o->case_name)
		json_object_set_new(head, "case", json_text(o->case_name));
	return head;
}

/* --- verdict --- */

static json_t *cases(const struct outcome *o)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "planned", number(o->planned), "run",
			 number(o->run), "failed", number(o->failed), "not_covered",
			 number(o->not_covered_cases));
}

static json_t *checks(const struct outcome *o)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->checks; i++) {
		const struct check *c = &o->check[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "case",
						json_text(c->case_name), "file", json_text(c->file),
						"line", number(c->line), "expression",
						json_text(c->expression), "wanted",
						json_text(c->wanted), "got", json_text(c->got)));
	}
	return array;
}

static void add_details(json_t *v, const struct outcome *o)
{
	json_t *array;

	if (o->checks_seen) {
		json_object_set_new(v, "checks", checks(o));
		json_object_set_new(v, "checks_seen", number(o->checks_seen));
	}
	if (o->not_covereds) {
		array = json_array();
		for (size_t i = 0; i < o->not_covereds; i++)
			json_array_append_new(array,
					      json_pack("{s:o, s:o}", "cases",
							number(o->not_covered[i].cases), "fact",
							json_text(o->not_covered[i].fact)));
		json_object_set_new(v, "not_covered", array);
	}
	if (o->windows) {
		array = json_array();
		for (size_t i = 0; i < o->windows; i++)
			json_array_append_new(array, json_pack("{s:o, s:o}", "name",
							       json_text(o->window[i].name), "hits",
							       number(o->window[i].hits)));
		json_object_set_new(v, "windows", array);
	}
	if (o->log.count)
		json_object_set_new(v, "log", string_array(&o->log));
	if (o->infrastructure)
		json_object_set_new(v, "infrastructure", number(o->infrastructure));
	if (o->known) {
		json_t *known = json_pack("{s:o, s:o, s:o, s:s}", "file", json_text(o->known->file),
					  "line", number(o->known->line), "what",
					  json_text(o->known->what), "said", verdict_word(o->said));

		if (o->known->flaky)
			json_object_set_new(known, "flaky", json_true());
		json_object_set_new(v, "known", known);
	}
}

json_t *record_verdict(const struct run *r, size_t plan)
{
	const struct image_test *test = planned_test(&r->plan[plan]);
	const struct outcome *o = &r->outcome[plan];
	char *command;
	json_t *v;

	v = json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:f, s:o, s:o, s:o, s:o}",
		      "record", "verdict", "number", number(plan + 1), "target",
		      json_text(run_host(r, plan)->target.text), "id", json_text(test->id), "run",
		      number(r->plan[plan].repetition), "verdict", verdict_word(o->verdict),
		      "reason", json_text(o->reason), "case", json_text(o->case_name), "cases",
		      cases(o), "seconds", o->seconds, "sentence", json_text(test->sentence), "law",
		      json_text(test->law), "file", json_text(test->file), "line",
		      number(test->line));
	add_details(v, o);
	if (o->verdict != VERDICT_PASS && o->verdict != VERDICT_SKIP) {
		command = reproduce(r, plan);
		json_object_set_new(v, "reproduce", json_text(command));
		free(command);
	}
	return v;
}

/* --- end --- */

json_t *record_end(const struct run *r)
{
	json_t *counts = json_object(), *troubles = json_array(), *end;
	unsigned int infrastructure = 0;

	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(counts, verdict_word(v), number(r->count[v]));
	for (size_t i = 0; i < r->hosts; i++) {
		infrastructure += r->host[i].infrastructure;
		for (size_t j = 0; j < r->host[i].troubles.count; j++)
			json_array_append_new(troubles,
					      json_pack("{s:o, s:o}", "target",
							json_text(r->host[i].target.text), "what",
							json_text(r->host[i].troubles.item[j])));
	}
	end = json_pack("{s:s, s:o, s:o, s:o, s:b, s:f, s:i}", "record", "end", "counts", counts,
			"infrastructure", number(infrastructure), "troubles", troubles, "cut_short",
			(int)r->cut_short, "seconds", clock_seconds() - r->started, "status",
			(int)run_status(r));
	if (r->taken_over)
		json_object_set_new(end, "taken_over", number(r->taken_over));
	if (r->comparison)
		json_object_set_new(end, "baseline",
				    json_pack("{s:o, s:o}", "path",
					      json_text(r->comparison->baseline.path), "counts",
					      diff_counts(&r->comparison->diff)));
	return end;
}
