/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cache: a folder of the user's, $ASSAY_CACHE, else $XDG_CACHE_HOME/assay,
 * else ~/.cache/assay.
 *
 *   kernels/HASH/   one kernel, whole or not there
 *   specs/NAME      the hash that a spec like debian:RELEASE became
 *   built/NAME      links to what built:NAME names; `make kernels` makes them
 *   apt/ARCH/       apt's state and our index of it
 *   work/           what is being made; removed by the next who holds the lock
 *   lock            held by whoever makes something
 */
#ifndef LAB_KERNEL_CACHE_H
#define LAB_KERNEL_CACHE_H

#include "harness/assay/basics.h"

struct cache {
	char *root;
	char *work; /* an empty folder while the lock is held, else NULL */
	int lock;
};

/* Only finds and makes the folders; takes no lock. */
bool cache_open(struct cache *c, struct problem *p);
/* Waits for whoever makes something now, and says so on a terminal. */
bool cache_lock(struct cache *c, struct problem *p);
/* Ends what cache_lock() began, if it did; what lies in `work` goes. */
void cache_unlock(struct cache *c);
void cache_close(struct cache *c);

/* CACHE/kernels/HASH; the caller frees it. */
char *cache_kernel(const struct cache *c, const char *hash);

/* What a spec became, or NULL; the caller frees it. */
char *cache_spec(const struct cache *c, const char *spec);
bool cache_set_spec(const struct cache *c, const char *spec, const char *hash, struct problem *p);

/* Moves a folder, whole, to its place; another that is there already stays. */
bool cache_place(const char *from, const char *to, struct problem *p);

#endif
