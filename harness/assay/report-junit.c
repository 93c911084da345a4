// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML as GitLab and Jenkins read it: a testsuite for each area of each
 * target.  Both know a test again by classname and name, so these carry the
 * target, the area and the test, and nothing that changes from run to run.  A
 * dot parts the target from the area, as Jenkins parts package and class.
 */
#include "harness/assay/report.h"

#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define X(text) ((const xmlChar *)(text))

/* Tests from..to of the plan: of one area of one target. */
struct suite {
	size_t from, to;
};

static struct suite suite_at(const struct run *r, size_t from)
{
	struct suite s = { from, from };

	while (s.to < r->plans && r->plan[s.to].host == r->plan[from].host &&
	       r->plan[s.to].picked.area == r->plan[from].picked.area)
		s.to++;
	return s;
}

/* Text that XML may hold: no control characters, no bytes that are not UTF-8, no U+FFFE. */
static char *clean(const char *text)
{
	char *copy = NULL, *at;
	size_t size;
	FILE *out = open_memstream(&copy, &size);

	print_clean(out, text, "");
	fclose(out);
	for (at = copy; (at = strstr(at, "\xef\xbf")); at += 3)
		if ((unsigned char)at[2] >= 0xbe)
			memcpy(at, "???", 3);
	return copy;
}

static void put(xmlTextWriter *w, const char *name, const char *value)
{
	char *text = clean(value);

	xmlTextWriterWriteAttribute(w, X(name), X(text));
	free(text);
}

static void put_number(xmlTextWriter *w, const char *name, u64 value)
{
	xmlTextWriterWriteFormatAttribute(w, X(name), "%llu", (unsigned long long)value);
}

static void put_seconds(xmlTextWriter *w, double seconds)
{
	xmlTextWriterWriteFormatAttribute(w, X("time"), "%.3f", seconds);
}

/* --- what a verdict is in JUnit's words --- */

static const struct {
	const char *element; /* NULL: nothing is said */
	const char *attribute; /* of <testsuite>, that counts them */
} words[VERDICT_COUNT] = {
	[VERDICT_FAIL] = { "failure", "failures" },    [VERDICT_CRASH] = { "failure", "failures" },
	[VERDICT_TIMEOUT] = { "failure", "failures" }, [VERDICT_FIXED] = { "failure", "failures" },
	[VERDICT_ERROR] = { "error", "errors" },       [VERDICT_SKIP] = { "skipped", "skipped" },
	[VERDICT_KNOWN] = { "skipped", "skipped" },
};

static void put_counts(xmlTextWriter *w, const struct run *r, struct suite s, bool skipped)
{
	static const char *const attributes[] = { "failures", "errors", "skipped" };
	double seconds = 0;

	put_number(w, "tests", s.to - s.from);
	for (size_t a = 0; a < ARRAY_SIZE(attributes) - !skipped; a++) {
		u64 count = 0;

		for (size_t i = s.from; i < s.to; i++) {
			const char *counts = words[r->outcome[i].verdict].attribute;

			count += counts && !strcmp(counts, attributes[a]);
		}
		put_number(w, attributes[a], count);
	}
	for (size_t i = s.from; i < s.to; i++)
		seconds += r->outcome[i].seconds;
	put_seconds(w, seconds);
}

/* --- a test --- */

static void put_details(xmlTextWriter *w, const struct run *r, size_t plan)
{
	char *details = NULL, *line, *rest, *text;
	size_t size;
	FILE *out = open_memstream(&details, &size);

	print_details(out, "", r, plan);
	fclose(out);
	rest = details;
	while ((line = strsep(&rest, "\n")) && rest) {
		text = clean(line);
		xmlTextWriterWriteString(w, X("\n"));
		xmlTextWriterWriteString(w, X(text));
		free(text);
	}
	if (size)
		xmlTextWriterWriteString(w, X("\n"));
	free(details);
}

static void put_outcome(xmlTextWriter *w, const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];
	const char *element = words[o->verdict].element;
	char *message;

	if (!element)
		return;
	message =
		new_format("%s%s", o->verdict == VERDICT_KNOWN ? "known: " : "", verdict_reason(o));
	xmlTextWriterStartElement(w, X(element));
	put(w, "message", message);
	if (strcmp(element, "skipped"))
		put(w, "type", verdict_word(o->verdict));
	if (o->verdict != VERDICT_SKIP)
		put_details(w, r, plan);
	xmlTextWriterEndElement(w);
	free(message);
}

static void put_test(xmlTextWriter *w, const struct run *r, size_t plan, const char *class_name)
{
	char *name = planned_name(r, plan);
	const char *slash = strchr(name, '/');

	xmlTextWriterStartElement(w, X("testcase"));
	put(w, "classname", class_name);
	put(w, "name", slash ? slash + 1 : name);
	put(w, "file", planned_test(&r->plan[plan])->file);
	put_seconds(w, r->outcome[plan].seconds);
	put_outcome(w, r, plan);
	xmlTextWriterEndElement(w);
	free(name);
}

/* --- an area of a target --- */

static void put_property(xmlTextWriter *w, const char *name, const char *value)
{
	xmlTextWriterStartElement(w, X("property"));
	put(w, "name", name);
	put(w, "value", value);
	xmlTextWriterEndElement(w);
}

static void put_properties(xmlTextWriter *w, const struct run *r, const struct host *h)
{
	const char *name;
	json_t *value;
	char seed[24];

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)r->options.seed);
	xmlTextWriterStartElement(w, X("properties"));
	put_property(w, "target", h->target.text);
	put_property(w, "subject", host_subject(h));
	json_object_foreach(json_object_get(h->line, "facts"), name, value)
	{
		char *fact = new_format("fact.%s", name);

		put_property(w, fact, json_is_string(value) ? json_string_value(value) : "?");
		free(fact);
	}
	put_property(w, "seed", seed);
	put_property(w, "command", r->command);
	xmlTextWriterEndElement(w);
}

static void put_suite(xmlTextWriter *w, const struct run *r, struct suite s)
{
	const struct host *h = run_host(r, s.from);
	const char *area = r->plan[s.from].picked.area->name;
	char *name = new_format("%s %s", h->target.text, area);
	char *class_name = new_format("%s.%s", h->target.text, area);
	char date[32];
	struct tm tm;

	for (char *c = class_name; c < class_name + strlen(h->target.text); c++)
		*c = *c == '.' ? '_' : *c;
	gmtime_r(&r->began, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	xmlTextWriterStartElement(w, X("testsuite"));
	put(w, "name", name);
	put(w, "timestamp", date);
	put_counts(w, r, s, true);
	put_properties(w, r, h);
	for (size_t i = s.from; i < s.to; i++)
		put_test(w, r, i, class_name);
	xmlTextWriterEndElement(w);
	free(class_name);
	free(name);
}

/* --- the report: all at its end, for the counts stand before what they count --- */

static void end(struct report *report, const struct run *r)
{
	xmlBuffer *buffer = xmlBufferCreate();
	xmlTextWriter *w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	struct suite s;

	if (w) {
		xmlTextWriterSetIndent(w, 1);
		xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
		xmlTextWriterStartElement(w, X("testsuites"));
		put(w, "name", "assay");
		put_counts(w, r, (struct suite){ 0, r->plans }, false);
		for (size_t i = 0; i < r->plans; i = s.to) {
			s = suite_at(r, i);
			put_suite(w, r, s);
		}
		xmlTextWriterEndDocument(w);
		xmlFreeTextWriter(w);
		fwrite(xmlBufferContent(buffer), 1, xmlBufferLength(buffer), report->out);
	}
	xmlBufferFree(buffer);
}

const struct report_ops report_junit = {
	.name = "junit",
	.end = end,
};
