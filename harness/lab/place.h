/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the place `lab`: what is written behind the @ of a target. */
#ifndef ASSAY_PLACE_H
#define ASSAY_PLACE_H

#include "harness/assay/basics.h"

/* Name, what it takes ("a|b", NUMBER or TEXT), the value if none is given ("": machine.c), meaning. */
#define PLACE_OPTIONS(X)                                                                           \
	X(KERNEL, "kernel", "TEXT", "", "the kernel to boot: a file, a tree, or debian:RELEASE")   \
	X(MACHINE, "machine", "microvm|pc|bochs|virt", "", "the emulated machine; virt is arm64's") \
	X(LA57, "la57", "0|1", "0", "let the kernel itself run in 5-level paging")                 \
	X(MEMORY, "memory", "NUMBER", "", "MiB")                                                   \
	X(CPUS, "cpus", "NUMBER", "", "processors; on x86 more than one was seen to be unreliable") \
	X(CPU, "cpu", "TEXT", "", "the emulator's model of a processor")                           \
	X(QEMU, "qemu", "TEXT", "", "another QEMU than in PATH, another Bochs than of make bochs") \
	X(COLD, "cold", "0|1", "0", "boot for every image instead of restoring a snapshot")

enum place_option {
#define PLACE_OPTION(NAME, name, values, initial, meaning) PLACE_##NAME,
	PLACE_OPTIONS(PLACE_OPTION)
#undef PLACE_OPTION
		PLACE_OPTION_COUNT,
};

struct place {
	const char *value[PLACE_OPTION_COUNT]; /* never NULL */
};

/* "NAME=VALUE" each; the texts stay in use.  False: p says which and what it takes. */
bool place_parse(struct place *place, char *const *options, size_t count, struct problem *p);

/* Is there an option of that name?  For a word to whoever wrote it before the @. */
bool place_has(const char *name, size_t length);

const char *place_name(enum place_option option);

static inline bool place_is(const struct place *place, enum place_option o, char value)
{
	return place->value[o][0] == value;
}

#endif
