/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Real bugs of stock kernels that a test here shows: where it fails, where it
 * passes, and how the failure looks.  One file each; the format stands in
 * doc/bugs.md.
 */
#ifndef ASSAY_BUG_H
#define ASSAY_BUG_H

#include "harness/assay/basics.h"

struct bug {
	char *name; /* of the file, without .txt */
	char *title;
	char *fix; /* the upstream commit, or "id unknown" */
	char *cve; /* NULL: none is known */
	char *row; /* of the list of candidates; NULL: none */
	struct strings bad, good; /* kernels */
	struct strings targets; /* without their kernel */
	char *test;
	char *case_name; /* NULL: the whole test */
	char *signature; /* glob over what a failure says */
	char *runs; /* how often it was seen, in words */
	char *seen; /* the date */
};

struct bugs {
	struct bug *bug;
	size_t count;
};

/* Read one file's text; on failure "FILE:LINE: what is wrong" and nothing to free. */
bool bug_parse(struct bug *b, const char *file, const char *text, size_t size, struct problem *p);
void bug_free(struct bug *b);

/* All files NAME.txt of a folder, by name. */
bool bugs_read(struct bugs *bugs, const char *folder, struct problem *p);
void bugs_free(struct bugs *bugs);

/*
 * A target with its kernel: in TARGET the word replaces {}, and without one stands
 * behind it as ,kernel=WORD.  The caller frees it.
 */
char *bug_target(const char *target, const char *word);

#endif
