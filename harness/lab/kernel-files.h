/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files and folders as the kernel cache needs them: read whole with a limit,
 * written whole or not at all, removed with all that is in them.  A fault of
 * the disk is EXIT_LAB, a file of the user that cannot be read EXIT_USAGE.
 */
#ifndef LAB_KERNEL_FILES_H
#define LAB_KERNEL_FILES_H

#include "harness/assay/basics.h"

struct bytes {
	u8 *data;
	size_t size;
};

void bytes_free(struct bytes *b);

/* All of a regular file of at most `most` bytes. */
bool file_read(const char *path, size_t most, struct bytes *b, struct problem *p);
/* What is not written whole is removed again. */
bool file_write(const char *path, const void *data, size_t size, struct problem *p);
bool file_exists(const char *path);
bool folder_exists(const char *path);

/* The folder and those above it, as mkdir -p; private to the user. */
bool folder_make(const char *path, struct problem *p);
/* Removes a folder with all in it; follows no links. */
void folder_remove(const char *path);

/* The folder of a path, "." if it names none; the caller frees it. */
char *path_folder(const char *path);
/* What stands behind the last slash. */
const char *path_base(const char *path);

/* 64 hexadecimal digits; the caller frees them.  NULL if the file cannot be read. */
char *sha256_file(const char *path, struct problem *p);
char *sha256_text(const char *text);

#endif
