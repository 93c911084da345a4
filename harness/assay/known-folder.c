// SPDX-License-Identifier: GPL-2.0-only
/* Finds and reads the known-deviations files of a folder; see known.h. */
#include "harness/assay/known.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 4 << 20 };

static bool read_file(struct known *k, const char *path, struct problem *p)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	size_t done = 0;
	struct stat st;
	ssize_t n = 1;
	bool ok = true;

	if (fd < 0 || fstat(fd, &st)) {
		ok = problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX) {
		ok = problem_set(p, EXIT_USAGE, "%s: not a file of at most %d MiB; take it away",
				 path, FILE_BYTES_MAX >> 20);
	} else {
		text = new_zeroed(st.st_size + 1, 1);
		for (; n > 0 && done<(size_t)st.st_size; done += n> 0 ? n : 0)
			n = read(fd, text + done, st.st_size - done);
		ok = n < 0 ? problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno))
			   : known_parse(k, path, text, done, p);
	}
	if (fd >= 0)
		close(fd);
	free(text);
	return ok;
}

bool known_read_folder(struct known *k, const char *folder, struct problem *p)
{
	struct strings paths = { 0 };
	struct dirent *entry;
	DIR *d = opendir(folder);
	bool ok = true;

	if (!d)
		return problem_set(p, EXIT_USAGE,
				   "known deviations in %s: %s; name their folder by --known DIR",
				   folder, strerror(errno));
	while ((entry = readdir(d))) {
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && length > 4 &&
		    !strcmp(entry->d_name + length - 4, ".txt")) {
			char *path = new_format("%s/%s", folder, entry->d_name);

			strings_add(&paths, path);
			free(path);
		}
	}
	closedir(d);
	strings_sort(&paths);
	for (size_t i = 0; ok && i < paths.count; i++)
		ok = read_file(k, paths.item[i], p);
	strings_free(&paths);
	return ok;
}
