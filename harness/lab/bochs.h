/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine `bochs`: Bochs in QEMU's place.  It has what QEMU's TCG has not,
 * VMX and AMX, and neither a monitor nor a saved state: it boots for every image.
 *
 *	bochs.c        a process of it, and its configuration
 *	bochs-files.c  what it finds in memory: kernel, boot parameters, initramfs
 */
#ifndef ASSAY_LAB_BOCHS_H
#define ASSAY_LAB_BOCHS_H

#include "harness/lab/l1.h"

/* The Bochs of `make bochs` (harness/driver/bochs.c has the same), or the one that is named. */
bool bochs_find(struct lab *lab, struct problem *p);

/* Its configuration but for the ports, which every process has its own of: part of a lab's key. */
char *bochs_config(const struct lab *lab, const char *folder);

/* Write the files that it boots from into a folder that holds the initramfs. */
bool bochs_write_files(const struct lab *lab, const char *folder, struct problem *p);

/* As l1_start(). */
bool bochs_start(struct l1 *l1, const struct lab *lab, struct problem *p);

#endif
