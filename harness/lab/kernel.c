// SPDX-License-Identifier: GPL-2.0-only
/* kernel_get(): a spec, the cache, a source; see kernel.h. */
#include "harness/lab/kernel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/kernel-debian.h"
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-make.h"
#include "harness/lab/kernel-pool.h"
#include "harness/lab/kernel-release.h"

#define DEBIAN "debian:"
#define BUILT "built:"

static bool is_deb(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && !strcmp(path + length - 4, ".deb");
}

static bool check_spec(const char *spec, const char *arch, struct problem *p)
{
	if (arch && strcmp(arch, "amd64") && strcmp(arch, "arm64"))
		return problem_set(p, EXIT_USAGE, "architecture '%s': there are amd64 and arm64",
				   arch);
	if (!strncmp(spec, DEBIAN, strlen(DEBIAN)))
		return debian_check(spec + strlen(DEBIAN), arch, p);
	if (!access(spec, F_OK))
		return true;
	return problem_set(p, EXIT_USAGE,
			   "kernel '%s': no such file, and not debian:RELEASE; give a bzImage, a "
			   "vmlinux, a built tree, a .deb or debian:RELEASE",
			   spec);
}

static bool open_source(struct kernel_source *s, struct cache *c, const char *spec,
			const char *arch, struct problem *p)
{
	if (!strncmp(spec, DEBIAN, strlen(DEBIAN)))
		return debian_open(s, c, spec + strlen(DEBIAN), p);
	if (is_deb(spec) && file_exists(spec))
		return source_open_deb(s, spec, p);
	return source_open_tree(s, spec, arch, p);
}

/* Loads it under the spec it was asked for by. */
static bool load(struct kernel *k, const struct cache *c, const char *hash, const char *spec,
		 struct problem *p)
{
	char *folder = cache_kernel(c, hash);
	bool ok = kernel_load(k, folder, p);

	if (ok) {
		free(k->spec);
		k->spec = new_string(spec);
	}
	free(folder);
	return ok;
}

static bool find(struct kernel *k, const struct cache *c, const char *spec)
{
	char *hash = cache_spec(c, spec);
	struct problem ignored;
	bool found = hash && load(k, c, hash, spec, &ignored);

	free(hash);
	/* Of an older build; or what nobody signed, which is to be accepted each time. */
	if (found &&
	    (!kernel_is_current(k) || (!strcmp(k->verified, VERIFIED_POOL) && !pool_allowed()))) {
		kernel_free(k);
		found = false;
	}
	return found;
}

/* With the lock: another may have made it while we waited. */
static bool make(struct kernel *k, struct cache *c, const char *spec, const char *arch,
		 struct problem *p)
{
	bool lasting = !strncmp(spec, DEBIAN, strlen(DEBIAN)), ok;
	struct kernel_source source = { 0 };
	char *hash = NULL;

	if (!cache_lock(c, p))
		return false;
	if (lasting && find(k, c, spec))
		return true;
	ok = open_source(&source, c, spec, arch, p) &&
	     kernel_make(c, &source, spec, arch, &hash, p) &&
	     (!lasting || cache_set_spec(c, spec, hash, p)) && load(k, c, hash, spec, p);
	source_free(&source);
	free(hash);
	return ok;
}

/* built:NAME is a tree that is found by its name. */
static bool get_built(struct kernel *k, const char *spec, struct problem *p)
{
	const char *name = spec + strlen(BUILT), *arch = spec_arch(spec);
	char *tree = NULL;
	struct cache c;
	bool ok = cache_open(&c, p);

	if (ok)
		tree = new_format("%s/built/%s", c.root, name);
	cache_close(&c);
	if (ok && (!*name || strchr(name, '/') || access(tree, F_OK)))
		ok = problem_set(p, EXIT_USAGE, "kernel '%s' is not built; run: make kernels",
				 spec);
	ok = ok && kernel_get(k, tree, arch, p);
	if (ok) {
		free(k->spec);
		k->spec = new_string(spec);
	}
	free(tree);
	return ok;
}

bool kernel_get(struct kernel *k, const char *spec, const char *arch, struct problem *p)
{
	struct cache c;
	bool ok;

	*k = (struct kernel){ 0 };
	if (!strncmp(spec, BUILT, strlen(BUILT)))
		return get_built(k, spec, p);
	if (!check_spec(spec, arch, p))
		return false;
	ok = cache_open(&c, p);
	/* What has been released never changes: no need to ask anybody. */
	if (ok && (strncmp(spec, DEBIAN, strlen(DEBIAN)) || !find(k, &c, spec)))
		ok = make(k, &c, spec, arch, p);
	cache_close(&c);
	return ok;
}
