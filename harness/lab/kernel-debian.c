// SPDX-License-Identifier: GPL-2.0-only
/* Finds a release in the index and fetches its packages; see kernel-debian.h. */
#include "harness/lab/kernel-debian.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/kernel-apt.h"
#include "harness/lab/kernel-release.h"
#include "harness/lab/kernel-releases.h"

bool debian_check(const char *release, const char *arch, struct problem *p)
{
	const char *is = release_arch(release);

	if (!is || release[strspn(release, "abcdefghijklmnopqrstuvwxyz0123456789.+~-")])
		return problem_set(
			p, EXIT_USAGE,
			"kernel 'debian:%s': not a release of Debian's for amd64 or arm64, "
			"like debian:6.12.57+deb12-cloud-amd64; see: assay kernels",
			release);
	if (arch && strcmp(is, arch))
		return problem_set(p, EXIT_USAGE, "kernel 'debian:%s': for %s, wanted one for %s",
				   release, is, arch);
	return true;
}

static bool incomplete(const struct release *r, struct problem *p)
{
	char *list = strings_join(&r->missing, ", ");

	problem_set(
		p, EXIT_USAGE,
		"kernel 'debian:%s': needs %s, which no index has any more; take another release",
		r->name, list);
	free(list);
	return false;
}

static bool download(struct strings *debs, const struct release *r, const struct apt *a,
		     const char *folder, struct problem *p)
{
	struct download *d = new_zeroed(r->parts, sizeof(*d));
	bool ok;

	for (size_t i = 0; i < r->parts; i++) {
		const struct package *k = r->part[i];

		d[i] = (struct download){
			.uri = new_format("%s/%s", k->uri, k->file),
			.path = new_format("%s/%s", folder, path_base(k->file)),
			.digest = new_format("SHA256:%s", k->sha256),
		};
		strings_add(debs, d[i].path);
	}
	if (isatty(2))
		fprintf(stderr, "assay: fetching %s, %.1f MB\n", r->name, (double)r->size / 1e6);
	ok = apt_download(a, d, r->parts, p);
	downloads_free(d, r->parts);
	return ok;
}

static bool fetch(struct kernel_source *s, struct cache *c, const struct release *r,
		  struct problem *p)
{
	char *folder = new_format("%s/debs", c->work);
	struct strings debs = { 0 };
	struct apt a;
	bool ok = apt_open(&a, c, release_arch(r->name), p) && folder_make(folder, p) &&
		  download(&debs, r, &a, folder, p) && source_open_debs(s, &debs, p);

	s->verified = VERIFIED_YES;
	apt_close(&a);
	strings_free(&debs);
	free(folder);
	return ok;
}

bool debian_open(struct kernel_source *s, struct cache *c, const char *release, struct problem *p)
{
	const struct release *r;
	struct releases all;
	struct index x;
	bool ok;

	if (!index_get(&x, c, release_arch(release), false, p))
		return false;
	releases_make(&all, &x);
	r = releases_find(&all, release);
	if (!r)
		ok = releases_unknown(&all, release, p);
	else if (r->missing.count)
		ok = incomplete(r, p);
	else
		ok = fetch(s, c, r, p);
	releases_free(&all);
	index_free(&x);
	return ok;
}
