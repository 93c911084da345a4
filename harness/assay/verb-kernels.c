// SPDX-License-Identifier: GPL-2.0-only
/* assay kernels: which kernels of Debian's archive can be had, and getting them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/assay/glob.h"
#include "harness/assay/kernels-print.h"
#include "harness/assay/verbs.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-release.h"

struct kernels_options {
	const char *arch;
	const char *between;
	const char *format;
	bool get;
	bool refresh;
	bool take_unsigned;
};

static const struct argument arguments[] = {
	{ "arch", "amd64|arm64", "of this architecture; amd64 if not given", ARGUMENT_CHOICE,
	  offsetof(struct kernels_options, arch), 0, 0 },
	{ "between", "A B", "the kernels from A to B, by version; of their flavour", ARGUMENT_TEXT,
	  offsetof(struct kernels_options, between), 0, 0 },
	{ "get", NULL, "fetch and unpack them into the cache", ARGUMENT_SWITCH,
	  offsetof(struct kernels_options, get), 0, 0 },
	{ "refresh", NULL, "ask the mirror, even if that was done today", ARGUMENT_SWITCH,
	  offsetof(struct kernels_options, refresh), 0, 0 },
	{ "unsigned", NULL, "with --get: also files that no signed index names", ARGUMENT_SWITCH,
	  offsetof(struct kernels_options, take_unsigned), 0, 0 },
	{ "format", "text|jsonl", "lines for people, or one JSON object a kernel", ARGUMENT_CHOICE,
	  offsetof(struct kernels_options, format), 0, 0 },
};

static bool is_json(const struct kernels_options *o)
{
	return o->format && !strcmp(o->format, "jsonl");
}

/* What the command line selects. */
struct selected {
	struct strings globs; /* of releases; none: all */
	struct strings specs; /* operands that say all by themselves */
	char *first, *last; /* of --between, or NULL */
	const char *flavour;
};

/* debian:RELEASE is what a user copies from elsewhere. */
static const char *bare(const char *release)
{
	return strncmp(release, "debian:", 7) ? release : release + 7;
}

/* A path, or a version that is in no index: a spec, and no pattern over what there is. */
static bool is_spec(const char *operand)
{
	return strchr(operand, '/') || strchr(operand, '=') || !access(operand, F_OK);
}

/* --between A B: B is the first operand; or --between A..B. */
static bool split_between(struct selected *s, const struct kernels_options *o,
			  const struct strings *operands, size_t *used, struct problem *p)
{
	const char *dots = strstr(o->between, "..");

	if (!dots && !operands->count)
		return problem_set(p, EXIT_USAGE, "--between needs two releases: --between A B");
	s->first = dots ? new_format("%.*s", (int)(dots - o->between), o->between)
			: new_string(o->between);
	s->last = new_string(dots ? dots + 2 : operands->item[0]);
	*used = !dots;
	s->flavour = release_flavour(bare(s->first));
	if (!strcmp(s->flavour, release_flavour(bare(s->last))))
		return true;
	return problem_set(p, EXIT_USAGE,
			   "--between %s %s: of two flavours; give two releases of one", s->first,
			   s->last);
}

static bool select_kernels(struct selected *s, const struct kernels_options *o,
			   const struct strings *operands, struct problem *p)
{
	size_t used = 0;

	*s = (struct selected){ 0 };
	if (o->between && !split_between(s, o, operands, &used, p))
		return false;
	for (size_t i = used; i < operands->count; i++)
		if (is_spec(operands->item[i]))
			strings_add(&s->specs, operands->item[i]);
		else
			strings_add(&s->globs, bare(operands->item[i]));
	if (o->get && !operands->count && !o->between)
		return problem_set(p, EXIT_USAGE,
				   "--get without a pattern would fetch every kernel; say which");
	if (s->specs.count && !o->get)
		return problem_set(p, EXIT_USAGE, "'%s' is no pattern; add --get to have it",
				   s->specs.item[0]);
	return true;
}

static void selected_free(struct selected *s)
{
	strings_free(&s->globs);
	strings_free(&s->specs);
	free(s->first);
	free(s->last);
}

static bool matches(const struct selected *s, const struct release *r)
{
	bool match = !s->globs.count;

	for (size_t i = 0; !match && i < s->globs.count; i++)
		match = glob_match(s->globs.item[i], r->name);
	return match && (!s->flavour || !strcmp(s->flavour, release_flavour(r->name)));
}

/* The folder in the cache, or NULL; the caller frees it. */
static char *cached_folder(const struct cache *c, const char *release)
{
	char *spec = new_format("debian:%s", release), *hash = cache_spec(c, spec);
	char *folder = hash ? cache_kernel(c, hash) : NULL;

	free(spec);
	free(hash);
	if (folder && folder_exists(folder))
		return folder;
	free(folder);
	return NULL;
}

/* One that fails does not hide the others: its line goes to standard error. */
static int get(const char *spec, const char *arch, const struct kernels_options *print)
{
	struct problem p = { 0 };
	struct kernel k;

	if (kernel_get(&k, spec, arch, &p)) {
		if (print)
			kernels_print(&k, is_json(print));
		kernel_free(&k);
		return EXIT_EXPECTED;
	}
	fprintf(stderr, "assay: ");
	print_clean(stderr, p.text, "");
	putc('\n', stderr);
	return p.status;
}

static int print_release(const struct release *r, const struct cache *c,
			 const struct kernels_options *o)
{
	const char *arch = o->arch ? o->arch : "amd64";
	int status = EXIT_EXPECTED;
	char *folder;

	if (o->get) {
		char *spec = new_format("debian:%s", r->name);

		status = get(spec, arch, NULL);
		free(spec);
	}
	folder = cached_folder(c, r->name);
	kernels_print_release(r, arch, folder, is_json(o));
	free(folder);
	return status;
}

static bool find_range(const struct selected *s, const struct releases *all, size_t *from,
		       size_t *to, struct problem *p)
{
	const struct release *first, *last;

	*from = 0;
	*to = all->count;
	if (!s->first)
		return true;
	first = releases_find(all, bare(s->first));
	last = releases_find(all, bare(s->last));
	if (!first || !last)
		return releases_unknown(all, bare(first ? s->last : s->first), p);
	/* Either order: a regression hunt goes both ways. */
	*from = MIN((size_t)(first - all->item), (size_t)(last - all->item));
	*to = MAX((size_t)(first - all->item), (size_t)(last - all->item)) + 1;
	return true;
}

static int print_releases(const struct releases *all, const struct selected *s,
			  const struct cache *c, const struct kernels_options *o, struct problem *p)
{
	int status = EXIT_EXPECTED, one;
	size_t from, to, printed = 0;

	if (!find_range(s, all, &from, &to, p))
		return p->status;
	for (size_t i = from; i < to; i++) {
		if (!matches(s, &all->item[i]))
			continue;
		one = print_release(&all->item[i], c, o);
		status = MAX(status, one);
		printed++;
	}
	if (!printed)
		releases_unknown(all, s->globs.count ? s->globs.item[0] : "", p);
	return status;
}

static int kernels(void *options, const struct strings *operands, struct problem *p)
{
	const struct kernels_options *o = options;
	const char *arch = o->arch ? o->arch : "amd64";
	struct cache c = { .lock = -1 };
	int status = EXIT_EXPECTED, one;
	struct releases all = { 0 };
	struct index x = { 0 };
	struct selected s;
	bool listed;

	if (o->take_unsigned)
		setenv("ASSAY_UNSIGNED_KERNELS", "1", 1);
	if (!select_kernels(&s, o, operands, p)) {
		selected_free(&s);
		return p->status;
	}
	for (size_t i = 0; i < s.specs.count; i++) {
		one = get(s.specs.item[i], o->arch, o);
		status = MAX(status, one);
	}
	listed = s.globs.count || s.first || !s.specs.count;
	if (listed && cache_open(&c, p) && index_get(&x, &c, arch, o->refresh, p)) {
		/* Getting takes the lock by itself. */
		cache_unlock(&c);
		releases_make(&all, &x);
		one = print_releases(&all, &s, &c, o, p);
		status = MAX(status, one);
	}
	releases_free(&all);
	index_free(&x);
	cache_close(&c);
	selected_free(&s);
	return status;
}

const struct verb verb_kernels = {
	.name = "kernels",
	.operands = "[PATTERN...]",
	.meaning = "kernels of Debian's archive that can be judged; --get fetches them",
	.example = "assay kernels '6.12.*-cloud-amd64'",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct kernels_options),
	.run = kernels,
};
