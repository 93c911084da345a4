// SPDX-License-Identifier: GPL-2.0-only
/* A payload image as a file: read whole, owned, told apart from other builds. */
#include "harness/driver/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_BYTES_MAX = 64 << 20 };

u64 image_digest(const struct image *image)
{
	u64 digest = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < image->size; i++)
		digest = (digest ^ image->bytes[i]) * 0x100000001b3ull;
	return digest;
}

/* The whole file, or NULL and a reason. */
static u8 *read_file(const char *path, size_t *size, char *error, size_t error_size)
{
	struct stat st;
	u8 *bytes = NULL;
	size_t done = 0;
	ssize_t n = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st)) {
		snprintf(error, error_size, "%s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > IMAGE_BYTES_MAX) {
		snprintf(error, error_size, "not a regular file of at most %u MiB",
			 IMAGE_BYTES_MAX >> 20);
		goto out;
	}
	bytes = malloc(st.st_size + 1);
	while (bytes && n > 0 && done < (size_t)st.st_size) {
		n = read(fd, bytes + done, st.st_size - done);
		done += n > 0 ? n : 0;
	}
	if (!bytes || n < 0) {
		snprintf(error, error_size, "%s", strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	*size = done;
out:
	if (fd >= 0)
		close(fd);
	return bytes;
}

bool image_open(struct image *image, const char *path, char *error, size_t error_size)
{
	char reason[256];
	size_t size = 0;
	u8 *bytes = read_file(path, &size, reason, sizeof(reason));

	*image = (struct image){ 0 };
	if (!bytes || !image_parse(image, bytes, size, reason, sizeof(reason))) {
		snprintf(error, error_size, "%s: %s", path, reason);
		free(bytes);
		return false;
	}
	image->path = strdup(path);
	if (image->path)
		return true;
	snprintf(error, error_size, "%s: out of memory", path);
	image_close(image);
	free(bytes);
	return false;
}

void image_close(struct image *image)
{
	for (unsigned int i = 0; i < image->tests; i++)
		free(image->test[i].id);
	free(image->test);
	/* Only an opened image owns its bytes. */
	if (image->path)
		free(image->bytes);
	free(image->path);
	*image = (struct image){ 0 };
}
