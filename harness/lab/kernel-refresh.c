// SPDX-License-Identifier: GPL-2.0-only
/* When the index is fetched anew, and what happens if that fails; see kernel-index.h. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/assay/interrupt.h"
#include "harness/lab/kernel-apt.h"
#include "harness/lab/kernel-files.h"

enum { HOUR = 60 * 60, DAY = 24 * HOUR };

static bool is_fresh(const char *path)
{
	struct stat st;

	/* A clock that was set back makes none fresh for ever. */
	return !stat(path, &st) && st.st_mtime <= time(NULL) && time(NULL) - st.st_mtime < DAY;
}

/* What came with faults is old in an hour. */
static void age(const char *path)
{
	struct timespec then[2] = { { time(NULL) - DAY + HOUR, 0 },
				    { time(NULL) - DAY + HOUR, 0 } };

	utimensat(AT_FDCWD, path, then, 0);
}

static bool fetch(struct index *x, const struct apt *a, const struct cache *c, const char *path,
		  struct problem *p)
{
	char *fresh = new_format("%s/packages.jsonl", c->work);
	struct problem update = { 0 };
	struct mirrors m;
	bool ok = mirrors_read(&m, p);

	if (ok) {
		ok = apt_find_suites(a, &m, c->work, p);
		/* A suite that fails keeps its old index, and does not spoil the others. */
		if (ok && !apt_update(a, &update) && !interrupted()) {
			fprintf(stderr, "assay: not all suites are up to date: ");
			print_clean(stderr, update.text, "");
			putc('\n', stderr);
		}
		ok = ok && apt_read_packages(a, x, p);
		mirrors_free(&m);
	}
	if (ok && !x->count)
		ok = problem_set(p, EXIT_LAB, "the mirror's indices name no kernel%s%s",
				 *update.text ? ": " : "", update.text);
	ok = ok && index_save(x, fresh, p);
	if (ok && *update.text)
		age(fresh);
	if (ok && rename(fresh, path))
		ok = problem_set(p, EXIT_LAB, "%s: cannot be replaced", path);
	free(fresh);
	return ok;
}

static bool refresh_index(struct index *x, struct cache *c, const char *arch, const char *path,
			  struct problem *p)
{
	struct apt a;
	bool ok;

	if (isatty(2))
		fprintf(stderr, "assay: fetching the indices of Debian's suites for %s\n", arch);
	ok = apt_open(&a, c, arch, p) && fetch(x, &a, c, path, p);
	apt_close(&a);
	if (ok)
		return true;
	index_free(x);
	if (!file_exists(path) || interrupted())
		return false;
	fprintf(stderr, "assay: the index of kernels cannot be renewed (");
	print_clean(stderr, p->text, "");
	fprintf(stderr, "); using the old one\n");
	*p->text = '\0';
	return index_load(x, path, p);
}

bool index_get(struct index *x, struct cache *c, const char *arch, bool refresh, struct problem *p)
{
	char *path = new_format("%s/apt/%s/packages.jsonl", c->root, arch);
	bool ok;

	*x = (struct index){ 0 };
	if (!refresh && is_fresh(path))
		ok = index_load(x, path, p);
	else if (!c->work && !cache_lock(c, p))
		ok = false;
	else if (!refresh && is_fresh(path)) /* another fetched it while we waited */
		ok = index_load(x, path, p);
	else
		ok = refresh_index(x, c, arch, path, p);
	free(path);
	return ok;
}
