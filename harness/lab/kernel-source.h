/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a kernel comes from: packages, or a tree and single files.  A source
 * is opened, asked for its modules (which may also bring the boot image to
 * light), and made into a folder of the cache by kernel-make.c.
 */
#ifndef LAB_KERNEL_SOURCE_H
#define LAB_KERNEL_SOURCE_H

#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-image.h"
#include "harness/lab/kernel-modules.h"

#define VERIFIED_NO "no, files of the user"
#define VERIFIED_YES "yes, by the signed index of the archive"

struct kernel_source {
	char *what; /* for problems: the package's or the tree's name */
	char *version; /* of the package; "" for a tree */
	const char *verified; /* how the files were checked, for the manifest */
	bool packages; /* inputs are all known before the modules are fetched */
	struct strings inputs; /* paths of all files that were used */
	struct strings folders; /* of a tree: where modules may lie, first to last */

	struct bytes image_file; /* of packages, until it is read */
	struct boot_image boot;
	struct bytes config; /* the kernel's .config, a text; empty if there is none */
	struct bytes builtin; /* modules.builtin, a text; empty if there is none */
	struct modules modules;

	bool (*fetch)(void *source, struct modules *m, struct problem *p);
};

enum {
	CONFIG_MOST = 4 << 20,
	BUILTIN_MOST = 4 << 20,
	BOOT_FILE_MOST = 256 << 20, /* a bzImage or Image */
};

/* Packages that together are one kernel: paths of .deb files. */
bool source_open_debs(struct kernel_source *s, const struct strings *debs, struct problem *p);

/* One .deb of the user: its siblings, if it is split, are taken from the same folder. */
bool source_open_deb(struct kernel_source *s, const char *path, struct problem *p);

/* A bzImage, vmlinux or Image, or a folder with one: a built tree. */
bool source_open_tree(struct kernel_source *s, const char *path, const char *arch,
		      struct problem *p);

void source_free(struct kernel_source *s);

#endif
