/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes a folder of the cache from a source. */
#ifndef LAB_KERNEL_MAKE_H
#define LAB_KERNEL_MAKE_H

#include "harness/lab/kernel-cache.h"
#include "harness/lab/kernel-source.h"
#include "harness/lab/kernel.h"

/*
 * The source's kernel, made or found: *hash is a new string.  The cache is
 * locked.  `arch` NULL: any.
 */
bool kernel_make(const struct cache *c, struct kernel_source *s, const char *spec, const char *arch,
		 char **hash, struct problem *p);

/* 16 digits over what a folder is made of and how; the caller frees them. */
char *kernel_recipe(void);
/* Was it made like that?  One of an older build of Assay may lack modules. */
bool kernel_is_current(const struct kernel *k);

/* The text of kernel.json; the caller frees it. */
char *kernel_manifest(const struct kernel_source *s, const char *spec,
		      const struct strings *digests, struct problem *p);

#endif
