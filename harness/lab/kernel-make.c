// SPDX-License-Identifier: GPL-2.0-only
/* From a source to a folder of the cache: named by its inputs, whole or not there. */
#include "harness/lab/kernel-make.h"

#include <stdlib.h>
#include <string.h>

/* To be counted up when folders are made in another way than before. */
#define RECIPE "assay kernel 2"

char *kernel_recipe(void)
{
	char *text = new_string(RECIPE), *digest;

	for (size_t i = 0; i < top_module_count; i++) {
		char *longer = new_format("%s %s", text, top_modules[i].name);

		free(text);
		text = longer;
	}
	digest = sha256_text(text);
	digest[16] = '\0';
	free(text);
	return digest;
}

bool kernel_is_current(const struct kernel *k)
{
	char *recipe = kernel_recipe();
	bool is = !strcmp(k->recipe, recipe);

	free(recipe);
	return is;
}

static int by_name(const void *a, const void *b)
{
	/* behind "SHA256  " */
	int order = strcmp(*(char *const *)a + 66, *(char *const *)b + 66);

	return order ? order : strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines "SHA256  FILE" of all inputs, by the files' names without folders. */
static bool digest_inputs(const struct kernel_source *s, struct strings *lines, struct problem *p)
{
	for (size_t i = 0; i < s->inputs.count; i++) {
		char *sha = sha256_file(s->inputs.item[i], p), *line;

		if (!sha)
			return false;
		line = new_format("%s  %s", sha, path_base(s->inputs.item[i]));
		strings_add(lines, line);
		free(line);
		free(sha);
	}
	qsort(lines->item, lines->count, sizeof(*lines->item), by_name);
	return true;
}

static char *hash_of(const struct kernel_source *s, const struct strings *digests)
{
	char *joined = strings_join(digests, "\n"), *recipe = kernel_recipe();
	char *text = new_format("%s\n%s\n%s\n", recipe, s->verified, joined);
	char *hash = sha256_text(text);

	hash[16] = '\0';
	free(joined);
	free(recipe);
	free(text);
	return hash;
}

static bool put(const char *folder, const char *name, const struct bytes *b, struct problem *p)
{
	char *path = new_format("%s/%s", folder, name);
	bool ok = !b->size || file_write(path, b->data, b->size, p);

	free(path);
	return ok;
}

/* Only what some top loads: companions that were fetched for nothing stay out. */
static bool put_modules(const struct kernel_source *s, const char *folder, struct problem *p)
{
	char *modules = new_format("%s/modules", folder);
	struct strings files = { 0 };
	bool ok = folder_make(modules, p);

	for (size_t i = 0; ok && i < top_module_count; i++)
		ok = modules_order(&s->modules, top_modules[i].name, &files, p);
	for (size_t i = 0; ok && i < files.count; i++)
		ok = put(modules, files.item[i], &modules_find(&s->modules, files.item[i])->content,
			 p);
	strings_free(&files);
	free(modules);
	return ok;
}

static bool put_all(const struct kernel_source *s, const char *folder, const char *manifest,
		    struct problem *p)
{
	const struct boot_image *boot = &s->boot;
	struct bytes json = { (u8 *)manifest, strlen(manifest) };

	return folder_make(folder, p) && put(folder, "vmlinux", &boot->vmlinux, p) &&
	       put(folder, boot->vmlinux.size ? "bzImage" : "Image", &boot->image, p) &&
	       put(folder, "config", &s->config, p) && put_modules(s, folder, p) &&
	       put(folder, "kernel.json", &json, p);
}

static bool check_arch(const struct kernel_source *s, const char *arch, struct problem *p)
{
	if (!arch || !strcmp(s->boot.arch, arch))
		return true;
	return problem_set(p, EXIT_USAGE, "%s: a kernel for %s, wanted one for %s", s->what,
			   s->boot.arch, arch);
}

static bool check_modules(const struct kernel_source *s, struct problem *p)
{
	for (size_t i = 0; i < s->modules.count; i++) {
		const struct module *m = &s->modules.item[i];

		if (m->content.size && *m->info.release && strcmp(m->info.release, s->boot.release))
			return problem_set(
				p, EXIT_USAGE,
				"%s: its %s was built for %s, the kernel is %s; build both "
				"anew",
				s->what, m->file, m->info.release, s->boot.release);
	}
	return true;
}

static bool is_made(const struct cache *c, const char *hash, const char *arch)
{
	char *folder = cache_kernel(c, hash);
	struct problem ignored;
	struct kernel k;
	bool made = kernel_load(&k, folder, &ignored);

	made = made && kernel_is_current(&k) && (!arch || !strcmp(arch, k.arch));
	kernel_free(&k);
	free(folder);
	return made;
}

static bool make(const struct cache *c, const struct kernel_source *s, const char *spec,
		 const struct strings *digests, const char *hash, struct problem *p)
{
	char *manifest = kernel_manifest(s, spec, digests, p);
	char *fresh = new_format("%s/kernel", c->work), *place = cache_kernel(c, hash);
	bool ok = manifest != NULL;

	folder_remove(place); /* what is_made() did not like */
	ok = ok && put_all(s, fresh, manifest, p) && cache_place(fresh, place, p);
	free(manifest);
	free(fresh);
	free(place);
	return ok;
}

bool kernel_make(const struct cache *c, struct kernel_source *s, const char *spec, const char *arch,
		 char **hash, struct problem *p)
{
	struct strings digests = { 0 };
	bool ok, made = false;

	*hash = NULL;
	ok = !s->packages || digest_inputs(s, &digests, p);
	if (ok && s->packages) {
		*hash = hash_of(s, &digests);
		made = is_made(c, *hash, arch);
	}
	if (ok && !made)
		ok = modules_gather(&s->modules, s->fetch, s, p) && check_arch(s, arch, p) &&
		     check_modules(s, p);
	if (ok && !s->packages) {
		ok = digest_inputs(s, &digests, p);
		*hash = ok ? hash_of(s, &digests) : NULL;
		made = ok && is_made(c, *hash, arch);
	}
	if (ok && !made)
		ok = make(c, s, spec, &digests, *hash, p);
	strings_free(&digests);
	if (!ok) {
		free(*hash);
		*hash = NULL;
	}
	return ok;
}
