// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's first root: the driver as /init, the modules with the list that
 * init loads them by (harness/driver/init.h), and all payloads, so that one
 * booted machine serves every area.
 */
#include "harness/lab/lab.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness/driver/init.h"
#include "harness/lab/kernel-files.h"

/* Modules are the largest; kvm.ko with debug information has some 40 MB. */
enum { FILE_MOST = 256 << 20 };

struct writer {
	struct archive *archive;
	struct archive_entry *entry;
	struct problem *p;
	bool ok;
};

static void failed(struct writer *w, const char *path, const char *why)
{
	if (w->ok)
		problem_set(w->p, EXIT_LAB, "lab: %s does not get into the initramfs: %s", path,
			    why);
	w->ok = false;
}

static void begin(struct writer *w, const char *name, mode_t mode, size_t size)
{
	archive_entry_clear(w->entry);
	/* The archive's names have no leading slash. */
	archive_entry_set_pathname(w->entry, name + (*name == '/'));
	archive_entry_set_mode(w->entry, mode);
	archive_entry_set_size(w->entry, (la_int64_t)size);
}

static void add_bytes(struct writer *w, const void *bytes, size_t size)
{
	if (archive_write_header(w->archive, w->entry) != ARCHIVE_OK ||
	    (size && archive_write_data(w->archive, bytes, size) != (la_ssize_t)size))
		failed(w, archive_entry_pathname(w->entry), archive_error_string(w->archive));
}

static void add_folder(struct writer *w, const char *name)
{
	begin(w, name, S_IFDIR | 0755, 0);
	add_bytes(w, NULL, 0);
}

/* Without it the kernel gives init no standard output. */
static void add_console(struct writer *w)
{
	begin(w, "/dev/console", S_IFCHR | 0600, 0);
	archive_entry_set_rdev(w->entry, makedev(5, 1));
	add_bytes(w, NULL, 0);
}

static void add_file(struct writer *w, const char *name, const char *path)
{
	struct bytes file;

	if (!w->ok)
		return;
	w->ok = file_read(path, FILE_MOST, &file, w->p);
	if (!w->ok)
		return;
	begin(w, name, S_IFREG | 0755, file.size);
	add_bytes(w, file.data, file.size);
	bytes_free(&file);
}

static void add_modules(struct writer *w, const struct lab *lab)
{
	char *list = NULL, *name, *path;
	size_t size;
	FILE *out = open_memstream(&list, &size);

	for (size_t i = 0; i < lab->modules.count; i++) {
		const char *line = lab->modules.item[i];
		int length = (int)strcspn(line, " ");

		path = new_format("%.*s", length, line);
		name = new_format("/lab/%s", path_base(path));
		fprintf(out, "%s%s\n", name, line + length);
		add_file(w, name, path);
		free(name);
		free(path);
	}
	fclose(out);
	begin(w, LAB_MODULES, S_IFREG | 0644, size);
	add_bytes(w, list, size);
	free(list);
}

bool initramfs_write(const struct lab *lab, const char *path, struct problem *p)
{
	struct writer w = {
		.archive = archive_write_new(), .entry = archive_entry_new(), .p = p, .ok = true
	};

	archive_write_set_format_cpio_newc(w.archive);
	archive_write_set_bytes_in_last_block(w.archive, 1);
	if (archive_write_open_filename(w.archive, path) != ARCHIVE_OK)
		failed(&w, path, archive_error_string(w.archive));
	if (w.ok) {
		add_folder(&w, "/dev");
		add_console(&w);
		add_folder(&w, "/lab");
		add_folder(&w, LAB_IMAGES);
		add_file(&w, "/init", lab->driver);
		add_modules(&w, lab);
	}
	for (size_t i = 0; w.ok && i < lab->images.count; i++) {
		char *name = new_format(LAB_IMAGES "%s", path_base(lab->images.item[i]));

		add_file(&w, name, lab->images.item[i]);
		free(name);
	}
	if (archive_write_close(w.archive) != ARCHIVE_OK)
		failed(&w, path, archive_error_string(w.archive));
	archive_entry_free(w.entry);
	archive_write_free(w.archive);
	return w.ok;
}
