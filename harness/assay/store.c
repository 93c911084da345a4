// SPDX-License-Identifier: GPL-2.0-only
/* Results of a run, whole or not at all; see store.h. */
#include "harness/assay/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	const struct report_ops *ops;
} files[STORE_FILES] = {
	{ JOURNAL_NAME, &report_journal }, /* the first one */
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

/* A new folder DIR.partial-XXXXXX, as public as others. */
static bool make_partial(struct store *s, struct problem *p)
{
	mode_t mask = umask(0);

	umask(mask);
	s->partial = new_format("%s.partial-XXXXXX", s->folder);
	if (mkdtemp(s->partial)) {
		/* mkdtemp() makes it private. */
		chmod(s->partial, 0777 & ~mask);
		return true;
	}
	problem_set(p, EXIT_USAGE, "--output %s: cannot be written there: %s; name another folder",
		    s->folder, strerror(errno));
	free(s->partial);
	s->partial = NULL;
	return false;
}

/* The files that are not open yet. */
static bool open_files(struct store *s, struct problem *p)
{
	for (size_t i = 0; i < STORE_FILES; i++) {
		char *path = file_path(s->partial, i);

		if (!s->file[i])
			s->file[i] = fopen(path, "we");
		free(path);
		if (!s->file[i])
			return problem_set(p, EXIT_USAGE, "--output %s: %s", s->folder,
					   strerror(errno));
		s->report[i] = (struct report){ .ops = files[i].ops, .out = s->file[i] };
	}
	return true;
}

static void close_files(struct store *s)
{
	for (size_t i = 0; i < STORE_FILES; i++)
		if (s->file[i])
			fclose(s->file[i]);
	free(s->partial);
	free(s->folder);
	*s = (struct store){ 0 };
}

/* Take it away again: nothing was written. */
static void abandon(struct store *s)
{
	for (size_t i = 0; s->partial && i < STORE_FILES; i++) {
		char *path = file_path(s->partial, i);

		unlink(path);
		free(path);
	}
	if (s->partial)
		rmdir(s->partial);
	close_files(s);
}

bool store_open(struct store *s, const char *folder, struct problem *p)
{
	bool ok;

	*s = (struct store){ .folder = new_string(folder) };
	for (size_t n = strlen(s->folder); n > 1 && s->folder[n - 1] == '/'; n--)
		s->folder[n - 1] = '\0';
	ok = *s->folder || problem_set(p, EXIT_USAGE, "--output needs the name of a new folder");
	ok = ok && folder_is_free(s->folder, p) && make_partial(s, p) && open_files(s, p);
	/* Who resumes a run must know that this one still goes on. */
	if (ok)
		flock(fileno(s->file[0]), LOCK_EX | LOCK_NB);
	else
		abandon(s);
	return ok;
}

bool store_resume(struct store *s, struct resume *z, struct problem *p)
{
	bool ok = true;

	*s = (struct store){ .folder = z->folder, .partial = z->partial };
	s->file[0] = z->journal;
	z->folder = z->partial = NULL;
	z->journal = NULL;
	/* The result of a run that was interrupted is no result while it goes on. */
	if (!strcmp(s->partial, s->folder)) {
		free(s->partial);
		ok = make_partial(s, p);
		if (ok && rename(s->folder, s->partial))
			ok = problem_set(p, EXIT_USAGE, "--resume %s: %s", s->folder,
					 strerror(errno));
	}
	if (ok && (ftruncate(fileno(s->file[0]), z->keep) || fseek(s->file[0], 0, SEEK_END)))
		ok = problem_set(p, EXIT_USAGE, "--resume %s: %s", s->folder, strerror(errno));
	ok = ok && open_files(s, p);
	if (!ok)
		close_files(s);
	return ok;
}

/* Everything on the disk, or the reason why not. */
static bool finish(FILE **file)
{
	bool ok = !fflush(*file) && !ferror(*file) && !fsync(fileno(*file));
	int cause = errno;

	if (fclose(*file) && ok) {
		cause = errno;
		ok = false;
	}
	*file = NULL;
	errno = cause;
	return ok;
}

bool store_commit(struct store *s, size_t planned, struct problem *p)
{
	char *journal = file_path(s->partial, 0);
	bool ok = true;

	for (size_t i = 0; ok && i < STORE_FILES; i++)
		ok = finish(&s->file[i]);
	/* An empty folder in its place is replaced, a filled one is not. */
	ok = ok && journal_order(journal, planned) && !rename(s->partial, s->folder);
	if (!ok)
		problem_set(p, EXIT_LAB,
			    "--output %s: the result could not be written: %s; go on with: assay "
			    "run --resume %s",
			    s->folder, strerror(errno), s->partial);
	free(journal);
	close_files(s);
	return ok;
}
