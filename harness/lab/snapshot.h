/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lab's machine, booted once and kept as a saved state in the cache:
 *
 *	CACHE/labs/KEY/state          of the stopped machine, as QEMU migrates it
 *	CACHE/labs/KEY/console.txt    what the kernel printed while it booted
 *	CACHE/labs/KEY/initramfs      the kernel's first root
 *	CACHE/labs/KEY/lab.json       qemu: its version
 *
 * KEY is the hash of all that goes in: kernel, modules and their parameters,
 * driver, payloads, QEMU and its command line.  A lab that was made is whole; two
 * processes that want the same one make it once.
 */
#ifndef ASSAY_SNAPSHOT_H
#define ASSAY_SNAPSHOT_H

#include "harness/lab/boot.h"

/*
 * The saved state, made first if there is none: its descriptor, or -1.  A
 * kernel that came up and cannot serve, or that did not come up in any of
 * several boots, is told in lab->missing; p is about everything else.
 */
int snapshot_open(struct lab *lab, boot_trouble *trouble, struct problem *p);

/* Remove the labs in a folder but for those that were used last. */
void snapshot_prune(const char *folder);

#endif
