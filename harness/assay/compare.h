/* SPDX-License-Identifier: GPL-2.0-only */
/* A run compared with a baseline as it ends: `assay run --baseline`. */
#ifndef ASSAY_COMPARE_H
#define ASSAY_COMPARE_H

#include "harness/assay/diff.h"
#include "harness/assay/run.h"

struct comparison {
	struct result baseline, current;
	struct diff diff; /* after compare_end() */
};

/* Before anything is started: a baseline that cannot be read is bad input. */
bool compare_open(struct comparison *c, const char *path, struct problem *p);

/* Once the targets are known: at least one of them must be there to compare with. */
bool compare_begin(struct comparison *c, const struct run *r, struct problem *p);

/* After the last verdict, before the reports end. */
void compare_end(struct comparison *c, const struct run *r);
void compare_close(struct comparison *c);

#endif
