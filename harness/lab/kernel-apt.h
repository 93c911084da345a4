/* SPDX-License-Identifier: GPL-2.0-only */
/* apt with a state of its own in the cache; the machine's is neither read nor changed. */
#ifndef LAB_KERNEL_APT_H
#define LAB_KERNEL_APT_H

#include "harness/lab/kernel-cache.h"
#include "harness/lab/kernel-index.h"
#include "harness/lab/kernel-mirror.h"

struct apt {
	char *folder; /* CACHE/apt/ARCH */
	char *config; /* its configuration file, for -c */
};

/* Makes the folders and the configuration. */
bool apt_open(struct apt *a, const struct cache *c, const char *arch, struct problem *p);
void apt_close(struct apt *a);

/* A file to fetch; the digest is "SHA256:..." or "". */
struct download {
	char *uri;
	char *path;
	char *digest;
};

/*
 * Fetches files; apt checks the digests.  False if any is missing, with the
 * first reason; those that came are there all the same.
 */
bool apt_download(const struct apt *a, const struct download *d, size_t count, struct problem *p);
void downloads_free(struct download *d, size_t count);

/* Asks the mirrors which suites they have, and writes them to apt's sources. */
bool apt_find_suites(const struct apt *a, const struct mirrors *m, const char *work,
		     struct problem *p);

/* apt-get update: verified indices of all suites. */
bool apt_update(const struct apt *a, struct problem *p);

/* What the verified indices say of kernels. */
bool apt_read_packages(const struct apt *a, struct index *x, struct problem *p);

#endif
