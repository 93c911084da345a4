// SPDX-License-Identifier: GPL-2.0-only
/* Patterns; see glob.h.  fnmatch(3) is exponential for patterns of many stars. */
#include "harness/assay/glob.h"

bool glob_match(const char *pattern, const char *text)
{
	/* Where to go on if what follows the last star does not match here. */
	const char *star = NULL, *star_text = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			star_text = text;
			continue;
		}
		if (*text) {
			const char *literal = pattern;

			if (*pattern == '\\' && pattern[1])
				literal++;
			if (literal == pattern ? *pattern == '?' || (*pattern && *pattern == *text)
					       : *literal == *text) {
				pattern = literal + 1;
				text++;
				continue;
			}
		} else if (!*pattern) {
			return true;
		}
		if (!star || !*star_text)
			return false;
		pattern = star;
		text = ++star_text;
	}
}
