/* SPDX-License-Identifier: GPL-2.0-only */
/* What `assay kernels` prints: a line for people, or one JSON object. */
#ifndef ASSAY_KERNELS_PRINT_H
#define ASSAY_KERNELS_PRINT_H

#include "harness/lab/kernel-releases.h"
#include "harness/lab/kernel.h"

/* One that can be had; folder: where it lies in the cache, or NULL. */
void kernels_print_release(const struct release *r, const char *arch, const char *folder,
			   bool json);

/* One that was made. */
void kernels_print(const struct kernel *k, bool json);

#endif
