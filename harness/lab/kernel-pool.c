// SPDX-License-Identifier: GPL-2.0-only
/* Fetches files of the pool by name; see kernel-pool.h. */
#include "harness/lab/kernel-pool.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-release.h"

bool pool_allowed(void)
{
	const char *word = getenv("ASSAY_UNSIGNED_KERNELS");

	return word && !strcmp(word, "1");
}

/* What one fetch works on. */
struct pool {
	const struct index *index;
	const struct apt *apt;
	const char *release, *version, *folder;
};

static bool is_signed_part(const char *name)
{
	return !strncmp(name, "linux-image-", 12) || !strncmp(name, "linux-binary-", 13);
}

/*
 * The kernel itself comes from source linux-signed-ARCH (or linux-signed-6.12-ARCH),
 * its modules from linux (linux-6.12).  The folder of a neighbour, for `name`.
 */
static char *folder_for(const struct package *neighbour, const char *name)
{
	char *folder = path_folder(neighbour->file), *cut = strstr(folder, "/linux-signed");
	char *plain;

	if (!cut || is_signed_part(name))
		return folder;
	plain = new_format("%.*s/linux%s", (int)(cut - folder), folder,
			   cut + strlen("/linux-signed"));
	*strrchr(plain, '-') = '\0';
	free(folder);
	return plain;
}

/* Of the same series, as 6.1 and 6.12 are, and of the signed kind. */
static bool is_neighbour(const struct package *k, const char *release)
{
	char *other = is_signed_part(k->name) ? release_of_package(k->name) : NULL;
	size_t series = strcspn(release, ".") + 1;
	bool is;

	series += strspn(release + MIN(series, strlen(release)), "0123456789");
	is = other && !strncmp(other, release, series) &&
	     !(other[series] >= '0' && other[series] <= '9') && strstr(k->file, "/linux-signed");
	free(other);
	return is;
}

static struct download download(const struct pool *pool, const char *uri, const char *file,
				const char *digest)
{
	return (struct download){
		.uri = new_format("%s/%s", uri, file),
		.path = new_format("%s/%s", pool->folder, path_base(file)),
		.digest = new_string(digest),
	};
}

/* Tries one file; *path is where it lies then. */
static bool try_file(const struct pool *pool, const char *uri, const char *file, const char *digest,
		     char **path, struct problem *p)
{
	struct download d = download(pool, uri, file, digest);
	bool ok = apt_download(pool->apt, &d, 1, p);

	*path = ok ? new_string(d.path) : NULL;
	free(d.uri);
	free(d.path);
	free(d.digest);
	return ok;
}

/* A name is asked for once in each pool where a neighbour lies: two at most. */
static bool guess(const struct pool *pool, const char *name, char **path, struct problem *p)
{
	struct strings tried = { 0 };
	bool found = false;

	problem_set(p, EXIT_USAGE, "kernel 'debian:%s': no kernel of its series is in any index",
		    pool->release);
	for (size_t i = 0; !found && i < pool->index->count; i++) {
		const struct package *k = &pool->index->item[i];
		char *folder, *file, *uri;

		if (!is_neighbour(k, pool->release))
			continue;
		folder = folder_for(k, name);
		file = new_format("%s/%s_%s_%s.deb", folder, name, pool->version,
				  release_arch(pool->release));
		uri = new_format("%s/%s", k->uri, file);
		if (!strings_have(&tried, uri)) {
			strings_add(&tried, uri);
			found = try_file(pool, k->uri, file, "", path, p);
		}
		free(folder);
		free(file);
		free(uri);
	}
	strings_free(&tried);
	return found;
}

static bool fetch_one(const struct pool *pool, const char *name, char **path, struct problem *p)
{
	for (size_t i = 0; i < pool->index->count; i++) {
		const struct package *k = &pool->index->item[i];
		char *digest;
		bool ok;

		if (strcmp(k->name, name) || strcmp(k->version, pool->version))
			continue;
		digest = new_format("SHA256:%s", k->sha256);
		ok = try_file(pool, k->uri, k->file, digest, path, p);
		free(digest);
		return ok;
	}
	return guess(pool, name, path, p);
}

/* It must be what its name says, and it says what it needs. */
static bool read_needs(const char *path, const char *name, const char *version,
		       struct strings *names, struct problem *p)
{
	struct deb d = { .what = path, .path = path };
	struct deb_control c;
	struct strings needs;
	bool ok;

	if (!deb_control(&d, &c, p))
		return false;
	ok = (!strcmp(c.package, name) && !strcmp(c.version, version)) ||
	     problem_set(p, EXIT_USAGE, "%s: is %s %s", path, c.package, c.version);
	needs = release_siblings(c.package, c.depends);
	for (size_t i = 0; ok && i < needs.count; i++)
		if (!strings_have(names, needs.item[i]))
			strings_add(names, needs.item[i]);
	strings_free(&needs);
	deb_control_free(&c);
	return ok;
}

bool pool_fetch(struct strings *debs, const struct index *x, const struct apt *a,
		const char *release, const char *version, const char *folder, struct problem *p)
{
	struct pool pool = { x, a, release, version, folder };
	char *first = new_format("linux-image-%s", release);
	struct strings names = { 0 };
	bool ok = true;

	strings_add(&names, first);
	free(first);
	for (size_t i = 0; ok && i < names.count; i++) {
		char *path;

		if (fetch_one(&pool, names.item[i], &path, p)) {
			strings_add(debs, path);
			ok = read_needs(path, names.item[i], version, &names, p);
			free(path);
		} else {
			ok = release_package_optional(names.item[i]);
		}
	}
	strings_free(&names);
	return ok;
}
