// SPDX-License-Identifier: GPL-2.0-only
/* A verdict of run.jsonl as the outcome that it was; see outcome.h and record.c. */
#include "harness/assay/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/json.h"

static void restore_checks(struct outcome *o, const json_t *checks)
{
	const json_t *c;
	size_t i;

	json_array_foreach(checks, i, c)
	{
		o->check = grow(o->check, o->checks, sizeof(*o->check));
		o->check[o->checks++] = (struct check){
			.case_name = new_string(json_get_text(c, "case")),
			.file = new_string(json_get_text(c, "file")),
			.line = json_get_number(c, "line"),
			.expression = new_string(json_get_text(c, "expression")),
			.wanted = new_string(json_get_text(c, "wanted")),
			.got = new_string(json_get_text(c, "got")),
		};
	}
}

static void restore_lists(struct outcome *o, const json_t *v)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(v, "not_covered"), i, item)
	{
		o->not_covered = grow(o->not_covered, o->not_covereds, sizeof(*o->not_covered));
		o->not_covered[o->not_covereds++] =
			(struct not_covered){ json_get_number(item, "cases"),
					      new_string(json_get_text(item, "fact")) };
	}
	json_array_foreach(json_object_get(v, "windows"), i, item)
	{
		o->window = grow(o->window, o->windows, sizeof(*o->window));
		o->window[o->windows++] = (struct window){ new_string(json_get_text(item, "name")),
							   json_get_number(item, "hits") };
	}
	json_array_foreach(json_object_get(v, "log"), i, item) if (json_is_string(item))
		strings_add(&o->log, json_string_value(item));
}

/* The entry that it names, if it still stands there. */
static bool restore_known(struct outcome *o, const json_t *v, const struct known *k)
{
	const json_t *known = json_object_get(v, "known");

	o->said = o->verdict;
	if (!known)
		return o->verdict != VERDICT_KNOWN && o->verdict != VERDICT_FIXED;
	o->said = verdict_parse(json_get_text(known, "said"));
	for (size_t i = 0; i < k->count && !o->known; i++)
		if (!strcmp(k->entry[i].file, json_get_text(known, "file")) &&
		    k->entry[i].line == json_get_number(known, "line") &&
		    !strcmp(k->entry[i].what, json_get_text(known, "what")))
			o->known = &k->entry[i];
	return o->known && o->said < VERDICT_COUNT;
}

bool outcome_restore(struct outcome *o, const json_t *v, const struct known *k)
{
	const json_t *cases = json_object_get(v, "cases");
	enum verdict verdict = verdict_parse(json_get_text(v, "verdict"));

	if (verdict == VERDICT_COUNT)
		return false;
	outcome_free(o);
	outcome_init(o);
	outcome_set(o, verdict, json_get_text(v, "reason"));
	free(o->case_name);
	o->case_name = new_string(json_get_text(v, "case"));
	o->planned = json_get_number(cases, "planned");
	o->run = json_get_number(cases, "run");
	o->failed = json_get_number(cases, "failed");
	o->not_covered_cases = json_get_number(cases, "not_covered");
	o->seconds = json_number_value(json_object_get(v, "seconds"));
	o->checks_seen = json_get_number(v, "checks_seen");
	o->infrastructure = (unsigned int)json_get_number(v, "infrastructure");
	restore_checks(o, json_object_get(v, "checks"));
	restore_lists(o, v);
	return restore_known(o, v, k);
}
