// SPDX-License-Identifier: GPL-2.0-only
/* assay known: the list of known deviations, and whether its files are in order. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/catalog.h"
#include "harness/assay/folders.h"
#include "harness/assay/glob.h"
#include "harness/assay/known.h"
#include "harness/assay/outcome.h"
#include "harness/assay/verbs.h"

struct known_options {
	const char *folder;
	bool check;
};

static const struct argument arguments[] = {
	{ "known", "DIR", "the folder of the files, if not results/known", ARGUMENT_TEXT,
	  offsetof(struct known_options, folder), 0, 0 },
	{ "check", NULL, "only check the files, and that each entry names a test", ARGUMENT_SWITCH,
	  offsetof(struct known_options, check), 0, 0 },
};

static void print_field(const char *name, const char *value)
{
	if (!value)
		return;
	printf("    %-9s ", name);
	print_clean(stdout, value, "");
	putchar('\n');
}

static void print_entry(const struct known_entry *e)
{
	char *tests = strings_join(&e->tests, " ");

	print_clean(stdout, tests, "");
	free(tests);
	printf(": ");
	print_clean(stdout, e->what, "");
	putchar('\n');
	print_field("subject", e->subject);
	for (size_t i = 0; i < e->options.count; i++)
		print_field("option", e->options.item[i]);
	print_field("case", e->case_name);
	print_field("signature", e->signature);
	print_field("verdict", e->verdict < VERDICT_COUNT ? verdict_word(e->verdict) : NULL);
	print_field("why", e->why);
	print_field("since", e->since);
	print_field("flaky", e->flaky ? "yes" : NULL);
	printf("    %s:%u\n", e->file, e->line);
}

static bool names_a_test(const struct catalog *c, const char *glob)
{
	for (size_t i = 0; i < c->areas; i++)
		for (unsigned int j = 0; j < c->area[i].image.tests; j++)
			if (glob_match(glob, c->area[i].image.test[j].id))
				return true;
	return false;
}

static bool check_entry(const struct catalog *c, const struct known_entry *e, struct problem *p)
{
	for (size_t i = 0; i < e->tests.count; i++)
		if (!names_a_test(c, e->tests.item[i]))
			return problem_set(p, EXIT_USAGE,
					   "%s:%u: no test matches '%s'; remove or correct the entry",
					   e->file, e->line, e->tests.item[i]);
	return true;
}

static bool check_tests(const struct known *k, struct problem *p)
{
	char *build = build_folder();
	struct catalog c;
	bool ok = catalog_open(&c, build, p);

	for (size_t i = 0; ok && i < k->count; i++)
		ok = check_entry(&c, &k->entry[i], p);
	catalog_close(&c);
	free(build);
	return ok;
}

static bool is_asked_for(const struct known_entry *e, const struct strings *globs)
{
	for (size_t i = 0; i < globs->count; i++) {
		if (known_names_test(e, globs->item[i]))
			return true;
		for (size_t j = 0; j < e->tests.count; j++)
			if (glob_match(globs->item[i], e->tests.item[j]))
				return true;
	}
	return !globs->count;
}

static int known(void *options, const struct strings *globs, struct problem *p)
{
	const struct known_options *o = options;
	char *folder = o->folder ? new_string(o->folder) : known_folder();
	struct known k = { 0 };
	size_t shown = 0;

	if (known_read_folder(&k, folder, p) && (!o->check || check_tests(&k, p))) {
		for (size_t i = 0; i < k.count && !o->check; i++) {
			if (!is_asked_for(&k.entry[i], globs))
				continue;
			print_entry(&k.entry[i]);
			shown++;
		}
		if (o->check)
			printf("%zu entries in %zu files of %s are in order\n", k.count,
			       k.files.count, folder);
		else if (!shown && globs->count)
			problem_set(p, EXIT_USAGE,
				    "no known deviation matches '%s'; see: assay known",
				    globs->item[0]);
	}
	known_free(&k);
	free(folder);
	return EXIT_EXPECTED;
}

const struct verb verb_known = {
	.name = "known",
	.operands = "[GLOB...]",
	.meaning = "the known deviations of subjects, and why they are the subjects'",
	.example = "assay known 'event/*'",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct known_options),
	.run = known,
};
