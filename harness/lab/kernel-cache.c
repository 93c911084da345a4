// SPDX-License-Identifier: GPL-2.0-only
/* The cache's folders, its lock and its specs; see kernel-cache.h. */
#include "harness/lab/kernel-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "harness/assay/interrupt.h"
#include "harness/lab/kernel-files.h"

enum { HASH_DIGITS = 16 };

static char *root_folder(void)
{
	const char *assay = getenv("ASSAY_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (assay && *assay)
		return new_string(assay);
	if (xdg && *xdg == '/')
		return new_format("%s/assay", xdg);
	return home && *home ? new_format("%s/.cache/assay", home) : NULL;
}

static bool make_sub(const struct cache *c, const char *name, struct problem *p)
{
	char *path = new_format("%s/%s", c->root, name);
	bool ok = folder_make(path, p);

	free(path);
	return ok;
}

bool cache_open(struct cache *c, struct problem *p)
{
	char *root = root_folder(), *absolute;

	*c = (struct cache){ .lock = -1 };
	if (!root)
		return problem_set(
			p, EXIT_USAGE,
			"no cache folder: neither ASSAY_CACHE, XDG_CACHE_HOME nor HOME is "
			"set; set one");
	c->root = root;
	if (!folder_make(root, p))
		return false;
	/* Paths in the cache are handed to other programs: they hold wherever these run. */
	absolute = realpath(root, NULL);
	if (absolute) {
		free(root);
		c->root = absolute;
	}
	return make_sub(c, "kernels", p) && make_sub(c, "specs", p);
}

/* Not blocking in flock(), which a first signal does not end. */
static bool wait_for_lock(int fd)
{
	static const struct timespec moment = { 0, 50 * 1000 * 1000 };
	bool said = false;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (interrupted()) {
			errno = EINTR;
			return false;
		}
		if (!said && isatty(2))
			fprintf(stderr, "assay: waiting for another that makes a kernel\n");
		said = true;
		nanosleep(&moment, NULL);
	}
	return true;
}

bool cache_lock(struct cache *c, struct problem *p)
{
	char *path = new_format("%s/lock", c->root);
	bool ok;

	c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ok = (c->lock >= 0 && wait_for_lock(c->lock)) ||
	     problem_set(p, EXIT_LAB, "%s: cannot be locked: %s", path, strerror(errno));
	free(path);
	if (!ok)
		return false;
	/* With the lock, what lies there is of someone who died. */
	c->work = new_format("%s/work", c->root);
	folder_remove(c->work);
	return folder_make(c->work, p);
}

void cache_unlock(struct cache *c)
{
	if (c->work)
		folder_remove(c->work);
	if (c->lock >= 0)
		close(c->lock);
	free(c->work);
	c->work = NULL;
	c->lock = -1;
}

void cache_close(struct cache *c)
{
	cache_unlock(c);
	free(c->root);
	*c = (struct cache){ .lock = -1 };
}

char *cache_kernel(const struct cache *c, const char *hash)
{
	return new_format("%s/kernels/%s", c->root, hash);
}

/* A file name of any text: what is not plain becomes %XX. */
static char *spec_path(const struct cache *c, const char *spec)
{
	char *path = new_zeroed(strlen(c->root) + 3 * strlen(spec) + 16, 1);
	char *to = path + sprintf(path, "%s/specs/", c->root);

	for (; *spec; spec++) {
		bool plain = (*spec >= 'a' && *spec <= 'z') || (*spec >= 'A' && *spec <= 'Z') ||
			     (*spec >= '0' && *spec <= '9') || strchr("-_.+:", *spec);

		to += plain ? sprintf(to, "%c", *spec)
			    : sprintf(to, "%%%02X", (unsigned char)*spec);
	}
	return path;
}

char *cache_spec(const struct cache *c, const char *spec)
{
	char *path = spec_path(c, spec), *hash = NULL;
	struct problem ignored;
	struct bytes b;

	if (file_read(path, HASH_DIGITS + 1, &b, &ignored)) {
		hash = (char *)b.data;
		hash[strspn(hash, "0123456789abcdef")] = '\0';
		if (strlen(hash) != HASH_DIGITS) {
			free(hash);
			hash = NULL;
		}
	}
	free(path);
	return hash;
}

bool cache_set_spec(const struct cache *c, const char *spec, const char *hash, struct problem *p)
{
	char *path = spec_path(c, spec), *line = new_format("%s\n", hash);
	char *fresh = new_format("%s/spec", c->work);
	bool ok = file_write(fresh, line, strlen(line), p);

	if (ok && rename(fresh, path))
		ok = problem_set(p, EXIT_LAB, "%s: %s", path, strerror(errno));
	free(fresh);
	free(line);
	free(path);
	return ok;
}

bool cache_place(const char *from, const char *to, struct problem *p)
{
	if (!rename(from, to) || errno == EEXIST || errno == ENOTEMPTY)
		return true;
	return problem_set(p, EXIT_LAB, "%s: %s", to, strerror(errno));
}
