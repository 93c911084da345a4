/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a payload image: an ELF64 file whose section TEST_SECTION holds its
 * tests (lib/test.h).  A file is untrusted: every offset, size and string is
 * checked against the file before it is used.
 */
#ifndef ASSAY_IMAGE_H
#define ASSAY_IMAGE_H

#include "lib/base.h"

struct image_segment {
	u64 gpa; /* where it is loaded */
	u64 memory_size;
	u64 file_offset;
	u64 file_size; /* at most memory_size */
};

/* A test as the image declares it; strings point into the image. */
struct image_test {
	char *id; /* "paging/smap-implicit-access" */
	const char *sentence;
	const char *law;
	const char *fixes; /* "" if none */
	const char *file;
	u64 line;
	u64 needs;   /* enum cpu_feature */
	u64 actions; /* enum sync_actions */
	u64 cases;
	u32 flags; /* enum test_flag */
	u32 cpus;  /* how many CPUs its VM must have; at least 1 */
};

/* The note by which hosts without firmware enter a payload in its native mode. */
struct image_entry {
	u64 pc;         /* x86-64: RIP in 64-bit mode, CPL 0, interrupts off */
	u64 page_table; /* x86-64: CR3 of its own boot tables (4-level) */
	u64 stack;      /* RSP */
};

#define IMAGE_SEGMENTS_MAX 8
/* Name "Assay", type 1: three 64-bit words of struct image_entry. */
#define IMAGE_NOTE_NAME "Assay"
#define IMAGE_NOTE_ENTRY 1

struct image {
	char *path;
	u8 *bytes;
	size_t size;
	u16 machine; /* e_machine */
	struct image_entry entry;
	struct image_segment segment[IMAGE_SEGMENTS_MAX];
	unsigned int segments;
	struct image_test *test;
	unsigned int tests;
};

/*
 * Open and check an image.  On failure returns false with one line in error
 * (of error_size bytes) that says what is wrong where.
 */
bool image_open(struct image *image, const char *path, char *error, size_t error_size);

/* The same for bytes in memory; they stay the caller's. */
bool image_parse(struct image *image, const u8 *bytes, size_t size, char *error,
		 size_t error_size);
void image_close(struct image *image);

/* Which build is this: FNV-1a of the file.  Slow enough to be asked for only where it is shown. */
u64 image_digest(const struct image *image);

#endif
