// SPDX-License-Identifier: GPL-2.0-only
/* Options of the place `lab`; see place.h. */
#include "harness/lab/place.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *values, *initial;
} options[PLACE_OPTION_COUNT] = {
#define PLACE_OPTION(NAME, name_, values_, initial_, meaning)                                      \
	[PLACE_##NAME] = { name_, values_, initial_ },
	PLACE_OPTIONS(PLACE_OPTION)
#undef PLACE_OPTION
};

static enum place_option find(const char *name, size_t length)
{
	enum place_option o = 0;

	while (o < PLACE_OPTION_COUNT &&
	       (strncmp(options[o].name, name, length) || options[o].name[length]))
		o++;
	return o;
}

static bool is_number(const char *value)
{
	return strlen(value) < 8 && value[strspn(value, "0123456789")] == '\0' && *value != '0';
}

static bool valid(const char *values, const char *value)
{
	struct strings words;
	bool ok;

	if (!strcmp(values, "TEXT"))
		return *value != '\0';
	if (!strcmp(values, "NUMBER"))
		return *value && is_number(value);
	words = strings_split(values, '|');
	ok = strings_have(&words, value);
	strings_free(&words);
	return ok;
}

bool place_has(const char *name, size_t length)
{
	return find(name, length) < PLACE_OPTION_COUNT;
}

const char *place_name(enum place_option option)
{
	return options[option].name;
}

static bool no_such_option(const char *text, struct problem *p)
{
	struct strings names = { 0 };
	char *all;

	for (enum place_option o = 0; o < PLACE_OPTION_COUNT; o++)
		strings_add(&names, options[o].name);
	all = strings_join(&names, " ");
	problem_set(p, EXIT_USAGE, "place lab has no option '%s'; it has: %s", text, all);
	strings_free(&names);
	free(all);
	return false;
}

bool place_parse(struct place *place, char *const *given, size_t count, struct problem *p)
{
	for (enum place_option o = 0; o < PLACE_OPTION_COUNT; o++)
		place->value[o] = options[o].initial;
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(given[i], "=");
		enum place_option o = find(given[i], length);
		const char *value = given[i] + length + (given[i][length] == '=');

		if (o == PLACE_OPTION_COUNT)
			return no_such_option(given[i], p);
		if (!valid(options[o].values, value))
			return problem_set(p, EXIT_USAGE,
					   "option %s of place lab takes %s, not '%s'",
					   options[o].name, options[o].values, value);
		place->value[o] = value;
	}
	if (!*place->value[PLACE_KERNEL])
		return problem_set(p, EXIT_USAGE,
				   "place lab needs a kernel; write @lab,kernel=debian:RELEASE or "
				   "--kernel (assay kernels lists them)");
	return true;
}
