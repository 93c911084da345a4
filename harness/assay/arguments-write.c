// SPDX-License-Identifier: GPL-2.0-only
/* Options back into a command line; see arguments.h. */
#include "harness/assay/arguments.h"

#include <stdlib.h>

static void add_option(struct strings *words, const struct argument *a, const char *value)
{
	char *name = new_format("--%s", a->name);

	strings_add(words, name);
	if (value)
		strings_add(words, value);
	free(name);
}

struct strings arguments_words(const struct verb *verb, const void *options,
			       const struct strings *operands)
{
	struct strings words = { 0 };
	bool like_options = false;
	char number[24];

	for (size_t i = 0; i < operands->count; i++)
		like_options |= operands->item[i][0] == '-';
	for (size_t i = 0; !like_options && i < operands->count; i++)
		strings_add(&words, operands->item[i]);
	for (size_t i = 0; i < verb->arguments; i++) {
		const struct argument *a = &verb->argument[i];
		const void *place = (const char *)options + a->offset;
		const struct strings *list = place;

		switch (a->kind) {
		case ARGUMENT_SWITCH:
			if (*(const bool *)place)
				add_option(&words, a, NULL);
			break;
		case ARGUMENT_NUMBER:
			snprintf(number, sizeof(number), "%llu",
				 (unsigned long long)*(const u64 *)place);
			if (*(const u64 *)place)
				add_option(&words, a, number);
			break;
		case ARGUMENT_TEXT:
		case ARGUMENT_CHOICE:
			if (*(const char *const *)place)
				add_option(&words, a, *(const char *const *)place);
			break;
		case ARGUMENT_LIST:
			for (size_t n = 0; n < list->count; n++)
				add_option(&words, a, list->item[n]);
			break;
		}
	}
	if (like_options)
		strings_add(&words, "--");
	for (size_t i = 0; like_options && i < operands->count; i++)
		strings_add(&words, operands->item[i]);
	return words;
}

char *arguments_line(const struct verb *verb, const struct strings *words)
{
	char *line = NULL, *quoted;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	fprintf(out, "assay %s", verb->name);
	for (size_t i = 0; i < words->count; i++) {
		quoted = shell_quote(words->item[i]);
		fprintf(out, " %s", quoted);
		free(quoted);
	}
	fclose(out);
	return line;
}
