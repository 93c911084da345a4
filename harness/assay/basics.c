// SPDX-License-Identifier: GPL-2.0-only
/* Memory, lists of strings and the one-line problem; see basics.h. */
#include "harness/assay/basics.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

bool problem_set(struct problem *p, enum exit_status status, const char *format, ...)
{
	va_list args;

	p->status = status;
	va_start(args, format);
	vsnprintf(p->text, sizeof(p->text), format, args);
	va_end(args);
	return false;
}

static void *there(void *memory)
{
	if (memory)
		return memory;
	fputs("assay: out of memory\n", stderr);
	exit(EXIT_LAB);
}

void *new_zeroed(size_t count, size_t size)
{
	return there(calloc(count ? count : 1, size));
}

char *new_string(const char *s)
{
	return there(strdup(s));
}

char *new_format(const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return there(text);
}

void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return there(reallocarray(array, count ? 2 * count : 1, size));
}

void strings_add(struct strings *s, const char *item)
{
	s->item = grow(s->item, s->count, sizeof(*s->item));
	s->item[s->count++] = new_string(item);
}

void strings_free(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->item[i]);
	free(s->item);
	*s = (struct strings){ 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *s)
{
	if (s->count)
		qsort(s->item, s->count, sizeof(*s->item), compare);
}

bool strings_have(const struct strings *s, const char *item)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->item[i], item))
			return true;
	return false;
}

struct strings strings_split(const char *text, char separator)
{
	struct strings s = { 0 };

	while (*text) {
		const char *end = strchrnul(text, separator);
		char *part = new_format("%.*s", (int)(end - text), text);

		strings_add(&s, part);
		free(part);
		if (!*end)
			break;
		text = end + 1;
		/* A separator at the end has an empty part behind it. */
		if (!*text)
			strings_add(&s, "");
	}
	return s;
}

char *strings_join(const struct strings *s, const char *separator)
{
	size_t size = 1;
	char *text, *end;

	for (size_t i = 0; i < s->count; i++)
		size += strlen(s->item[i]) + strlen(separator);
	text = end = new_zeroed(size, 1);
	for (size_t i = 0; i < s->count; i++)
		end += sprintf(end, "%s%s", i ? separator : "", s->item[i]);
	return text;
}

double clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

u64 hash_bytes(const void *bytes, size_t length)
{
	const u8 *b = bytes;
	u64 hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ b[i]) * 0x100000001b3ull;
	return hash;
}
