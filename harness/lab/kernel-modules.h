/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which modules of a kernel a lab may want, and what these need.  Packages
 * carry no modules.dep, and a built tree may have none: dependencies come from
 * the modules themselves.
 */
#ifndef LAB_KERNEL_MODULES_H
#define LAB_KERNEL_MODULES_H

#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-modinfo.h"

/* What a lab may load by name; the rest comes along as their dependencies. */
struct top_module {
	const char *name;
	const char *config; /* the option that builds it in or as a module */
	const char *family; /* where its parameters are if it is built in, first to last */
};

extern const struct top_module top_modules[];
extern const size_t top_module_count;

/* The family of a top by name; none if it is no top. */
struct strings top_family(const char *name);

struct module {
	char *name; /* with underscores */
	char *file; /* NAME.ko as it is called in the kernel: dashes stay */
	bool sought; /* looked for, and not there if content is empty */
	struct bytes content; /* unpacked */
	struct modinfo info;
};

struct modules {
	struct module *item;
	size_t count;
};

/* The module called so (dashes or underscores), or NULL. */
struct module *modules_find(const struct modules *m, const char *name);

/* Is a module of this file name wanted and not there yet? */
bool modules_want(const struct modules *m, const char *file);

/* Takes a module's file, packed or not, under the file's own name. */
bool modules_take(struct modules *m, const char *file, const struct bytes *packed,
		  struct problem *p);

/*
 * Fetches the wanted modules and all that they need: `fetch` is called until
 * nothing is missing, and each time hands what modules_want() to modules_take().
 */
bool modules_gather(struct modules *m,
		    bool (*fetch)(void *context, struct modules *m, struct problem *p),
		    void *context, struct problem *p);

/*
 * The file names to load for a module, in order, itself last.  None if it is
 * not there.  False: one that it needs is missing, or they need each other.
 */
bool modules_order(const struct modules *m, const char *top, struct strings *files,
		   struct problem *p);

void modules_free(struct modules *m);

#endif
