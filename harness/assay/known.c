// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads known-deviations files; see known.h and doc/known.md.  The text may be
 * anything: it is looked at byte by byte within its size, and what is not the
 * format is refused with its line.
 */
#include "harness/assay/known.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/names.h"
#include "harness/assay/outcome.h"
#include "lib/sync.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_LIST,  /* may stand again */
	FIELD_WORDS, /* several, between blanks */
	FIELD_VERDICT,
	FIELD_SYNC,
	FIELD_DATE,
	FIELD_YES,
};

static const struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	bool required;
} fields[] = {
#define FIELD(name, kind, member, required)                                                        \
	{                                                                                          \
		name, kind, offsetof(struct known_entry, member), required                         \
	}
	FIELD("subject", FIELD_TEXT, subject, true),
	FIELD("option", FIELD_LIST, options, false),
	FIELD("test", FIELD_WORDS, tests, true),
	FIELD("case", FIELD_TEXT, case_name, false),
	FIELD("signature", FIELD_TEXT, signature, false),
	FIELD("verdict", FIELD_VERDICT, verdict, false),
	FIELD("sync", FIELD_SYNC, sync, false),
	FIELD("what", FIELD_TEXT, what, true),
	FIELD("why", FIELD_TEXT, why, true),
	FIELD("since", FIELD_DATE, since, true),
	FIELD("flaky", FIELD_YES, flaky, false),
#undef FIELD
};

/* Where the parser is. */
struct parser {
	struct known *known;
	const char *name;
	const char *at;
	const char *end;
	unsigned int line;
	struct problem *problem;
	struct known_entry entry; /* the block being read */
	bool in_block;
	u32 seen; /* bit per row of fields[] */
};

static bool printf_like(2, 3) wrong(struct parser *p, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return problem_set(p->problem, EXIT_USAGE, "%s:%u: %s", p->name, p->line, what);
}

static void entry_free(struct known_entry *e)
{
	char *const texts[] = { e->subject, e->case_name, e->signature,
				e->what,    e->why,  e->since };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	strings_free(&e->options);
	strings_free(&e->tests);
}

/* --- values --- */

static bool is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

static bool set_verdict(struct parser *p, const char *value)
{
	enum verdict v = verdict_parse(value);

	if (v != VERDICT_FAIL && v != VERDICT_CRASH && v != VERDICT_TIMEOUT)
		return wrong(p, "verdict '%s' is none of fail, crash, timeout", value);
	p->entry.verdict = v;
	return true;
}

static bool set_sync(struct parser *p, const char *value)
{
	const char *bad;

	if (!sync_parse(value, &p->entry.sync, &bad))
		return wrong(p, "unknown action '%s'; see: assay actions", bad);
	return p->entry.sync || wrong(p, "sync names no action; see: assay actions");
}

static void add_words(struct strings *to, const char *value)
{
	struct strings words = strings_split(value, ' ');

	for (size_t i = 0; i < words.count; i++)
		if (*words.item[i])
			strings_add(to, words.item[i]);
	strings_free(&words);
}

static bool set_field(struct parser *p, const struct field *f, const char *value)
{
	void *place = (char *)&p->entry + f->offset;

	if (!*value)
		return wrong(p, "%s has no value", f->name);
	if ((p->seen & BIT(f - fields)) && f->kind != FIELD_LIST)
		return wrong(p, "%s stands twice; a blank line separates entries", f->name);
	p->seen |= BIT(f - fields);
	switch (f->kind) {
	case FIELD_LIST:
		strings_add(place, value);
		return true;
	case FIELD_WORDS:
		add_words(place, value);
		return true;
	case FIELD_VERDICT:
		return set_verdict(p, value);
	case FIELD_SYNC:
		return set_sync(p, value);
	case FIELD_YES:
		p->entry.flaky = !strcmp(value, "yes");
		return p->entry.flaky || wrong(p, "%s can only be yes, not '%s'", f->name, value);
	case FIELD_DATE:
		if (!is_date(value))
			return wrong(p, "since '%s' is not a date; write it like 2026-11-21",
				     value);
		break;
	case FIELD_TEXT:
		break;
	}
	*(char **)place = new_string(value);
	return true;
}

/* --- lines --- */

/* The next line without its newline and trailing blanks, as a new string; NULL at the end. */
static char *next_line(struct parser *p)
{
	const char *newline, *end;
	char *line;

	if (p->at >= p->end)
		return NULL;
	newline = memchr(p->at, '\n', p->end - p->at);
	end = newline ? newline : p->end;
	line = new_format("%.*s", (int)MIN(end - p->at, 65536), p->at);
	for (size_t n = strlen(line); n && strchr(" \t\r", line[n - 1]); n--)
		line[n - 1] = '\0';
	p->at = newline ? newline + 1 : p->end;
	p->line++;
	return line;
}

static bool is_continuation(const struct parser *p)
{
	const char *c = p->at;

	if (c >= p->end || (*c != ' ' && *c != '\t'))
		return false;
	while (c < p->end && (*c == ' ' || *c == '\t' || *c == '\r'))
		c++;
	return c < p->end && *c != '\n';
}

/* The rest of a field: lines that begin with a blank, joined by one. */
static char *with_continuations(struct parser *p, char *value)
{
	while (is_continuation(p)) {
		char *line = next_line(p);
		char *joined =
			new_format("%s%s%s", value, *value ? " " : "", line + strspn(line, " \t"));

		free(line);
		free(value);
		value = joined;
	}
	return value;
}

static const struct field *find_field(struct parser *p, const char *name)
{
	struct strings names = { 0 };
	struct problem unknown;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name)) {
			strings_free(&names);
			return &fields[i];
		}
		strings_add(&names, fields[i].name);
	}
	unknown_name(&unknown, "field", name, &names);
	wrong(p, "%s", unknown.text);
	strings_free(&names);
	return NULL;
}

static bool read_field(struct parser *p, const char *line)
{
	size_t length = strcspn(line, ":");
	const struct field *f;
	char *name, *value;
	bool ok;

	if (strchr(" \t", *line))
		return wrong(p, "an indented line that continues nothing");
	if (!line[length])
		return wrong(p, "'%.40s' is not a field; write NAME: VALUE", line);
	name = new_format("%.*s", (int)length, line);
	f = find_field(p, name);
	free(name);
	if (!f)
		return false;
	value = new_string(line + length + 1 + strspn(line + length + 1, " \t"));
	value = with_continuations(p, value);
	ok = set_field(p, f, value);
	free(value);
	return ok;
}

static bool end_block(struct parser *p, unsigned int start)
{
	const char *file = p->known->files.item[p->known->files.count - 1];
	struct known *k = p->known;

	p->line = start;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].required && !(p->seen & BIT(i)))
			return wrong(p, "this entry has no field %s", fields[i].name);
	p->entry.file = file;
	p->entry.line = start;
	k->entry = grow(k->entry, k->count, sizeof(*k->entry));
	k->entry[k->count++] = p->entry;
	p->in_block = false;
	return true;
}

static bool check_bytes(struct parser *p)
{
	for (const char *c = p->at; c < p->end; c++) {
		p->line += c == p->at || c[-1] == '\n';
		if (((unsigned char)*c < ' ' && !strchr("\n\t\r", *c)) || *c == 0x7f || !*c)
			return wrong(p, "a control character (byte %#x)", (unsigned char)*c);
	}
	p->line = 0;
	return true;
}

bool known_parse(struct known *k, const char *name, const char *text, size_t size,
		 struct problem *problem)
{
	struct parser p = {
		.known = k, .name = name, .at = text, .end = text + size, .problem = problem
	};
	unsigned int start = 0;
	bool ok = check_bytes(&p);
	char *line;

	strings_add(&k->files, name);
	while (ok && (line = next_line(&p))) {
		unsigned int line_number = p.line;

		if (*line == '#') {
			/* A comment belongs to nothing and ends nothing. */
		} else if (!*line) {
			if (p.in_block) {
				unsigned int here = p.line;

				ok = end_block(&p, start);
				p.line = ok ? here : p.line;
			}
		} else {
			if (!p.in_block) {
				p.entry = (struct known_entry){ .verdict = VERDICT_COUNT };
				p.seen = 0;
				p.in_block = true;
				start = line_number;
			}
			ok = read_field(&p, line);
		}
		free(line);
	}
	if (ok && p.in_block)
		ok = end_block(&p, start);
	if (p.in_block)
		entry_free(&p.entry);
	return ok;
}

void known_free(struct known *k)
{
	for (size_t i = 0; i < k->count; i++)
		entry_free(&k->entry[i]);
	free(k->entry);
	strings_free(&k->files);
	*k = (struct known){ 0 };
}
