// SPDX-License-Identifier: GPL-2.0-only
/* Nearest names by edit distance; see names.h. */
#include "harness/assay/names.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_COMPARED = 127, CANDIDATES_SHOWN = 24 };

/* Levenshtein's distance, row by row; a swap of two neighbours counts as two. */
static unsigned int distance(const char *a, const char *b)
{
	size_t length = strlen(b);
	unsigned int row[NAME_MAX_COMPARED + 1];

	if (length > NAME_MAX_COMPARED || strlen(a) > NAME_MAX_COMPARED)
		return ~0u;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			unsigned int above = row[j];
			unsigned int changed = diagonal + (a[i - 1] != b[j - 1]);

			row[j] = MIN(changed, MIN(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[length];
}

const char *nearest_name(const char *name, const struct strings *candidates)
{
	/* A third of the letters wrong is another word. */
	unsigned int best = MAX(2u, (unsigned int)strlen(name) / 3) + 1;
	const char *found = NULL;

	for (size_t i = 0; i < candidates->count; i++) {
		unsigned int d = distance(name, candidates->item[i]);

		if (d < best && d < strlen(candidates->item[i])) {
			best = d;
			found = candidates->item[i];
		}
	}
	return found;
}

bool unknown_name(struct problem *p, const char *kind, const char *name,
		  const struct strings *candidates)
{
	const char *near = nearest_name(name, candidates);
	struct strings some = *candidates;
	char *all;

	if (near)
		return problem_set(p, EXIT_USAGE, "unknown %s '%s'; did you mean '%s'?", kind, name,
				   near);
	if (!candidates->count)
		return problem_set(p, EXIT_USAGE, "unknown %s '%s'; there is none", kind, name);
	some.count = MIN(some.count, (size_t)CANDIDATES_SHOWN);
	all = strings_join(&some, ", ");
	problem_set(p, EXIT_USAGE, "unknown %s '%s'; there are: %s%s", kind, name, all,
		    some.count < candidates->count ? ", and more" : "");
	free(all);
	return false;
}
