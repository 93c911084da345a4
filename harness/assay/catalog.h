/* SPDX-License-Identifier: GPL-2.0-only */
/* All tests of a build, read from its payload images without running any. */
#ifndef ASSAY_CATALOG_H
#define ASSAY_CATALOG_H

#include "harness/assay/arch.h"
#include "harness/assay/basics.h"
#include "harness/driver/image.h"

struct area {
	char *name;
	enum arch arch;
	struct image image;
};

struct catalog {
	struct area *area;
	size_t areas;
};

/* Opens every image; on failure nothing is left open. */
bool catalog_open(struct catalog *c, const char *build, struct problem *p);
void catalog_close(struct catalog *c);

/* No id and no sentence stands twice, in any image. */
bool catalog_check_unique(const struct catalog *c, struct problem *p);

/* What a command line asks for; empty lists and NULL mean everything. */
struct selection {
	const struct strings *globs; /* over ids: one must match */
	const struct strings *areas;
	const char *fixes; /* a commit id, or its beginning */
};

struct picked {
	const struct area *area;
	unsigned int index; /* of the test in its image */
};

/*
 * The selected tests in the order of areas and images, each once; a glob, an
 * area or a fix that selects nothing is a problem.  Internal tests are
 * selected only by --area or by a glob that names their area.
 */
bool catalog_select(const struct catalog *c, const struct selection *s, struct picked **picked,
		    size_t *count, struct problem *p);

static inline const struct image_test *picked_test(const struct picked *p)
{
	return &p->area->image.test[p->index];
}

#endif
