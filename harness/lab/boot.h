/* SPDX-License-Identifier: GPL-2.0-only */
/* A lab's machine from power on to the moment its init waits for a driver's arguments. */
#ifndef ASSAY_BOOT_H
#define ASSAY_BOOT_H

#include "harness/lab/l1.h"

/* Told of each boot that failed: infrastructure, to be counted. */
typedef void boot_trouble(const char *what);

/*
 * Boot, again if it fails.  True: *l1 is ready, or lab->missing says why this
 * kernel cannot serve, or that it did not come up in any of several boots.
 * False: p says what is wrong with this machine.  What the kernel printed goes
 * to `console`, of the last boot alone; NULL if nobody wants it.
 */
bool boot(struct lab *lab, struct l1 *l1, FILE *console, boot_trouble *trouble, struct problem *p);

#endif
