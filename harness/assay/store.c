// SPDX-License-Identifier: GPL-2.0-only
/* Results of a run, whole or not at all; see store.h. */
#include "harness/assay/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	const struct report_ops *ops;
} files[STORE_FILES] = {
	{ "run.jsonl", &report_jsonl },
	{ "report.tap", &report_tap },
	{ "report.xml", &report_junit },
	{ "summary.txt", &report_summary },
};

static bool folder_is_free(const char *folder, struct problem *p)
{
	struct dirent *entry;
	bool is_result = false, is_empty = true;
	DIR *d = opendir(folder);

	if (!d && errno == ENOENT)
		return true;
	if (!d)
		return problem_set(p, EXIT_USAGE, "--output %s: %s; name another folder", folder,
				   strerror(errno));
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		is_empty = false;
		is_result |= !strcmp(entry->d_name, files[0].name);
	}
	closedir(d);
	if (is_result)
		return problem_set(p, EXIT_USAGE,
				   "--output %s: holds the result of an earlier run; name another "
				   "folder, or remove that one first",
				   folder);
	return is_empty ||
	       problem_set(p, EXIT_USAGE, "--output %s: is not empty; name a new folder", folder);
}

static char *file_path(const char *folder, size_t i)
{
	return new_format("%s/%s", folder, files[i].name);
}

bool store_open(struct store *s, const char *folder, struct problem *p)
{
	mode_t mask = umask(0);
	char *path;

	umask(mask);
	*s = (struct store){ .folder = new_string(folder) };
	for (size_t n = strlen(s->folder); n > 1 && s->folder[n - 1] == '/'; n--)
		s->folder[n - 1] = '\0';
	if (!*s->folder || !folder_is_free(s->folder, p)) {
		if (!*s->folder)
			problem_set(p, EXIT_USAGE, "--output needs the name of a new folder");
		store_abandon(s);
		return false;
	}
	s->partial = new_format("%s.partial-XXXXXX", s->folder);
	if (!mkdtemp(s->partial)) {
		problem_set(p, EXIT_USAGE,
			    "--output %s: cannot be written there: %s; name another "
			    "folder",
			    folder, strerror(errno));
		free(s->partial);
		s->partial = NULL;
		store_abandon(s);
		return false;
	}
	/* mkdtemp() makes it private; results are as public as other files. */
	chmod(s->partial, 0777 & ~mask);
	for (size_t i = 0; i < STORE_FILES; i++) {
		path = file_path(s->partial, i);
		s->file[i] = fopen(path, "wxe");
		free(path);
		if (!s->file[i]) {
			problem_set(p, EXIT_USAGE, "--output %s: %s", folder, strerror(errno));
			store_abandon(s);
			return false;
		}
		s->report[i] = (struct report){ .ops = files[i].ops, .out = s->file[i] };
	}
	return true;
}

/* Everything on the disk, or the reason why not. */
static bool finish(FILE **file)
{
	bool ok = !ferror(*file) && !fflush(*file) && !fsync(fileno(*file));
	int cause = errno;

	if (fclose(*file) && ok) {
		cause = errno;
		ok = false;
	}
	*file = NULL;
	errno = cause;
	return ok;
}

bool store_commit(struct store *s, struct problem *p)
{
	bool ok = true;

	for (size_t i = 0; ok && i < STORE_FILES; i++)
		ok = finish(&s->file[i]);
	/* An empty folder in its place is replaced, a filled one is not. */
	if (ok && !rename(s->partial, s->folder)) {
		free(s->partial);
		s->partial = NULL;
	} else {
		ok = problem_set(p, EXIT_LAB, "--output %s: the result could not be written: %s",
				 s->folder, strerror(errno));
	}
	store_abandon(s);
	return ok;
}

void store_abandon(struct store *s)
{
	for (size_t i = 0; i < STORE_FILES; i++) {
		if (s->file[i])
			fclose(s->file[i]);
		if (s->partial) {
			char *path = file_path(s->partial, i);

			unlink(path);
			free(path);
		}
	}
	if (s->partial)
		rmdir(s->partial);
	free(s->partial);
	free(s->folder);
	*s = (struct store){ 0 };
}
