// SPDX-License-Identifier: GPL-2.0-only
/*
 * Labs that nobody used for longest are removed: each new build of a payload or
 * driver makes new ones, of some 80 MB each.
 */
#include "harness/lab/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/lab/kernel-files.h"

enum { LABS_KEPT = 24 };

struct old {
	char *path;
	struct timespec used;
};

static int by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct old *)a)->used,
			      *y = &((const struct old *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

/* Who makes or uses a lab holds its lock: then it stays. */
static void remove_lab(const char *path)
{
	char *name = new_format("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB)) {
		folder_remove(path);
		unlink(name);
	}
	if (fd >= 0)
		close(fd);
	free(name);
}

void snapshot_prune(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	struct old *old = NULL;
	size_t count = 0;
	struct stat st;

	while (d && (entry = readdir(d))) {
		char *path = new_format("%s/%s", folder, entry->d_name);

		if (strchr(entry->d_name, '.') || stat(path, &st) || !S_ISDIR(st.st_mode)) {
			free(path);
			continue;
		}
		old = grow(old, count, sizeof(*old));
		old[count++] = (struct old){ path, st.st_mtim };
	}
	if (d)
		closedir(d);
	if (count)
		qsort(old, count, sizeof(*old), by_use);
	for (size_t i = 0; i < count; i++) {
		if (i >= LABS_KEPT)
			remove_lab(old[i].path);
		free(old[i].path);
	}
	free(old);
}
