/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debian's kernel packages: apt fetches and verifies the indices of all suites
 * into a folder of the cache (never into the machine's own state), and what
 * they say of kernels is kept there as packages.jsonl.
 */
#ifndef LAB_KERNEL_INDEX_H
#define LAB_KERNEL_INDEX_H

#include "harness/lab/kernel-cache.h"

struct package {
	char *name;
	char *version;
	char *depends;
	char *suite; /* "bookworm-security" */
	char *uri; /* of the mirror */
	char *file; /* "pool/...", below the mirror */
	char *sha256;
	u64 size; /* of the .deb */
};

struct index {
	struct package *item;
	size_t count;
};

/*
 * The index of an architecture, fetched first if there is none, if it is a day
 * old, or if `refresh` says so.  If no mirror answers an old one is used, with
 * a word on standard error; if there is none it is EXIT_LAB.  Takes the
 * cache's lock if it must fetch and the caller does not hold it.
 */
bool index_get(struct index *x, struct cache *c, const char *arch, bool refresh, struct problem *p);
void index_free(struct index *x);

/* Adds the kernel packages of one Packages file, which is a text. */
void index_add(struct index *x, const char *packages, const char *suite, const char *uri);

/* Reads and writes packages.jsonl. */
bool index_load(struct index *x, const char *path, struct problem *p);
bool index_save(const struct index *x, const char *path, struct problem *p);

#endif
