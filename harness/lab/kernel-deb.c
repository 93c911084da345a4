// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads .deb files (deb(5)): an ar archive of debian-binary, control.tar.* and
 * data.tar.*.  The inner archive is read through the outer one, so that
 * nothing but what is asked for is ever unpacked to memory or disk.
 */
#include "harness/lab/kernel-deb.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-unpack.h"

enum { CONTROL_MOST = 1 << 20, ENTRIES_MOST = 1000000, BLOCK = 1 << 16 };

/* One pass over a package: the ar archive, and one tar archive in it. */
struct pass {
	const struct deb *deb;
	struct archive *outer, *inner;
	struct problem *p;
};

static bool broken(struct pass *s, struct archive *a, const char *where)
{
	const char *why = a ? archive_error_string(a) : NULL;

	return problem_set(s->p, EXIT_USAGE, "%s: not a whole Debian package: %s%s%s; get it again",
			   s->deb->what, where, why ? ": " : "", why ? why : "");
}

static bool open_outer(struct pass *s)
{
	struct archive_entry *entry;
	char version[4] = "";
	int status;

	s->outer = archive_read_new();
	if (!s->outer)
		return problem_set(s->p, EXIT_LAB, "%s: out of memory", s->deb->what);
	archive_read_support_format_ar(s->outer);
	status = s->deb->path ? archive_read_open_filename(s->outer, s->deb->path, BLOCK)
			      : archive_read_open_memory(s->outer, s->deb->data, s->deb->size);
	if (status != ARCHIVE_OK)
		return broken(s, s->outer, "it cannot be opened");
	if (archive_read_next_header(s->outer, &entry) != ARCHIVE_OK ||
	    !archive_entry_pathname(entry) ||
	    strcmp(archive_entry_pathname(entry), "debian-binary") ||
	    archive_read_data(s->outer, version, sizeof(version)) != sizeof(version) ||
	    memcmp(version, "2.0\n", 4))
		return broken(s, NULL, "it does not begin with debian-binary 2.0");
	return true;
}

static la_ssize_t read_outer(struct archive *inner, void *context, const void **buffer)
{
	struct pass *s = context;
	la_int64_t offset;
	size_t size;
	int status = archive_read_data_block(s->outer, buffer, &size, &offset);

	if (status == ARCHIVE_EOF)
		return 0;
	if (status != ARCHIVE_OK) {
		archive_set_error(inner, EILSEQ, "%s",
				  archive_error_string(s->outer) ? archive_error_string(s->outer)
								 : "cut off");
		return -1;
	}
	return (la_ssize_t)size;
}

/* Goes to the member that begins with `prefix` ("data.tar") and opens it as a tar archive. */
static bool open_inner(struct pass *s, const char *prefix)
{
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(s->outer, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		if (name && !strncmp(name, prefix, strlen(prefix)))
			break;
	}
	if (status != ARCHIVE_OK)
		return broken(s, status == ARCHIVE_EOF ? NULL : s->outer, prefix);
	s->inner = archive_read_new();
	if (!s->inner)
		return problem_set(s->p, EXIT_LAB, "%s: out of memory", s->deb->what);
	unpack_filters(s->inner);
	archive_read_support_format_tar(s->inner);
	if (archive_read_open(s->inner, s, NULL, read_outer, NULL) != ARCHIVE_OK)
		return broken(s, s->inner, prefix);
	return true;
}

static bool read_entry(struct pass *s, const char *name, size_t size, struct bytes *content)
{
	size_t done = 0;

	*content = (struct bytes){ new_zeroed(size + 1, 1), size };
	while (done < size) {
		la_ssize_t got = archive_read_data(s->inner, content->data + done, size - done);

		if (got <= 0) {
			bytes_free(content);
			return broken(s, s->inner, name);
		}
		done += (size_t)got;
	}
	return true;
}

static const char *plain_name(const char *name)
{
	if (!strncmp(name, "./", 2))
		name += 2;
	if (!strncmp(name, "usr/", 4))
		name += 4;
	return name;
}

/* One regular file; false: stop. */
static bool visit(struct pass *s, const char *name, u64 size, const struct deb_visitor *v)
{
	size_t most = v->wants(v->context, name);
	struct bytes content;
	bool ok;

	if (!most)
		return true;
	if (size > most)
		return problem_set(
			s->p, EXIT_USAGE,
			"%s: its file %s has %llu bytes, more than the %zu that it may have",
			s->deb->what, name, (unsigned long long)size, most);
	if (!read_entry(s, name, (size_t)size, &content))
		return false;
	ok = v->takes(v->context, name, &content, s->p);
	bytes_free(&content);
	return ok;
}

static bool visit_all(struct pass *s, const char *member, const struct deb_visitor *v)
{
	u64 left = s->deb->most ? s->deb->most : DEB_MOST;
	struct archive_entry *entry;
	unsigned int entries = 0;
	int status;

	while ((status = archive_read_next_header(s->inner, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		la_int64_t size = archive_entry_size(entry);

		if (size < 0 || (u64)size > left || ++entries > ENTRIES_MOST ||
		    (u64)archive_filter_bytes(s->inner, 0) > 2 * DEB_MOST)
			return problem_set(
				s->p, EXIT_USAGE,
				"%s: unpacks to more than %llu bytes; not a kernel", s->deb->what,
				(unsigned long long)(s->deb->most ? s->deb->most : DEB_MOST));
		left -= (u64)size;
		if (name && archive_entry_filetype(entry) == AE_IFREG &&
		    !archive_entry_hardlink(entry) && !visit(s, plain_name(name), (u64)size, v))
			return false;
	}
	return status == ARCHIVE_EOF || broken(s, s->inner, member);
}

static bool pass(const struct deb *d, const char *member, const struct deb_visitor *v,
		 struct problem *p)
{
	struct pass s = { .deb = d, .p = p };
	bool ok = open_outer(&s) && open_inner(&s, member) && visit_all(&s, member, v);

	archive_read_free(s.inner);
	archive_read_free(s.outer);
	return ok;
}

bool deb_visit(const struct deb *d, const struct deb_visitor *v, struct problem *p)
{
	return pass(d, "data.tar", v, p);
}

/* --- the control file --- */

static size_t wants_control(void *context, const char *name)
{
	const struct deb_control *c = context;

	return !c->package && !strcmp(name, "control") ? CONTROL_MOST : 0;
}

static char *field_or_empty(const char *paragraph, const char *name)
{
	char *value = control_field(paragraph, name);

	return value ? value : new_string("");
}

static bool takes_control(void *context, const char *name, struct bytes *content, struct problem *p)
{
	const char *text = (const char *)content->data;

	(void)name;
	(void)p;
	*(struct deb_control *)context = (struct deb_control){
		.package = field_or_empty(text, "Package"),
		.version = field_or_empty(text, "Version"),
		.architecture = field_or_empty(text, "Architecture"),
		.depends = field_or_empty(text, "Depends"),
	};
	return true;
}

bool deb_control(const struct deb *d, struct deb_control *c, struct problem *p)
{
	struct deb_visitor v = { wants_control, takes_control, c };
	bool ok;

	*c = (struct deb_control){ 0 };
	ok = pass(d, "control.tar", &v, p);
	if (ok && (!c->package || !*c->package || !*c->version || !*c->architecture))
		ok = problem_set(
			p, EXIT_USAGE,
			"%s: not a whole Debian package: its control file names no package, "
			"version and architecture",
			d->what);
	if (!ok)
		deb_control_free(c);
	return ok;
}
