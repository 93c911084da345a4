/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot images: an x86 bzImage, an ELF vmlinux, an arm64 Image (as it is, in
 * gzip, or as the EFI "zboot" of newer distributions).  All of it is checked
 * before it is believed: the file may be cut off, or no kernel at all.
 */
#ifndef LAB_KERNEL_IMAGE_H
#define LAB_KERNEL_IMAGE_H

#include "harness/lab/kernel-files.h"

struct boot_image {
	const char *arch; /* "amd64", "arm64" */
	char *release; /* what uname -r will say */
	bool pvh; /* the vmlinux has the note by which hosts enter it without firmware */
	struct bytes vmlinux; /* ELF; empty for an arm64 Image */
	struct bytes image; /* the bzImage as it is, the arm64 Image unpacked, or empty */
};

/* Takes the bytes, in every case.  `what` names the file in the problem. */
bool boot_image_read(struct boot_image *b, struct bytes *file, const char *what, struct problem *p);
void boot_image_free(struct boot_image *b);

/*
 * The names of the parameters of a built-in module in the kernel, which lie
 * there as "MODULE.NAME".
 */
void boot_image_parameters(const struct boot_image *b, const char *module, struct strings *names);

#endif
