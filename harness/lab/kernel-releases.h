/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels that can be had: the packages of an index, put together by release. */
#ifndef LAB_KERNEL_RELEASES_H
#define LAB_KERNEL_RELEASES_H

#include "harness/lab/kernel-index.h"

struct release {
	char *name; /* uname -r: "6.12.57+deb12-cloud-amd64" */
	const char *version; /* of the package; where suites have several, the newest */
	struct strings suites;
	u64 size; /* to fetch, in bytes */
	const struct package **part; /* all packages that make it up, the kernel's first */
	size_t parts;
	struct strings missing; /* packages that it needs and no index has */
};

struct releases {
	struct release *item;
	size_t count;
};

/*
 * All that can boot, by version: no debug symbols, no metapackages, and where
 * there is a signed kernel not the same one unsigned.  Points into the index.
 */
void releases_make(struct releases *r, const struct index *x);
void releases_free(struct releases *r);

const struct release *releases_find(const struct releases *r, const char *name);

/* Says that there is no such release, and which are near; EXIT_USAGE, returns false. */
bool releases_unknown(const struct releases *r, const char *name, struct problem *p);

#endif
