/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several pieces of work at the same time, each on a thread.  The threads live
 * until the pool is closed and not shorter: the kernel kills a driver when the
 * thread that started it ends (PR_SET_PDEATHSIG).
 */
#ifndef ASSAY_POOL_H
#define ASSAY_POOL_H

#include "lib/base.h"

struct pool;

/* NULL for one job, or if there can be no threads: pool_run() then does all by itself. */
struct pool *pool_open(size_t jobs);

/* work(arg, 0) to work(arg, count - 1), begun in this order; returns when all have ended. */
void pool_run(struct pool *p, size_t count, void (*work)(void *arg, size_t i), void *arg);

void pool_close(struct pool *p);

#endif
