// SPDX-License-Identifier: GPL-2.0-only
/* Puts packages together by release; see kernel-releases.h. */
#include "harness/lab/kernel-releases.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/names.h"
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-release.h"

enum { NEAR_MOST = 4 };

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* linux-image-6.12-amd64 has nothing but a dependency on linux-image-6.12.117+deb12-amd64. */
static bool is_metapackage(const struct package *k, const char *release)
{
	struct strings names = depends_names(k->depends);
	bool is = false;

	for (size_t i = 0; !is && i < names.count; i++) {
		char *other = release_of_package(names.item[i]);

		is = other && begins(names.item[i], "linux-image-") && strcmp(other, release);
		free(other);
	}
	strings_free(&names);
	return is;
}

static bool is_unsigned(const struct package *k)
{
	size_t length = strlen(k->name);

	return length > 9 && !strcmp(k->name + length - 9, "-unsigned");
}

/* Which of a release's packages to begin with: below 0 if a is better. */
static int order_roots(const struct package *a, const struct package *b)
{
	int version = version_compare(b->version, a->version);

	if (version)
		return version;
	if (is_unsigned(a) != is_unsigned(b))
		return is_unsigned(a) - is_unsigned(b);
	return begins(b->name, "linux-image-") - begins(a->name, "linux-image-");
}

static const struct package *find_package(const struct index *x, const char *name,
					  const char *version)
{
	for (size_t i = 0; i < x->count; i++)
		if (!strcmp(x->item[i].name, name) && !strcmp(x->item[i].version, version))
			return &x->item[i];
	return NULL;
}

/* A part and, behind it, what it needs. */
static void add_part(struct release *r, const struct index *x, const struct package *k)
{
	struct strings names = release_siblings(k->name, k->depends);

	r->part = grow(r->part, r->parts, sizeof(*r->part));
	r->part[r->parts++] = k;
	r->size += k->size;
	for (size_t i = 0; i < names.count; i++) {
		const struct package *next = find_package(x, names.item[i], k->version);
		bool there = false;

		for (size_t n = 0; n < r->parts; n++)
			there |= !strcmp(r->part[n]->name, names.item[i]);
		if (there)
			continue;
		if (next)
			add_part(r, x, next);
		else if (!release_package_optional(names.item[i]) &&
			 !strings_have(&r->missing, names.item[i]))
			strings_add(&r->missing, names.item[i]);
	}
	strings_free(&names);
}

static struct release *find(const struct releases *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->item[i].name, name))
			return &r->item[i];
	return NULL;
}

const struct release *releases_find(const struct releases *r, const char *name)
{
	return find(r, name);
}

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* The one that was meant, and those of its flavour that begin alike the longest. */
bool releases_unknown(const struct releases *r, const char *name, struct problem *p)
{
	struct strings names = { 0 }, near = { 0 };
	const char *meant;
	char *list;

	for (size_t i = 0; i < r->count; i++)
		strings_add(&names, r->item[i].name);
	meant = nearest_name(name, &names);
	if (meant)
		strings_add(&near, meant);
	for (size_t length = strlen(name); length > 1 && near.count < NEAR_MOST; length--)
		for (size_t i = names.count; i-- > 0 && near.count < NEAR_MOST;)
			if (common(name, names.item[i]) == length &&
			    !strcmp(release_flavour(name), release_flavour(names.item[i])) &&
			    !strings_have(&near, names.item[i]))
				strings_add(&near, names.item[i]);
	list = strings_join(&near, ", ");
	problem_set(p, EXIT_USAGE,
		    "kernel 'debian:%s': in no suite of the mirror; %s%s%ssee: assay kernels", name,
		    near.count ? "near are " : "", list, near.count ? "; " : "");
	free(list);
	strings_free(&names);
	strings_free(&near);
	return false;
}

/* part[0] is the root until all packages were seen. */
static void consider(struct releases *r, const struct package *k)
{
	char *name = release_of_package(k->name);
	struct release *release;

	if (!name || (!begins(k->name, "linux-image-") && !begins(k->name, "linux-binary-")) ||
	    is_metapackage(k, name)) {
		free(name);
		return;
	}
	release = find(r, name);
	if (!release) {
		r->item = grow(r->item, r->count, sizeof(*r->item));
		release = &r->item[r->count++];
		*release = (struct release){ .name = name,
					     .parts = 1,
					     .part = grow(NULL, 0, sizeof(*release->part)) };
		release->part[0] = k;
		return;
	}
	if (order_roots(k, release->part[0]) < 0)
		release->part[0] = k;
	free(name);
}

static void complete(struct release *r, const struct index *x)
{
	const struct package *root = r->part[0];

	r->parts = 0;
	r->version = root->version;
	add_part(r, x, root);
	for (size_t i = 0; i < x->count; i++)
		if (!strcmp(x->item[i].name, root->name) &&
		    !strcmp(x->item[i].version, root->version) &&
		    !strings_have(&r->suites, x->item[i].suite))
			strings_add(&r->suites, x->item[i].suite);
}

static int by_version(const void *a, const void *b)
{
	const struct release *x = a, *y = b;
	int order = version_compare(x->version, y->version);

	return order ? order : strcmp(x->name, y->name);
}

void releases_make(struct releases *r, const struct index *x)
{
	*r = (struct releases){ 0 };
	for (size_t i = 0; i < x->count; i++)
		consider(r, &x->item[i]);
	for (size_t i = 0; i < r->count; i++)
		complete(&r->item[i], x);
	if (r->count)
		qsort(r->item, r->count, sizeof(*r->item), by_version);
}

void releases_free(struct releases *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->item[i].name);
		free(r->item[i].part);
		strings_free(&r->item[i].suites);
		strings_free(&r->item[i].missing);
	}
	free(r->item);
	*r = (struct releases){ 0 };
}
