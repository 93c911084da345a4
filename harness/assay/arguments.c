// SPDX-License-Identifier: GPL-2.0-only
/* Command lines by tables; see arguments.h. */
#include "harness/assay/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/names.h"

bool number_parse(const char *text, u64 least, u64 most, u64 *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !errno && !*end && *number >= least && *number <= most;
}

static const struct argument *find(const struct verb *verb, const char *name, size_t length)
{
	for (size_t i = 0; i < verb->arguments; i++)
		if (strlen(verb->argument[i].name) == length &&
		    !memcmp(verb->argument[i].name, name, length))
			return &verb->argument[i];
	return NULL;
}

static bool unknown_option(const struct verb *verb, const char *word, struct problem *p)
{
	struct strings names = { 0 };
	char *name = new_format("%.*s", (int)strcspn(word, "="), word);
	bool result;

	for (size_t i = 0; i < verb->arguments; i++) {
		char *option = new_format("--%s", verb->argument[i].name);

		strings_add(&names, option);
		free(option);
	}
	strings_add(&names, "--help");
	result = unknown_name(p, "option", name, &names);
	strings_free(&names);
	free(name);
	return result;
}

static bool set(const struct argument *a, const char *value, void *options, struct problem *p)
{
	void *place = (char *)options + a->offset;
	struct strings words;
	bool known;

	switch (a->kind) {
	case ARGUMENT_SWITCH:
		*(bool *)place = true;
		return true;
	case ARGUMENT_LIST:
		strings_add(place, value);
		return true;
	case ARGUMENT_NUMBER:
		if (number_parse(value, a->least, a->most, place))
			return true;
		return problem_set(p, EXIT_USAGE,
				   "--%s '%s' is not a number from %llu to %llu; give one", a->name,
				   value, (unsigned long long)a->least,
				   (unsigned long long)a->most);
	case ARGUMENT_CHOICE:
		words = strings_split(a->value, '|');
		known = strings_have(&words, value) || unknown_name(p, a->name, value, &words);
		strings_free(&words);
		*(const char **)place = value;
		return known;
	case ARGUMENT_TEXT:
		*(const char **)place = value;
		return true;
	}
	return false;
}

bool arguments_parse(const struct verb *verb, int argc, char **argv, void *options,
		     struct strings *operands, struct problem *p)
{
	bool only_operands = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value;
		const struct argument *a;

		if (only_operands || word[0] != '-' || !word[1]) {
			if (!*verb->operands)
				return problem_set(p, EXIT_USAGE,
						   "'%s' is one word too many; see assay %s --help",
						   word, verb->name);
			strings_add(operands, word);
			continue;
		}
		if (!strcmp(word, "--")) {
			only_operands = true;
			continue;
		}
		a = !strncmp(word, "--", 2) ? find(verb, word + 2, strcspn(word + 2, "=")) : NULL;
		if (!a)
			return unknown_option(verb, word, p);
		value = strchr(word, '=');
		if (a->kind == ARGUMENT_SWITCH && value)
			return problem_set(p, EXIT_USAGE, "--%s takes no value; leave out '%s'",
					   a->name, value);
		if (a->kind != ARGUMENT_SWITCH && !value && i + 1 == argc)
			return problem_set(p, EXIT_USAGE, "--%s needs a value: --%s %s", a->name,
					   a->name, a->value);
		value = value ? value + 1 : a->kind == ARGUMENT_SWITCH ? NULL : argv[++i];
		if (!set(a, value, options, p))
			return false;
	}
	return true;
}

void arguments_help(FILE *out, const struct verb *verb)
{
	fprintf(out, "assay %s%s%s%s: %s\n\n", verb->name, *verb->operands ? " " : "",
		verb->operands, verb->arguments ? " [OPTION...]" : "", verb->meaning);
	for (size_t i = 0; i < verb->arguments; i++) {
		const struct argument *a = &verb->argument[i];
		char *left = new_format("--%s %s", a->name, a->value ? a->value : "");

		fprintf(out, "  %-34s %s\n", left, a->meaning);
		free(left);
	}
	fprintf(out, "\nExample: %s\n", verb->example);
}
