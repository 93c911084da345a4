/* SPDX-License-Identifier: GPL-2.0-only */
/* Small made-up kernels, modules and packages for tests, byte by byte where it matters. */
#ifndef LAB_T_MAKE_H
#define LAB_T_MAKE_H

#include "harness/lab/kernel-files.h"

/* An ELF file with one PT_LOAD of `text` and, if `pvh`, a PVH note. */
struct bytes make_vmlinux(const char *release, bool pvh);

/* A bzImage around a vmlinux: "gzip", "xz", "zstd", "lz4", "bzip2", "lzma", "lz4-legacy". */
struct bytes make_bzimage(const struct bytes *vmlinux, const char *filter);

/* An arm64 Image. */
struct bytes make_image(const char *release);

/* A module; `modinfo` is "key=value" strings, each with its zero, `size` bytes in all. */
struct bytes make_module(const char *modinfo, size_t size);
#define MAKE_MODULE(modinfo) make_module(modinfo, sizeof(modinfo))

/* One stream, packed by a filter of libarchive's. */
struct bytes make_packed(const struct bytes *b, const char *filter);

struct made_file {
	const char *name;
	struct bytes content;
};

/* A package with its data packed by "xz", "zstd" or "gzip". */
struct bytes make_deb(const char *control, const struct made_file *file, size_t files,
		      const char *filter);

/* Writes it and frees it. */
void make_file(const char *folder, const char *name, struct bytes content);

/* A new folder under /tmp; the caller frees the name, and folder_remove()s it. */
char *make_folder(void);

#endif
