// SPDX-License-Identifier: GPL-2.0-only
/* Reads the files of results/bugs; see bug.h and doc/bugs.md. */
#include "harness/assay/bug.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/names.h"

enum { FILE_BYTES_MAX = 65536, FIELDS_MAX = 16 };

enum field_kind { FIELD_TEXT, FIELD_WORDS, FIELD_DATE };

static const struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	bool required;
} fields[] = {
#define FIELD(name, kind, member, required) { name, kind, offsetof(struct bug, member), required }
	FIELD("title", FIELD_TEXT, title, true),
	FIELD("fix", FIELD_TEXT, fix, true),
	FIELD("cve", FIELD_TEXT, cve, false),
	FIELD("row", FIELD_TEXT, row, false),
	FIELD("bad", FIELD_WORDS, bad, true),
	FIELD("good", FIELD_WORDS, good, true),
	FIELD("target", FIELD_WORDS, targets, true),
	FIELD("test", FIELD_TEXT, test, true),
	FIELD("case", FIELD_TEXT, case_name, false),
	FIELD("signature", FIELD_TEXT, signature, true),
	FIELD("runs", FIELD_TEXT, runs, true),
	FIELD("seen", FIELD_DATE, seen, true),
#undef FIELD
};

static bool is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

static const struct field *find_field(const char *name, struct problem *p)
{
	struct strings names = { 0 };
	const struct field *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		strings_add(&names, fields[i].name);
		if (!strcmp(fields[i].name, name))
			found = &fields[i];
	}
	if (!found)
		unknown_name(p, "field", name, &names);
	strings_free(&names);
	return found;
}

static bool set_field(struct bug *b, const struct field *f, const char *value, struct problem *p)
{
	void *place = (char *)b + f->offset;

	if (f->kind == FIELD_WORDS) {
		struct strings words = strings_split(value, ' ');

		for (size_t i = 0; i < words.count; i++)
			if (*words.item[i])
				strings_add(place, words.item[i]);
		strings_free(&words);
		return true;
	}
	if (f->kind == FIELD_DATE && !is_date(value))
		return problem_set(p, EXIT_USAGE, "%s '%s' is not a date; write it like 2026-11-21",
				   f->name, value);
	*(char **)place = new_string(value);
	return true;
}

/* "NAME: VALUE", of which continuation lines have been made one. */
static bool read_field(struct bug *b, char *line, u32 *seen, struct problem *p)
{
	char *value = strchr(line, ':');
	const struct field *f;

	if (!value)
		return problem_set(p, EXIT_USAGE, "'%.40s' is not a field; write NAME: VALUE", line);
	*value++ = '\0';
	value += strspn(value, " \t");
	f = find_field(line, p);
	if (!f)
		return false;
	if (!*value)
		return problem_set(p, EXIT_USAGE, "%s has no value", f->name);
	if (*seen & BIT(f - fields))
		return problem_set(p, EXIT_USAGE, "%s stands twice", f->name);
	*seen |= BIT(f - fields);
	return set_field(b, f, value, p);
}

/* Append a line to the field that is being read; its blanks at both ends go. */
static char *joined(char *field, const char *line, size_t length)
{
	char *result;

	while (length && strchr(" \t\r", line[length - 1]))
		length--;
	while (length && field && strchr(" \t", *line)) {
		line++;
		length--;
	}
	result = new_format("%s%s%.*s", field ? field : "", field ? " " : "", (int)length, line);
	free(field);
	return result;
}

static bool end_field(struct bug *b, char **field, u32 *seen, struct problem *p)
{
	bool ok = !*field || read_field(b, *field, seen, p);

	free(*field);
	*field = NULL;
	return ok;
}

static bool check_bytes(const char *text, size_t size, unsigned int *line, struct problem *p)
{
	*line = 1;
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)text[i] < ' ' && !strchr("\n\t\r", text[i] ? text[i] : 1))
			return problem_set(p, EXIT_USAGE, "a control character (byte %#x)",
					   (unsigned char)text[i]);
		*line += text[i] == '\n';
	}
	return true;
}

static bool read_text(struct bug *b, const char *text, size_t size, unsigned int *line,
		      struct problem *p)
{
	const char *end = text + size, *next;
	unsigned int number = 0;
	char *field = NULL;
	bool ok = check_bytes(text, size, line, p);
	u32 seen = 0;

	for (*line = ok ? 0 : *line; ok && text < end; text = next) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;

		next = text + length + (newline != NULL);
		number++;
		if (*text == '#' || strspn(text, " \t\r") >= length)
			continue;
		if (strchr(" \t", *text)) {
			ok = field || problem_set(p, EXIT_USAGE,
						  "an indented line that continues nothing");
			*line = ok ? *line : number;
		} else {
			ok = end_field(b, &field, &seen, p);
			*line = ok ? number : *line;
		}
		if (ok)
			field = joined(field, text, length);
	}
	ok = ok && end_field(b, &field, &seen, p);
	free(field);
	for (size_t i = 0; ok && i < ARRAY_SIZE(fields); i++)
		if (fields[i].required && !(seen & BIT(i)))
			ok = problem_set(p, EXIT_USAGE, "there is no field %s", fields[i].name);
	return ok;
}

bool bug_parse(struct bug *b, const char *file, const char *text, size_t size, struct problem *p)
{
	const char *base = strrchr(file, '/');
	unsigned int line = 0;
	struct problem why = { 0 };

	base = base ? base + 1 : file;
	*b = (struct bug){ .name = new_format("%.*s", (int)strcspn(base, "."), base) };
	if (read_text(b, text, size, &line, &why))
		return true;
	bug_free(b);
	return problem_set(p, EXIT_USAGE, "%s:%u: %s", file, line, why.text);
}

void bug_free(struct bug *b)
{
	char *const texts[] = { b->name, b->title,     b->fix,	     b->cve,  b->row,
				b->test, b->case_name, b->signature, b->runs, b->seen };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	strings_free(&b->bad);
	strings_free(&b->good);
	strings_free(&b->targets);
	*b = (struct bug){ 0 };
}

/* --- the folder --- */

static bool read_file(struct bugs *bugs, const char *path, struct problem *p)
{
	char *text = new_zeroed(FILE_BYTES_MAX + 1, 1);
	FILE *in = fopen(path, "re");
	size_t size = in ? fread(text, 1, FILE_BYTES_MAX + 1, in) : 0;
	struct bug b;
	bool ok = true;

	if (!in || ferror(in))
		ok = problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
	else if (size > FILE_BYTES_MAX)
		ok = problem_set(p, EXIT_USAGE, "%s: more than %d KiB; take it away", path,
				 FILE_BYTES_MAX >> 10);
	else
		ok = bug_parse(&b, path, text, size, p);
	if (ok) {
		bugs->bug = grow(bugs->bug, bugs->count, sizeof(*bugs->bug));
		bugs->bug[bugs->count++] = b;
	}
	if (in)
		fclose(in);
	free(text);
	return ok;
}

bool bugs_read(struct bugs *bugs, const char *folder, struct problem *p)
{
	struct strings paths = { 0 };
	DIR *d = opendir(folder);
	struct dirent *entry;
	bool ok = true;

	if (!d)
		return problem_set(p, EXIT_USAGE, "bugs in %s: %s; name their folder by --folder DIR",
				   folder, strerror(errno));
	while ((entry = readdir(d))) {
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && length > 4 &&
		    !strcmp(entry->d_name + length - 4, ".txt")) {
			char *path = new_format("%s/%s", folder, entry->d_name);

			strings_add(&paths, path);
			free(path);
		}
	}
	closedir(d);
	strings_sort(&paths);
	for (size_t i = 0; ok && i < paths.count; i++)
		ok = read_file(bugs, paths.item[i], p);
	strings_free(&paths);
	return ok;
}

void bugs_free(struct bugs *bugs)
{
	for (size_t i = 0; i < bugs->count; i++)
		bug_free(&bugs->bug[i]);
	free(bugs->bug);
	*bugs = (struct bugs){ 0 };
}

char *bug_target(const char *target, const char *word)
{
	const char *hole = strstr(target, "{}");

	if (!hole)
		return new_format("%s,kernel=%s", target, word);
	return new_format("%.*s%s%s", (int)(hole - target), target, word, hole + 2);
}
