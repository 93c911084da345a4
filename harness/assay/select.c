// SPDX-License-Identifier: GPL-2.0-only
/* Which tests a command line means; see catalog.h. */
#include "harness/assay/catalog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/glob.h"
#include "harness/assay/names.h"
#include "lib/test.h"

enum { COMMIT_DIGITS_MIN = 7 };

/* Someone who writes "self/..." names the area; "*" names nothing. */
static bool names_area(const char *glob, const char *area)
{
	size_t length = strlen(area);

	return !strncmp(glob, area, length) && glob[length] == '/';
}

static bool glob_selects(const char *glob, const struct area *a, const struct image_test *test)
{
	if ((test->flags & TEST_INTERNAL) && !names_area(glob, a->name))
		return false;
	return glob_match(glob, test->id);
}

static bool lines_have_commit(const char *fixes, const char *commit)
{
	size_t wanted = strlen(commit);

	while (*fixes) {
		size_t length = strspn(fixes, "0123456789abcdef");
		size_t shorter = MIN(length, wanted);

		/* Either may be the abbreviation. */
		if (shorter >= COMMIT_DIGITS_MIN && !strncasecmp(fixes, commit, shorter))
			return true;
		fixes = strchrnul(fixes, '\n');
		fixes += *fixes == '\n';
	}
	return false;
}

static bool selects(const struct selection *s, const struct area *a, const struct image_test *test,
		    bool *glob_used)
{
	bool by_area = s->areas->count && strings_have(s->areas, a->name);
	bool by_glob = false;

	if (s->areas->count && !by_area)
		return false;
	if (s->fixes && !lines_have_commit(test->fixes, s->fixes))
		return false;
	for (size_t i = 0; i < s->globs->count; i++) {
		if (!(by_area ? glob_match(s->globs->item[i], test->id)
			      : glob_selects(s->globs->item[i], a, test)))
			continue;
		glob_used[i] = true;
		by_glob = true;
	}
	if (s->globs->count)
		return by_glob;
	return by_area || !(test->flags & TEST_INTERNAL);
}

static bool check_areas(const struct catalog *c, const struct selection *s, struct problem *p)
{
	struct strings names = { 0 };
	bool ok = true;

	for (size_t i = 0; i < c->areas; i++)
		strings_add(&names, c->area[i].name);
	for (size_t i = 0; ok && i < s->areas->count; i++)
		ok = strings_have(&names, s->areas->item[i]) ||
		     unknown_name(p, "area", s->areas->item[i], &names);
	strings_free(&names);
	return ok;
}

static bool check_commit(const char *commit, struct problem *p)
{
	size_t digits = strspn(commit, "0123456789abcdefABCDEF");

	if (digits >= COMMIT_DIGITS_MIN && !commit[digits])
		return true;
	return problem_set(p, EXIT_USAGE,
			   "--fixes '%s' is not a commit id; give at least %d hexadecimal digits",
			   commit, COMMIT_DIGITS_MIN);
}

/* A glob that selected nothing: the likeliest mistake decides what is said. */
static bool unknown_glob(const struct catalog *c, const struct selection *s, const char *glob,
			 struct problem *p)
{
	struct strings names = { 0 };
	const char *near;

	for (size_t i = 0; i < c->areas; i++) {
		const struct area *a = &c->area[i];

		if (!strcmp(a->name, glob)) {
			strings_free(&names);
			return problem_set(
				p, EXIT_USAGE,
				"no test is called '%s'; for the whole area write '%s/*'", glob,
				glob);
		}
		for (unsigned int j = 0; j < a->image.tests; j++)
			strings_add(&names, a->image.test[j].id);
	}
	near = nearest_name(glob, &names);
	if (s->areas->count || s->fixes)
		problem_set(p, EXIT_USAGE, "no selected test matches '%s'; see: assay list", glob);
	else if (near && strcmp(near, glob))
		problem_set(p, EXIT_USAGE, "no test matches '%s'; did you mean '%s'?", glob, near);
	else
		problem_set(p, EXIT_USAGE, "no test matches '%s'; see: assay list", glob);
	strings_free(&names);
	return false;
}

bool catalog_select(const struct catalog *c, const struct selection *s, struct picked **picked,
		    size_t *count, struct problem *p)
{
	bool *glob_used = new_zeroed(s->globs->count, sizeof(*glob_used));
	bool ok;

	*picked = NULL;
	*count = 0;
	ok = check_areas(c, s, p) && (!s->fixes || check_commit(s->fixes, p));
	for (size_t i = 0; ok && i < c->areas; i++) {
		const struct area *a = &c->area[i];

		for (unsigned int j = 0; j < a->image.tests; j++) {
			if (!selects(s, a, &a->image.test[j], glob_used))
				continue;
			*picked = grow(*picked, *count, sizeof(**picked));
			(*picked)[(*count)++] = (struct picked){ a, j };
		}
	}
	for (size_t i = 0; ok && i < s->globs->count; i++)
		ok = glob_used[i] || unknown_glob(c, s, s->globs->item[i], p);
	if (ok && !*count)
		ok = problem_set(p, EXIT_USAGE,
				 s->fixes ? "no test guards the fix %s; see: assay "
					    "list"
					  : "no test is selected%s; see: assay list",
				 s->fixes ? s->fixes : "");
	free(glob_used);
	if (!ok) {
		free(*picked);
		*picked = NULL;
		*count = 0;
	}
	return ok;
}
