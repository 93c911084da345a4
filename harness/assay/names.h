/* SPDX-License-Identifier: GPL-2.0-only */
/* What to say when someone wrote a name that is not there. */
#ifndef ASSAY_NAMES_H
#define ASSAY_NAMES_H

#include "harness/assay/basics.h"

/* The candidate that a typing error away from name, or NULL if none is near. */
const char *nearest_name(const char *name, const struct strings *candidates);

/*
 * "unknown verb 'rnu'; did you mean 'run'?" or "...; there are: list, run".
 * Status EXIT_USAGE; returns false.
 */
bool unknown_name(struct problem *p, const char *kind, const char *name,
		  const struct strings *candidates);

#endif
