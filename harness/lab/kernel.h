/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels by name: what a user calls a kernel becomes a folder in the cache
 * that a lab can boot.  doc/kernels.md has the grammar of a spec, the layout of
 * the folder and the format of its kernel.json.
 *
 *   struct kernel k;
 *   struct problem p;
 *
 *   if (!kernel_get(&k, "debian:6.12.57+deb12-cloud-amd64", "amd64", &p))
 *           return complain(&p);
 *   load = kernel_modules(&k, "kvm-amd");
 *   ...
 *   kernel_free(&k);
 */
#ifndef LAB_KERNEL_H
#define LAB_KERNEL_H

#include "harness/assay/basics.h"

/* A module that can be asked for by name, and the files to load for it, in order. */
struct kernel_top {
	char *name; /* as it was asked for: "kvm-amd" */
	struct strings files; /* absolute paths, dependencies first */
	struct strings modules; /* the same as names in /sys/module: "kvm_amd" */
};

/* A module, loadable or built in, and its parameters. */
struct kernel_module {
	char *name; /* as in /sys/module: "kvm_amd" */
	struct strings parameters;
};

struct kernel {
	char *folder; /* absolute path in the cache */
	char *hash; /* 16 hexadecimal digits: the same inputs, the same hash */
	char *spec; /* as the user wrote it */
	char *release; /* uname -r */
	char *version; /* of the package; "" for a tree or a file */
	char *arch; /* "amd64" or "arm64" */
	char *recipe; /* which recipe of Assay's made the folder */
	char *verified; /* how its files were checked, in words */
	char *kvm; /* "module", "builtin", or "none": this kernel cannot be judged */
	char *vmlinux; /* absolute path of the unpacked ELF, or NULL: arm64 has an Image only */
	char *image; /* absolute path of the bzImage or the arm64 Image, or NULL */
	char *config; /* absolute path of its configuration, or NULL */
	bool pvh; /* the vmlinux can be booted through its PVH note */
	struct kernel_top *top;
	size_t tops;
	struct strings builtin; /* tops that need no loading, as names in /sys/module */
	struct kernel_module *module;
	size_t modules;
};

/*
 * Turns a spec into a kernel: finds it in the cache, or fetches, checks and
 * unpacks it there.  `arch` is "amd64", "arm64", or NULL for whatever the spec
 * is.  A debian: spec that is in the cache costs no network and no apt.
 *
 * EXIT_USAGE: no such release (near ones are named), a broken package, not a
 * kernel, another architecture.  EXIT_LAB: no mirror, a full disk.
 * Nothing half is left in the cache.
 */
bool kernel_get(struct kernel *k, const char *spec, const char *arch, struct problem *p);

/* Reads kernel.json of a folder of the cache and checks that what it names is there. */
bool kernel_load(struct kernel *k, const char *folder, struct problem *p);

/*
 * The files to load for a module, in order, or NULL if the kernel has no such
 * module.  Dashes and underscores are the same.
 */
const struct strings *kernel_modules(const struct kernel *k, const char *top);

/* Is it part of the kernel itself? */
bool kernel_has_builtin(const struct kernel *k, const char *top);

/*
 * Which module has a parameter: of those that are loaded for `top`, the last
 * that declares it ("npt" of "kvm-amd": kvm_amd; "tdp_mmu": kvm).  For a
 * built-in top those that would have been loaded are looked at.  *module is a
 * new string, as in /sys/module.  False: none has it.
 */
bool kernel_parameter(const struct kernel *k, const char *top, const char *name, char **module);

void kernel_free(struct kernel *k);

#endif
