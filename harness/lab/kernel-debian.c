// SPDX-License-Identifier: GPL-2.0-only
/* Finds a release in the index and fetches its packages; see kernel-debian.h. */
#include "harness/lab/kernel-debian.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/kernel-apt.h"
#include "harness/lab/kernel-pool.h"
#include "harness/lab/kernel-release.h"
#include "harness/lab/kernel-releases.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyz0123456789.+~-"

bool debian_check(const char *spec, const char *arch, struct problem *p)
{
	size_t length = strcspn(spec, "=");
	char *release = new_format("%.*s", (int)length, spec);
	const char *is = release_arch(release);
	bool ok = true;

	if (!is || release[strspn(release, PLAIN)] ||
	    (spec[length] &&
	     (!spec[length + 1] || spec[length + 1 + strspn(spec + length + 1, PLAIN)])))
		ok = problem_set(
			p, EXIT_USAGE,
			"kernel 'debian:%s': not a release of Debian's for amd64 or arm64, "
			"like debian:6.12.57+deb12-cloud-amd64; see: assay kernels",
			spec);
	else if (arch && strcmp(is, arch))
		ok = problem_set(p, EXIT_USAGE, "kernel 'debian:%s': for %s, wanted one for %s",
				 spec, is, arch);
	free(release);
	return ok;
}

static bool incomplete(const struct release *r, struct problem *p)
{
	char *list = strings_join(&r->missing, ", ");

	problem_set(
		p, EXIT_USAGE,
		"kernel 'debian:%s': needs %s, which no index has any more; take another "
		"release, or with --unsigned (ASSAY_UNSIGNED_KERNELS=1) a file that nobody signed",
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

/* What a spec says behind "debian:", and what the index says to it. */
struct wanted {
	char *release, *version; /* version: "" if the spec has none */
	const struct release *known;
	const struct index *index;
};

/* From the index if it is all there; else, if the user allows it, from the pool. */
static bool fetch_debs(struct strings *debs, const struct wanted *w, const struct apt *a,
		       const char *folder, struct problem *p)
{
	if (w->known && !w->known->missing.count)
		return download(debs, w->known, a, folder, p);
	if (isatty(2))
		fprintf(stderr, "assay: fetching %s without a signed index\n", w->release);
	return pool_fetch(debs, w->index, a, w->release, w->known ? w->known->version : w->version,
			  folder, p);
}

static bool fetch(struct kernel_source *s, struct cache *c, const struct wanted *w,
		  struct problem *p)
{
	char *folder = new_format("%s/debs", c->work);
	struct strings debs = { 0 };
	struct apt a;
	bool ok = apt_open(&a, c, release_arch(w->release), p) && folder_make(folder, p) &&
		  fetch_debs(&debs, w, &a, folder, p) && source_open_debs(s, &debs, p);

	s->verified = w->known && !w->known->missing.count ? VERIFIED_YES : VERIFIED_POOL;
	apt_close(&a);
	strings_free(&debs);
	free(folder);
	return ok;
}

static bool choose(struct kernel_source *s, struct cache *c, const struct wanted *w,
		   const struct releases *all, struct problem *p)
{
	if (w->known && *w->version && strcmp(w->version, w->known->version))
		return problem_set(p, EXIT_USAGE,
				   "kernel 'debian:%s=%s': the archive has it as version %s",
				   w->release, w->version, w->known->version);
	if (w->known && w->known->missing.count && !pool_allowed())
		return incomplete(w->known, p);
	if (!w->known && *w->version && !pool_allowed())
		return problem_set(
			p, EXIT_USAGE,
			"kernel 'debian:%s=%s': in no index; with --unsigned "
			"(ASSAY_UNSIGNED_KERNELS=1) the pool's file, which nobody signed",
			w->release, w->version);
	if (!w->known && !*w->version)
		return releases_unknown(all, w->release, p);
	return fetch(s, c, w, p);
}

bool debian_open(struct kernel_source *s, struct cache *c, const char *spec, struct problem *p)
{
	size_t length = strcspn(spec, "=");
	struct wanted w = { .release = new_format("%.*s", (int)length, spec),
			    .version = new_string(spec[length] ? spec + length + 1 : "") };
	struct releases all = { 0 };
	struct index x = { 0 };
	bool ok = index_get(&x, c, release_arch(w.release), false, p);

	if (ok) {
		releases_make(&all, &x);
		w.known = releases_find(&all, w.release);
		w.index = &x;
		ok = choose(s, c, &w, &all, p);
	}
	releases_free(&all);
	index_free(&x);
	free(w.release);
	free(w.version);
	return ok;
}
