// SPDX-License-Identifier: GPL-2.0-only
/* The tests of all images, and that each stands there once; see catalog.h. */
#include "harness/assay/catalog.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/folders.h"
#include "harness/lab/kernel-files.h"

/* The area of an id is its image's file name, or nobody would find it again. */
static bool check_area(const struct area *a, struct problem *p)
{
	size_t length = strlen(a->name);

	for (unsigned int i = 0; i < a->image.tests; i++) {
		const char *id = a->image.test[i].id;

		if (strncmp(id, a->name, length) || id[length] != '/')
			return problem_set(p, EXIT_USAGE,
					   "%s: holds test %s, which is not of area %s; rebuild it",
					   a->image.path, id, a->name);
	}
	return true;
}

bool catalog_open(struct catalog *c, const char *build, struct problem *p)
{
	struct strings paths = area_paths(build);
	char error[512];
	bool ok = true;

	*c = (struct catalog){ .area = new_zeroed(paths.count, sizeof(*c->area)) };
	if (!paths.count)
		ok = problem_set(p, EXIT_LAB, "no payload image in %s/x86; build them with: make",
				 build);
	for (size_t i = 0; ok && i < paths.count; i++) {
		struct area *a = &c->area[c->areas];

		ok = image_open(&a->image, paths.item[i], error, sizeof(error));
		if (!ok) {
			problem_set(p, EXIT_USAGE, "%s; rebuild it with: make", error);
			break;
		}
		a->name = new_string(path_base(paths.item[i]));
		a->arch = a->image.machine == EM_AARCH64 ? ARCH_ARM64 : ARCH_X86;
		c->areas++;
		ok = check_area(a, p);
	}
	strings_free(&paths);
	if (!ok)
		catalog_close(c);
	return ok;
}

void catalog_close(struct catalog *c)
{
	for (size_t i = 0; i < c->areas; i++) {
		free(c->area[i].name);
		image_close(&c->area[i].image);
	}
	free(c->area);
	*c = (struct catalog){ 0 };
}

static int by_id(const void *a, const void *b)
{
	const struct image_test *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int by_sentence(const void *a, const void *b)
{
	const struct image_test *const *x = a, *const *y = b;

	return strcmp((*x)->sentence, (*y)->sentence);
}

bool catalog_check_unique(const struct catalog *c, struct problem *p)
{
	const struct image_test **all;
	size_t count = 0;
	bool ok = true;

	for (size_t i = 0; i < c->areas; i++)
		count += c->area[i].image.tests;
	all = new_zeroed(count, sizeof(*all));
	count = 0;
	for (size_t i = 0; i < c->areas; i++)
		for (unsigned int j = 0; j < c->area[i].image.tests; j++)
			all[count++] = &c->area[i].image.test[j];

	qsort(all, count, sizeof(*all), by_id);
	for (size_t i = 1; ok && i < count; i++)
		if (!by_id(&all[i - 1], &all[i]))
			ok = problem_set(
				p, EXIT_USAGE,
				"two tests have the id %s, in %s:%llu and %s:%llu; rename one",
				all[i]->id, all[i - 1]->file, (unsigned long long)all[i - 1]->line,
				all[i]->file, (unsigned long long)all[i]->line);
	qsort(all, count, sizeof(*all), by_sentence);
	for (size_t i = 1; ok && i < count; i++)
		if (!by_sentence(&all[i - 1], &all[i]))
			ok = problem_set(
				p, EXIT_USAGE,
				"%s and %s have the same sentence, \"%s\"; say what differs",
				all[i - 1]->id, all[i]->id, all[i]->sentence);
	free(all);
	return ok;
}
