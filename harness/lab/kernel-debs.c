// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel out of Debian packages; see kernel-source.h.  Until 6.18 one
 * package, linux-image-RELEASE, holds it; from 6.19 on linux-image-RELEASE is
 * empty and depends on linux-binary- (the bzImage), linux-modules- and
 * linux-base-RELEASE (its configuration).
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-release.h"
#include "harness/lab/kernel-source.h"

/* What a visit to one package may take, and into what. */
struct visit {
	struct kernel_source *source;
	struct modules *modules;
};

enum part { PART_NONE, PART_IMAGE, PART_CONFIG, PART_BUILTIN, PART_MODULE };

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* boot/vmlinuz-REL and boot/config-REL, or lib/modules/REL/vmlinuz and config. */
static enum part part_of(const char *name)
{
	const char *base = path_base(name);
	bool boot = begins(name, "boot/"), lib = begins(name, "lib/modules/");

	if ((boot && begins(base, "vmlinuz-")) || (lib && !strcmp(base, "vmlinuz")))
		return PART_IMAGE;
	if ((boot && begins(base, "config-")) || (lib && !strcmp(base, "config")))
		return PART_CONFIG;
	if (lib && !strcmp(base, "modules.builtin"))
		return PART_BUILTIN;
	return lib && strstr(base, ".ko") ? PART_MODULE : PART_NONE;
}

static size_t wants(void *context, const char *name)
{
	const struct visit *v = context;
	const struct kernel_source *s = v->source;

	switch (part_of(name)) {
	case PART_IMAGE:
		return s->image_file.size || s->boot.release ? 0 : BOOT_FILE_MOST;
	case PART_CONFIG:
		return s->config.size ? 0 : CONFIG_MOST;
	case PART_BUILTIN:
		return s->builtin.size ? 0 : BUILTIN_MOST;
	case PART_MODULE:
		return modules_want(v->modules, name) ? BOOT_FILE_MOST : 0;
	case PART_NONE:
		break;
	}
	return 0;
}

static bool takes(void *context, const char *name, struct bytes *content, struct problem *p)
{
	struct visit *v = context;
	struct bytes *place = NULL;

	switch (part_of(name)) {
	case PART_IMAGE:
		place = &v->source->image_file;
		break;
	case PART_CONFIG:
		place = &v->source->config;
		break;
	case PART_BUILTIN:
		place = &v->source->builtin;
		break;
	case PART_MODULE:
		return modules_take(v->modules, name, content, p);
	case PART_NONE:
		return true;
	}
	*place = *content;
	*content = (struct bytes){ 0 };
	return true;
}

static bool fetch(void *context, struct modules *m, struct problem *p)
{
	struct kernel_source *s = context;
	struct visit visit = { s, m };
	struct deb_visitor v = { wants, takes, &visit };

	for (size_t i = 0; i < s->inputs.count; i++) {
		struct deb d = { .what = s->inputs.item[i], .path = s->inputs.item[i] };

		if (!deb_visit(&d, &v, p))
			return false;
	}
	if (s->boot.release)
		return true;
	if (!s->image_file.size)
		return problem_set(p, EXIT_USAGE,
				   "%s: holds no kernel; give linux-image-RELEASE or "
				   "linux-binary-RELEASE",
				   s->what);
	return boot_image_read(&s->boot, &s->image_file, s->what, p);
}

bool source_open_debs(struct kernel_source *s, const struct strings *debs, struct problem *p)
{
	struct deb d = { .what = debs->item[0], .path = debs->item[0] };
	struct deb_control c;

	*s = (struct kernel_source){ .packages = true, .verified = VERIFIED_NO, .fetch = fetch };
	if (!deb_control(&d, &c, p))
		return false;
	s->what = new_string(debs->item[0]);
	s->version = new_string(c.version);
	for (size_t i = 0; i < debs->count; i++)
		strings_add(&s->inputs, debs->item[i]);
	deb_control_free(&c);
	return true;
}

/* --- siblings of a user's package --- */

static bool is_sibling(const char *path, const char *name, const struct deb_control *like)
{
	struct deb d = { .what = path, .path = path };
	struct problem ignored = { 0 };
	struct deb_control c;
	bool is;

	if (!deb_control(&d, &c, &ignored))
		return false;
	is = !strcmp(c.package, name) && !strcmp(c.version, like->version) &&
	     !strcmp(c.architecture, like->architecture);
	deb_control_free(&c);
	return is;
}

/* NAME_*.deb beside it, of the same version and architecture; the caller frees it. */
static char *find_sibling(const char *folder, const char *name, const struct deb_control *like)
{
	char *prefix = new_format("%s_", name), *found = NULL;
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && !found && (entry = readdir(d))) {
		size_t length = strlen(entry->d_name);

		if (!begins(entry->d_name, prefix) || length < 4 ||
		    strcmp(entry->d_name + length - 4, ".deb"))
			continue;
		found = new_format("%s/%s", folder, entry->d_name);
		if (!is_sibling(found, name, like)) {
			free(found);
			found = NULL;
		}
	}
	if (d)
		closedir(d);
	free(prefix);
	return found;
}

/* Adds the packages that one needs to the list; those that are not there to `missing`. */
static bool add_siblings(struct strings *debs, struct strings *names, size_t of,
			 struct strings *missing, struct problem *p)
{
	struct deb d = { .what = debs->item[of], .path = debs->item[of] };
	struct deb_control c;
	struct strings needs;
	char *folder;

	if (!deb_control(&d, &c, p))
		return false;
	folder = path_folder(debs->item[of]);
	needs = release_siblings(c.package, c.depends);
	for (size_t i = 0; i < needs.count; i++) {
		char *path;

		if (strings_have(names, needs.item[i]))
			continue;
		strings_add(names, needs.item[i]);
		path = find_sibling(folder, needs.item[i], &c);
		if (path || !release_package_optional(needs.item[i]))
			strings_add(path ? debs : missing, path ? path : needs.item[i]);
		free(path);
	}
	strings_free(&needs);
	free(folder);
	deb_control_free(&c);
	return true;
}

bool source_open_deb(struct kernel_source *s, const char *path, struct problem *p)
{
	struct strings debs = { 0 }, names = { 0 }, missing = { 0 };
	char *list;
	bool ok = true;

	*s = (struct kernel_source){ 0 };
	strings_add(&debs, path);
	for (size_t i = 0; ok && i < debs.count; i++)
		ok = add_siblings(&debs, &names, i, &missing, p);
	list = strings_join(&missing, ", ");
	if (ok && missing.count)
		ok = problem_set(p, EXIT_USAGE,
				 "%s: also needs the packages %s of the same version; put them "
				 "beside it",
				 path, list);
	ok = ok && source_open_debs(s, &debs, p);
	free(list);
	strings_free(&debs);
	strings_free(&names);
	strings_free(&missing);
	return ok;
}
