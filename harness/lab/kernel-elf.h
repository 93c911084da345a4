/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The little that is wanted of ELF64 files from elsewhere (vmlinux, modules):
 * a section by its name, a note by its owner.  Nothing in the file is trusted.
 */
#ifndef LAB_KERNEL_ELF_H
#define LAB_KERNEL_ELF_H

#include <elf.h>

#include "harness/assay/basics.h"

struct elf {
	const u8 *bytes; /* the caller's */
	size_t size;
	Elf64_Ehdr header; /* a copy */
};

/* False if it is no little-endian ELF64 file. */
bool elf_open(struct elf *e, const u8 *bytes, size_t size);

/* The bytes of the first section of that name in the file, or NULL. */
const u8 *elf_section(const struct elf *e, const char *name, size_t *size);

/* Is there a note with this owner and type in a PT_NOTE segment? */
bool elf_has_note(const struct elf *e, const char *owner, u32 type);

/* Do all loaded segments lie in the file?  A cut-off vmlinux has some that do not. */
bool elf_is_whole(const struct elf *e);

#endif
