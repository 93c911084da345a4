// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel out of single files: a boot image named by itself, or a folder with
 * one (a built tree, or one that a build was copied to).  Modules are looked
 * for in the tree, in lib/modules/RELEASE beside the image, and beside it.
 */
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/kernel-source.h"

enum { VMLINUX_MOST = 1 << 30, ORDER_MOST = 16 << 20, DEEP = 16 };

/* Where a folder may hold its boot image, by the caller's architecture first. */
static const struct {
	const char *arch, *path;
} images[] = {
	{ "amd64", "arch/x86/boot/bzImage" },
	{ "arm64", "arch/arm64/boot/Image" },
	{ "arm64", "arch/arm64/boot/vmlinuz.efi" },
	{ "arm64", "arch/arm64/boot/Image.gz" },
	{ "amd64", "bzImage" },
	{ "arm64", "Image" },
	{ NULL, "vmlinuz" },
	{ NULL, "vmlinux" },
};

static char *find_image(const char *folder, const char *arch)
{
	for (int other = 0; other < 2; other++)
		for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
			char *path;

			if (arch && images[i].arch && !other != !strcmp(arch, images[i].arch))
				continue;
			path = new_format("%s/%s", folder, images[i].path);
			if (file_exists(path))
				return path;
			free(path);
		}
	return NULL;
}

/* .../arch/x86/boot/bzImage stands for the tree around it. */
static char *tree_of_image(const char *image)
{
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		size_t length = strlen(image), tail = strlen(images[i].path);

		if (strncmp(images[i].path, "arch/", 5) || length <= tail ||
		    strcmp(image + length - tail, images[i].path) ||
		    image[length - tail - 1] != '/')
			continue;
		return new_format("%.*s", (int)(length - tail - 1), image);
	}
	return path_folder(image);
}

/* The first of these files that is there becomes *text, and one of the inputs. */
static bool read_text(struct kernel_source *s, const char *const *paths, size_t count, size_t most,
		      struct bytes *text, struct problem *p)
{
	for (size_t i = 0; i < count; i++) {
		if (!file_exists(paths[i]))
			continue;
		strings_add(&s->inputs, paths[i]);
		return file_read(paths[i], most, text, p);
	}
	return true;
}

static bool read_texts(struct kernel_source *s, const char *root, struct problem *p)
{
	const char *release = s->boot.release;
	char *config[] = { new_format("%s/.config", root), new_format("%s/config", root),
			   new_format("%s/config-%s", root, release),
			   new_format("%s/lib/modules/%s/config", root, release) };
	char *builtin[] = { new_format("%s/modules.builtin", root),
			    new_format("%s/lib/modules/%s/modules.builtin", root, release),
			    new_format("%s/../lib/modules/%s/modules.builtin", root, release) };
	bool ok = read_text(s, (const char *const *)config, ARRAY_SIZE(config), CONFIG_MOST,
			    &s->config, p) &&
		  read_text(s, (const char *const *)builtin, ARRAY_SIZE(builtin), BUILTIN_MOST,
			    &s->builtin, p);

	for (size_t i = 0; i < ARRAY_SIZE(config); i++)
		free(config[i]);
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		free(builtin[i]);
	return ok;
}

/* --- modules --- */

static bool take(struct kernel_source *s, struct modules *m, const char *path, struct problem *p)
{
	struct bytes packed;
	bool ok;

	if (!modules_want(m, path))
		return true;
	if (!file_read(path, VMLINUX_MOST, &packed, p))
		return false;
	ok = modules_take(m, path, &packed, p);
	bytes_free(&packed);
	if (ok)
		strings_add(&s->inputs, path);
	return ok;
}

/*
 * A line of modules.order: "kernel/arch/x86/kvm/kvm.ko", in newer trees
 * "arch/x86/kvm/kvm.o".  The file lies there, or without "kernel/".
 */
static bool take_line(struct kernel_source *s, struct modules *m, const char *folder,
		      const char *line, struct problem *p)
{
	static const char *const suffixes[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };
	bool ok = true;

	if (!modules_want(m, line) || strstr(line, ".."))
		return true;
	for (size_t i = 0; ok && i < 2 * ARRAY_SIZE(suffixes); i++) {
		bool bare = i & 1 && !strncmp(line, "kernel/", 7);
		const char *name = bare ? line + 7 : line;
		char *path = new_format("%s/%.*s%s", folder,
					(int)(strrchr(name, '.') ? strrchr(name, '.') - name
								 : (ptrdiff_t)strlen(name)),
					name, suffixes[i / 2]);

		if (file_exists(path))
			ok = take(s, m, path, p);
		free(path);
	}
	return ok;
}

static bool take_listed(struct kernel_source *s, struct modules *m, const char *folder,
			const char *order, struct problem *p)
{
	struct strings lines;
	struct bytes text;
	bool ok = true;

	if (!file_read(order, ORDER_MOST, &text, p))
		return false;
	lines = strings_split((const char *)text.data, '\n');
	for (size_t i = 0; ok && i < lines.count; i++)
		ok = take_line(s, m, folder, lines.item[i], p);
	strings_free(&lines);
	bytes_free(&text);
	return ok;
}

/* Any .ko below a folder; links are not followed, so that it ends. */
static bool take_found(struct kernel_source *s, struct modules *m, const char *folder, int deep,
		       struct problem *p)
{
	char *paths[] = { (char *)folder, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	bool ok = true;
	FTSENT *e;

	while (ok && walk && (e = fts_read(walk))) {
		if (e->fts_info == FTS_D && e->fts_level >= deep)
			fts_set(walk, e, FTS_SKIP);
		if ((e->fts_info == FTS_F || e->fts_info == FTS_NSOK) && strstr(e->fts_name, ".ko"))
			ok = take(s, m, e->fts_path, p);
	}
	if (walk)
		fts_close(walk);
	return ok;
}

static bool fetch(void *context, struct modules *m, struct problem *p)
{
	struct kernel_source *s = context;
	bool ok = true;

	for (size_t i = 0; ok && i < s->folders.count; i++) {
		const char *folder = s->folders.item[i];
		char *order = new_format("%s/modules.order", folder);
		char *source = new_format("%s/Kbuild", folder);

		if (file_exists(order))
			ok = take_listed(s, m, folder, order, p);
		else if (folder_exists(folder))
			ok = take_found(s, m, folder, i && !file_exists(source) ? DEEP : 1, p);
		free(order);
		free(source);
	}
	return ok;
}

static void add_folder(struct kernel_source *s, char *path)
{
	strings_add(&s->folders, path);
	free(path);
}

bool source_open_tree(struct kernel_source *s, const char *path, const char *arch,
		      struct problem *p)
{
	bool folder = folder_exists(path);
	char *image = folder ? find_image(path, arch) : new_string(path);
	char *root = folder ? new_string(path) : tree_of_image(path);
	struct bytes file;
	bool ok;

	*s = (struct kernel_source){ .what = new_string(path),
				     .version = new_string(""),
				     .verified = VERIFIED_NO,
				     .fetch = fetch };
	ok = image ||
	     problem_set(p, EXIT_USAGE,
			 "%s: holds no kernel: no arch/x86/boot/bzImage, "
			 "arch/arm64/boot/Image, bzImage, Image, vmlinuz or vmlinux; build it "
			 "first",
			 path);
	ok = ok && file_read(image, VMLINUX_MOST, &file, p) &&
	     boot_image_read(&s->boot, &file, image, p);
	if (ok) {
		strings_add(&s->inputs, image);
		strings_add(&s->folders, root);
		add_folder(s, new_format("%s/modules", root));
		add_folder(s, new_format("%s/lib/modules/%s", root, s->boot.release));
		add_folder(s, new_format("%s/../lib/modules/%s", root, s->boot.release));
		ok = read_texts(s, root, p);
	}
	free(image);
	free(root);
	return ok;
}
