/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debian packages: what the control file says, and single files out of the
 * data.  A package is hostile: nothing is ever written under a name from it,
 * only regular files count, and how much may come out is limited.
 */
#ifndef LAB_KERNEL_DEB_H
#define LAB_KERNEL_DEB_H

#include "harness/lab/kernel-files.h"

struct deb {
	const char *what; /* its name in problems */
	const char *path; /* NULL: the bytes below */
	const u8 *data;
	size_t size;
	u64 most; /* unpacked bytes, all together; 0: DEB_MOST */
};

#define DEB_MOST (4ull << 30)

/* Fields of the control file, "" where it lacks them. */
struct deb_control {
	char *package;
	char *version;
	char *architecture;
	char *depends;
};

bool deb_control(const struct deb *d, struct deb_control *c, struct problem *p);
void deb_control_free(struct deb_control *c);

/*
 * Goes over the regular files of the data, in its order, once.  Names have no
 * leading "./" and "usr/", so that a merged /usr makes no difference.
 */
struct deb_visitor {
	/* How many bytes it may have, 0: not wanted. */
	size_t (*wants)(void *context, const char *name);
	/* Takes the content if it empties *content; false: stop, with p set. */
	bool (*takes)(void *context, const char *name, struct bytes *content, struct problem *p);
	void *context;
};

bool deb_visit(const struct deb *d, const struct deb_visitor *v, struct problem *p);

/* A field of a control file or a paragraph of an index, its lines joined; NULL if it has none. */
char *control_field(const char *paragraph, const char *name);

/* The package names of a Depends field: the first of alternatives, without versions. */
struct strings depends_names(const char *depends);

#endif
