// SPDX-License-Identifier: GPL-2.0-only
/* Unpacks one stream through libarchive's raw format; see kernel-unpack.h. */
#include "harness/lab/kernel-unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK (1u << 20)

void unpack_filters(struct archive *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_lz4(a);
}

static bool fails(struct archive *a, const char *what, struct problem *p)
{
	const char *why = archive_error_string(a);

	return problem_set(p, EXIT_USAGE, "%s: cannot be unpacked: %s", what, why ? why : "broken");
}

/* Reads on until the stream's end or one byte more than `most`. */
static bool drain(struct archive *a, size_t most, struct bytes *out, const char *what,
		  struct problem *p)
{
	size_t room = 0;

	while (out->size <= most) {
		la_ssize_t got;

		if (room - out->size < CHUNK) {
			room = room ? 2 * room : 2 * CHUNK;
			out->data = realloc(out->data, room);
			if (!out->data) {
				fputs("assay: out of memory\n", stderr);
				exit(EXIT_LAB);
			}
		}
		got = archive_read_data(a, out->data + out->size,
					MIN(room - 1 - out->size, most + 1 - out->size));
		if (got < 0)
			return fails(a, what, p);
		if (!got)
			break;
		out->size += (size_t)got;
	}
	out->data[out->size] = '\0';
	return true;
}

static bool stream(const u8 *data, size_t size, size_t most, struct bytes *out, const char *what,
		   struct problem *p)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	bool ok;

	*out = (struct bytes){ 0 };
	if (!a)
		return problem_set(p, EXIT_LAB, "%s: out of memory", what);
	unpack_filters(a);
	archive_read_support_format_raw(a);
	ok = (archive_read_open_memory(a, data, size) == ARCHIVE_OK &&
	      archive_read_next_header(a, &entry) == ARCHIVE_OK) ||
	     fails(a, what, p);
	ok = ok && drain(a, most, out, what, p);
	archive_read_free(a);
	if (!ok)
		bytes_free(out);
	return ok;
}

bool unpack(const u8 *data, size_t size, size_t most, struct bytes *out, const char *what,
	    struct problem *p)
{
	if (!stream(data, size, most, out, what, p))
		return false;
	if (out->size <= most)
		return true;
	bytes_free(out);
	return problem_set(p, EXIT_USAGE, "%s: unpacks to more than the %zu bytes that it may have",
			   what, most);
}

bool unpack_exactly(const u8 *data, size_t size, size_t exactly, struct bytes *out,
		    const char *what, struct problem *p)
{
	/* What stands behind the wanted bytes is not looked at: `most` is one less than drain() reads. */
	if (!stream(data, size, exactly ? exactly - 1 : 0, out, what, p))
		return false;
	if (out->size == exactly)
		return true;
	problem_set(p, EXIT_USAGE, "%s: unpacks to %zu bytes, its header says %zu; it is broken",
		    what, out->size, exactly);
	bytes_free(out);
	return false;
}
