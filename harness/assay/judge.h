/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command's own part of a verdict: what a driver cannot know.  A pass in
 * which nothing happened is no pass; a failure that is on the list is `known`;
 * a listed failure that did not happen is `fixed`.
 */
#ifndef ASSAY_JUDGE_H
#define ASSAY_JUDGE_H

#include "harness/assay/run.h"

void judge(const struct run *r, size_t plan);

/* What a signature of doc/known.md is matched with; the caller frees it. */
char *check_signature(const struct check *c);

#endif
