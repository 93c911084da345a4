/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mirrors of Debian's archive that this machine's apt uses: no host name
 * stands in this project.
 */
#ifndef LAB_KERNEL_MIRROR_H
#define LAB_KERNEL_MIRROR_H

#include "harness/assay/basics.h"

struct mirror {
	char *uri; /* without a slash at its end */
	char *signed_by; /* a path of a keyring, or "" */
	bool security;
};

struct mirrors {
	struct mirror *item;
	size_t count;
};

/* Adds those of one file: *.sources (deb822-style), or *.list (one line each). */
void mirrors_add(struct mirrors *m, const char *file_name, const char *text);

/* Of sources.list and sources.list.d, wherever apt has them.  None is EXIT_LAB. */
bool mirrors_read(struct mirrors *m, struct problem *p);
void mirrors_free(struct mirrors *m);

#endif
