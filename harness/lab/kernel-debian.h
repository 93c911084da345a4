/* SPDX-License-Identifier: GPL-2.0-only */
/* debian:RELEASE[=VERSION]: a kernel out of Debian's archive. */
#ifndef LAB_KERNEL_DEBIAN_H
#define LAB_KERNEL_DEBIAN_H

#include "harness/lab/kernel-cache.h"
#include "harness/lab/kernel-source.h"

/* Can it be the name of a kernel of that architecture at all?  Asks nobody. */
bool debian_check(const char *spec, const char *arch, struct problem *p);

/* Fetches its packages into the cache's work folder, verified, and opens them. */
bool debian_open(struct kernel_source *s, struct cache *c, const char *release, struct problem *p);

#endif
