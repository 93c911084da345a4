// SPDX-License-Identifier: GPL-2.0-only
/* Gathers what a test's events say; see outcome.h. */
#include "harness/assay/outcome.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	bool subject, assay;
} verdicts[VERDICT_COUNT] = {
#define VERDICT(NAME, word_, subject_, assay_, meaning)                                            \
	[VERDICT_##NAME] = { word_, subject_, assay_ },
	VERDICTS(VERDICT)
#undef VERDICT
};

const char *verdict_word(enum verdict v)
{
	return verdicts[v].word;
}

enum verdict verdict_parse(const char *word)
{
	enum verdict v = 0;

	while (v < VERDICT_COUNT && strcmp(verdicts[v].word, word))
		v++;
	return v;
}

bool verdict_blames_subject(enum verdict v)
{
	return verdicts[v].subject;
}

bool verdict_blames_assay(enum verdict v)
{
	return verdicts[v].assay;
}

void outcome_init(struct outcome *o)
{
	*o = (struct outcome){ .verdict = VERDICT_ERROR,
			       .reason = new_string("not run"),
			       .case_name = new_string("") };
}

void outcome_set(struct outcome *o, enum verdict v, const char *reason)
{
	char *copy = new_string(reason);

	/* The new reason may quote the old one. */
	free(o->reason);
	o->verdict = v;
	o->reason = copy;
}

static void add_check(struct outcome *o, const struct event *e)
{
	o->checks_seen++;
	if (o->checks == CHECKS_KEPT_MAX)
		return;
	o->check = grow(o->check, o->checks, sizeof(*o->check));
	o->check[o->checks++] = (struct check){
		.case_name = new_string(event_string(e, "case")),
		.file = new_string(event_string(e, "file")),
		.line = event_number(e, "line"),
		.expression = new_string(event_string(e, "expression")),
		.wanted = new_string(event_string(e, "wanted")),
		.got = new_string(event_string(e, "got")),
	};
}

/* A matrix reports the same fact from many places. */
static void add_not_covered(struct outcome *o, u64 cases, const char *fact)
{
	for (size_t i = 0; i < o->not_covereds; i++) {
		if (strcmp(o->not_covered[i].fact, fact))
			continue;
		o->not_covered[i].cases += cases;
		return;
	}
	if (o->not_covereds == LOG_LINES_MAX)
		return;
	o->not_covered = grow(o->not_covered, o->not_covereds, sizeof(*o->not_covered));
	o->not_covered[o->not_covereds++] = (struct not_covered){ cases, new_string(fact) };
}

static void add_window(struct outcome *o, const char *name, u64 hits)
{
	for (size_t i = 0; i < o->windows; i++) {
		if (strcmp(o->window[i].name, name))
			continue;
		o->window[i].hits += hits;
		return;
	}
	if (o->windows == LOG_LINES_MAX)
		return;
	o->window = grow(o->window, o->windows, sizeof(*o->window));
	o->window[o->windows++] = (struct window){ new_string(name), hits };
}

/* A sync that went wrong explains the failure that follows. */
static void log_sync(struct outcome *o, const struct event *e)
{
	char *line;

	if (!strcmp(event_string(e, "status"), "done"))
		return;
	line = new_format("sync %s: %s: %s", event_string(e, "actions"), event_string(e, "status"),
			  event_string(e, "detail"));
	outcome_log(o, line);
	free(line);
}

static bool take_verdict(struct outcome *o, const struct event *e, char *reason, size_t reason_size)
{
	const char *word = event_string(e, "verdict");
	enum verdict v = verdict_parse(word);

	if (v >= VERDICT_KNOWN) {
		snprintf(reason, reason_size, "a verdict '%.60s', which drivers cannot give", word);
		return false;
	}
	o->planned = event_number_in(e, "cases", "planned");
	o->run = event_number_in(e, "cases", "run");
	o->failed = event_number_in(e, "cases", "failed");
	o->not_covered_cases = event_number_in(e, "cases", "not_covered");
	o->seconds = event_real(e, "seconds");
	if (v == VERDICT_PASS && (o->checks_seen || o->failed)) {
		snprintf(reason, reason_size,
			 "the verdict pass after %llu failed expectations and %llu failed cases",
			 (unsigned long long)o->checks_seen, (unsigned long long)o->failed);
		return false;
	}
	outcome_set(o, v, event_string(e, "reason"));
	free(o->case_name);
	o->case_name = new_string(event_string(e, "case"));
	return true;
}

bool outcome_event(struct outcome *o, const struct event *e, char *reason, size_t reason_size)
{
	switch (e->kind) {
	case EVENT_HELLO:
		o->hello = true;
		break;
	case EVENT_CHECK:
		add_check(o, e);
		break;
	case EVENT_NOT_COVERED:
		add_not_covered(o, event_number(e, "cases"), event_string(e, "fact"));
		break;
	case EVENT_WINDOW:
		add_window(o, event_string(e, "name"), event_number(e, "hits"));
		break;
	case EVENT_LOG:
	case EVENT_CONSOLE:
		outcome_log(o, event_string(e, "text"));
		break;
	case EVENT_SYNC:
		log_sync(o, e);
		break;
	case EVENT_VERDICT:
		return take_verdict(o, e, reason, reason_size);
	default:
		break;
	}
	return true;
}

void outcome_log(struct outcome *o, const char *line)
{
	if (o->log.count == LOG_LINES_MAX)
		strings_add(&o->log, "(more was written; it is not kept)");
	if (o->log.count < LOG_LINES_MAX)
		strings_add(&o->log, line);
}

static void check_free(struct check *c)
{
	free(c->case_name);
	free(c->file);
	free(c->expression);
	free(c->wanted);
	free(c->got);
}

void outcome_trim(struct outcome *o, size_t keep)
{
	while (o->checks > keep)
		check_free(&o->check[--o->checks]);
}

void outcome_free(struct outcome *o)
{
	outcome_trim(o, 0);
	free(o->check);
	for (size_t i = 0; i < o->not_covereds; i++)
		free(o->not_covered[i].fact);
	free(o->not_covered);
	for (size_t i = 0; i < o->windows; i++)
		free(o->window[i].name);
	free(o->window);
	strings_free(&o->log);
	free(o->reason);
	free(o->case_name);
	*o = (struct outcome){ 0 };
}
