// SPDX-License-Identifier: GPL-2.0-only
/* Files and folders of the kernel cache; see kernel-files.h. */
#include "harness/lab/kernel-files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

static bool read_all(int fd, const char *path, struct bytes *b, struct problem *p)
{
	size_t done = 0;

	while (done < b->size) {
		ssize_t got = read(fd, b->data + done, b->size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
		if (!got)
			return problem_set(p, EXIT_USAGE,
					   "%s: became shorter while it was read; "
					   "try again",
					   path);
		done += (size_t)got;
	}
	return true;
}

bool file_read(const char *path, size_t most, struct bytes *b, struct problem *p)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool ok;

	*b = (struct bytes){ 0 };
	if (fd < 0 || fstat(fd, &st)) {
		problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(st.st_mode) || (u64)st.st_size > most) {
		close(fd);
		return S_ISREG(st.st_mode) ? problem_set(p, EXIT_USAGE,
							 "%s: %llu bytes are more than the %zu "
							 "that it may have",
							 path, (unsigned long long)st.st_size, most)
					   : problem_set(p, EXIT_USAGE, "%s: not a file", path);
	}
	b->size = (size_t)st.st_size;
	b->data = new_zeroed(b->size + 1, 1); /* a text ends in a zero */
	ok = read_all(fd, path, b, p);
	close(fd);
	if (!ok)
		bytes_free(b);
	return ok;
}

bool file_write(const char *path, const void *data, size_t size, struct problem *p)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t done = 0;

	while (fd >= 0 && done < size) {
		ssize_t put = write(fd, (const u8 *)data + done, size - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		done += (size_t)put;
	}
	if (fd >= 0 && done == size && !close(fd))
		return true;
	problem_set(p, EXIT_LAB, "%s: cannot be written: %s", path, strerror(errno));
	if (fd >= 0) {
		if (done < size)
			close(fd);
		unlink(path);
	}
	return false;
}

bool file_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

bool folder_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool folder_make(const char *path, struct problem *p)
{
	char *part = new_string(path);
	bool ok = true;

	for (char *slash = part; ok && slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(part, 0700) && errno != EEXIST && !folder_exists(part))
			ok = problem_set(p, EXIT_LAB, "%s: cannot be made: %s", part,
					 strerror(errno));
		if (slash)
			*slash = '/';
	}
	if (ok && !folder_exists(path))
		ok = problem_set(p, EXIT_LAB, "%s: is in the way of a folder; remove it", path);
	free(part);
	return ok;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void folder_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return new_string(".");
	return slash == path ? new_string("/") : new_format("%.*s", (int)(slash - path), path);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *sha256_file(const char *path, struct problem *p)
{
	char digest[SHA256_DIGEST_STRING_LENGTH];

	if (SHA256File(path, digest))
		return new_string(digest);
	problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
	return NULL;
}

char *sha256_text(const char *text)
{
	char digest[SHA256_DIGEST_STRING_LENGTH];

	SHA256Data((const u8 *)text, strlen(text), digest);
	return new_string(digest);
}
