/* SPDX-License-Identifier: GPL-2.0-only */
/* One compressed stream in memory, unpacked with a limit: what modules and boot images are. */
#ifndef LAB_KERNEL_UNPACK_H
#define LAB_KERNEL_UNPACK_H

#include "harness/lab/kernel-files.h"

struct archive;

/*
 * gzip, xz, lzma, bzip2, zstd or lz4 (the kernel's legacy form too), found by
 * its magic number; anything else comes out as it is.  More than `most` bytes
 * are refused.  `what` names the input in the problem.
 */
bool unpack(const u8 *data, size_t size, size_t most, struct bytes *out, const char *what,
	    struct problem *p);

/*
 * The same for a stream of which the size is known, with other bytes behind it:
 * stops after `exactly` bytes and refuses fewer.
 */
bool unpack_exactly(const u8 *data, size_t size, size_t exactly, struct bytes *out,
		    const char *what, struct problem *p);

/* The filters that are accepted: those inside the library, none that starts a program. */
void unpack_filters(struct archive *a);

#endif
