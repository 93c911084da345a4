/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a module says of itself in its section .modinfo: its name, the modules
 * that it needs, its parameters.
 */
#ifndef LAB_KERNEL_MODINFO_H
#define LAB_KERNEL_MODINFO_H

#include "harness/assay/basics.h"

struct modinfo {
	u16 machine; /* e_machine */
	char *name; /* with underscores, as in /sys/module */
	char *release; /* of the kernel that it was built for, "" if it does not say */
	struct strings depends; /* names with underscores */
	struct strings parameters;
};

/* Reads an unpacked module; `what` names it in the problem. */
bool modinfo_read(struct modinfo *m, const u8 *bytes, size_t size, const char *what,
		  struct problem *p);
void modinfo_free(struct modinfo *m);

/*
 * "kvm-amd", "kvm_amd.ko.xz" or a path: the name with underscores, without
 * suffixes; NULL if no module can be called so.  The caller frees it.
 */
char *module_name(const char *file);

/* A word of A-Z a-z 0-9 _ - that is not too long: it becomes part of paths. */
bool is_module_name(const char *name);

#endif
