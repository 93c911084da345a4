// SPDX-License-Identifier: GPL-2.0-only
/* assay list: the tests, without booting anything. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/catalog.h"
#include "harness/assay/folders.h"
#include "harness/assay/json.h"
#include "harness/assay/verbs.h"
#include "lib/sync.h"
#include "lib/test.h"
#include "lib/arm64/features.h"
#include "lib/x86/features.h"

struct list_options {
	struct strings areas;
	const char *fixes;
	const char *format;
	bool count;
};

static const struct argument arguments[] = {
	{ "area", "A", "only tests of this area; may be given again", ARGUMENT_LIST,
	  offsetof(struct list_options, areas), 0, 0 },
	{ "fixes", "SHA", "only tests that guard this upstream fix", ARGUMENT_TEXT,
	  offsetof(struct list_options, fixes), 0, 0 },
	{ "format", "text|jsonl", "lines for people, or one JSON object a test", ARGUMENT_CHOICE,
	  offsetof(struct list_options, format), 0, 0 },
	{ "count", NULL, "how many tests and cases by area", ARGUMENT_SWITCH,
	  offsetof(struct list_options, count), 0, 0 },
};

/* The features' names, joined; those that this build does not know as numbers. */
static const char *feature_name(enum arch arch, unsigned int bit)
{
	if (arch == ARCH_ARM64)
		return bit < MACHINE_FEATURE_COUNT ? machine_feature_info[bit].name : NULL;
	return bit < CPU_FEATURE_COUNT ? cpu_feature_info[bit].name : NULL;
}

static struct strings feature_names(enum arch arch, u64 needs)
{
	struct strings names = { 0 };

	for (unsigned int i = 0; i < 64; i++) {
		const char *name = feature_name(arch, i);
		char number[16];

		if (!(needs & BIT(i)))
			continue;
		snprintf(number, sizeof(number), "feature %u", i);
		strings_add(&names, name ? name : number);
	}
	return names;
}

static struct strings action_names(u64 actions)
{
	struct strings names = { 0 };

	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (actions & BIT(i))
			strings_add(&names, sync_action[i].name);
	return names;
}

static void print_words(const char *name, struct strings words)
{
	char *joined = strings_join(&words, " ");

	if (words.count)
		printf("    %s %s\n", name, joined);
	free(joined);
	strings_free(&words);
}

static void print_text(enum arch arch, const struct image_test *t)
{
	struct strings fixes = strings_split(t->fixes, '\n');

	print_clean(stdout, t->id, "");
	printf("  ");
	print_clean(stdout, t->sentence, "");
	printf("\n    law ");
	print_clean(stdout, *t->law ? t->law : "none is named", "");
	printf(", %s:%llu", t->file, (unsigned long long)t->line);
	if (t->cases)
		printf(", %llu cases", (unsigned long long)t->cases);
	putchar('\n');
	print_words("needs", feature_names(arch, t->needs));
	if (t->cpus > 1)
		printf("    cpus %u\n", t->cpus);
	print_words("actions", action_names(t->actions));
	for (size_t i = 0; i < fixes.count; i++) {
		if (!*fixes.item[i])
			continue;
		printf("    fixes ");
		print_clean(stdout, fixes.item[i], "");
		putchar('\n');
	}
	strings_free(&fixes);
}

static json_t *json_words(struct strings words)
{
	json_t *array = json_array();

	for (size_t i = 0; i < words.count; i++)
		if (*words.item[i])
			json_array_append_new(array, json_text(words.item[i]));
	strings_free(&words);
	return array;
}

static void print_json(enum arch arch, const struct image_test *t)
{
	json_print_line(stdout, json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:b, s:s}",
					  "id", json_text(t->id), "sentence",
					  json_text(t->sentence), "law", json_text(t->law), "fixes",
					  json_words(strings_split(t->fixes, '\n')), "file",
					  json_text(t->file), "line", (json_int_t)t->line, "cases",
					  (json_int_t)t->cases, "cpus",
					  (json_int_t)t->cpus, "needs",
					  json_words(feature_names(arch, t->needs)), "actions",
					  json_words(action_names(t->actions)), "internal",
					  (t->flags & TEST_INTERNAL) != 0, "arch",
					  arch_name[arch]));
}

/* A test without a table is one case itself. */
static void print_count(const char *name, u64 tests, u64 cases, const char *note)
{
	printf("%-12s %6llu tests %12llu cases%s\n", name, (unsigned long long)tests,
	       (unsigned long long)cases, note);
}

static void print_counts(const struct picked *picked, size_t count)
{
	u64 all = 0;

	for (size_t i = 0; i < count;) {
		const struct area *area = picked[i].area;
		u64 tests = 0, cases = 0;
		bool internal = true;

		for (; i < count && picked[i].area == area; i++) {
			const struct image_test *t = picked_test(&picked[i]);

			tests++;
			cases += t->cases ? t->cases : 1;
			internal &= (t->flags & TEST_INTERNAL) != 0;
		}
		all += cases;
		print_count(area->name, tests, cases,
			    internal ? "  (Assay's own, run only when named)" : "");
	}
	print_count("all", count, all, "");
}

static bool select_tests(const struct catalog *c, const struct list_options *o,
			 const struct strings *globs, struct picked **picked, size_t *count,
			 struct problem *p)
{
	struct strings all = { 0 };
	struct selection s = { globs, &o->areas, o->fixes };
	bool ok;

	/* The count is of everything there is. */
	for (size_t i = 0; o->count && !globs->count && !o->areas.count && i < c->areas; i++)
		strings_add(&all, c->area[i].name);
	if (all.count)
		s.areas = &all;
	ok = catalog_select(c, &s, picked, count, p);
	strings_free(&all);
	return ok;
}

static int list(void *options, const struct strings *globs, struct problem *p)
{
	struct list_options *o = options;
	struct picked *picked = NULL;
	char *build = build_folder();
	struct catalog c = { 0 };
	size_t count;

	if (catalog_open(&c, build, p) && catalog_check_unique(&c, p) &&
	    select_tests(&c, o, globs, &picked, &count, p)) {
		for (size_t i = 0; i < count && !o->count; i++) {
			if (o->format && !strcmp(o->format, "jsonl"))
				print_json(picked[i].area->arch, picked_test(&picked[i]));
			else
				print_text(picked[i].area->arch, picked_test(&picked[i]));
		}
		if (o->count)
			print_counts(picked, count);
	}
	free(picked);
	catalog_close(&c);
	strings_free(&o->areas);
	free(build);
	return EXIT_EXPECTED;
}

const struct verb verb_list = {
	.name = "list",
	.operands = "[GLOB...]",
	.meaning = "what is tested: ids, sentences, laws, needs; boots nothing",
	.example = "assay list 'paging/smap-*'",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct list_options),
	.run = list,
};
