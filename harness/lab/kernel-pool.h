/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packages that no index has any more, but of which the file still lies in the
 * archive's pool.  Nothing signed says what is in such a file, so the user must
 * ask for it: ASSAY_UNSIGNED_KERNELS=1, or --unsigned.
 */
#ifndef LAB_KERNEL_POOL_H
#define LAB_KERNEL_POOL_H

#include "harness/lab/kernel-apt.h"

#define VERIFIED_POOL "no, pool file without index"

/* Did the user ask for it? */
bool pool_allowed(void);

/*
 * Fetches linux-image-RELEASE of that version and what it needs into a folder:
 * verified where the index has it, else by the names that its neighbours in
 * the pool have.  Adds the paths to debs.
 */
bool pool_fetch(struct strings *debs, const struct index *x, const struct apt *a,
		const char *release, const char *version, const char *folder, struct problem *p);

#endif
