/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patterns over ids, cases, subjects and messages: `*` is any run of
 * characters (slashes too), `?` is any one character, a backslash takes the
 * next character as it is.  Everything else stands for itself: case names are
 * full of commas, brackets and equal signs.
 */
#ifndef ASSAY_GLOB_H
#define ASSAY_GLOB_H

#include "lib/base.h"

/* Does the whole text match?  Takes at most length of pattern times length of text steps. */
bool glob_match(const char *pattern, const char *text);

#endif
