// SPDX-License-Identifier: GPL-2.0-only
/* assay actions: the table of lib/sync.h, for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/json.h"
#include "harness/assay/verbs.h"
#include "lib/sync.h"

struct actions_options {
	const char *format;
};

static const struct argument arguments[] = {
	{ "format", "text|jsonl", "lines for people, or one JSON object an action", ARGUMENT_CHOICE,
	  offsetof(struct actions_options, format), 0, 0 },
};

/* The table's text has blanks between and behind the names. */
static struct strings argument_names(const struct sync_action *a)
{
	struct strings words = strings_split(a->arguments, ' ');
	struct strings names = { 0 };

	for (size_t i = 0; i < words.count; i++)
		if (*words.item[i])
			strings_add(&names, words.item[i]);
	strings_free(&words);
	return names;
}

static void print_text(const struct sync_action *a)
{
	struct strings names = argument_names(a);
	char *joined = strings_join(&names, ", ");
	char *left = new_format(names.count ? "%s(%s)" : "%s%s", a->name, joined);

	printf("%-55s %s\n", left, a->meaning);
	free(left);
	free(joined);
	strings_free(&names);
}

static void print_json(const struct sync_action *a)
{
	struct strings names = argument_names(a);
	json_t *array = json_array();

	for (size_t i = 0; i < names.count; i++)
		json_array_append_new(array, json_text(names.item[i]));
	json_print_line(stdout, json_pack("{s:s, s:o, s:s}", "name", a->name, "arguments", array,
					  "meaning", a->meaning));
	strings_free(&names);
}

static int actions(void *options, const struct strings *operands, struct problem *p)
{
	const struct actions_options *o = options;
	bool json = o->format && !strcmp(o->format, "jsonl");

	(void)operands;
	(void)p;
	/* In the table's order: that is the order in which a sync performs them. */
	for (size_t i = 0; i < SYNC_COUNT; i++) {
		if (json)
			print_json(&sync_action[i]);
		else
			print_text(&sync_action[i]);
	}
	return EXIT_EXPECTED;
}

const struct verb verb_actions = {
	.name = "actions",
	.operands = "",
	.meaning = "what a test can ask of a host, in the order in which it is done",
	.example = "assay actions --format jsonl",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct actions_options),
	.run = actions,
};
