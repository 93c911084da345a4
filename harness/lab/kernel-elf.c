// SPDX-License-Identifier: GPL-2.0-only
/* Sections and notes of ELF64 files; see kernel-elf.h. */
#include "harness/lab/kernel-elf.h"

#include <string.h>

static bool in_file(const struct elf *e, u64 offset, u64 length)
{
	return offset <= e->size && length <= e->size - offset;
}

bool elf_open(struct elf *e, const u8 *bytes, size_t size)
{
	*e = (struct elf){ .bytes = bytes, .size = size };
	if (size < sizeof(e->header))
		return false;
	memcpy(&e->header, bytes, sizeof(e->header));
	return !memcmp(e->header.e_ident, ELFMAG, SELFMAG) &&
	       e->header.e_ident[EI_CLASS] == ELFCLASS64 &&
	       e->header.e_ident[EI_DATA] == ELFDATA2LSB;
}

/* Offsets below are at most 2^16 headers of 64 bytes behind a checked start: no overflow. */
static bool section_header(const struct elf *e, unsigned int n, Elf64_Shdr *s)
{
	u64 offset = (u64)n * sizeof(*s);

	if (n >= e->header.e_shnum || e->header.e_shentsize != sizeof(*s) ||
	    e->header.e_shoff > e->size || !in_file(e, e->header.e_shoff + offset, sizeof(*s)))
		return false;
	memcpy(s, e->bytes + e->header.e_shoff + offset, sizeof(*s));
	return true;
}

static bool is_named(const struct elf *e, const Elf64_Shdr *names, u32 at, const char *name)
{
	size_t length = strlen(name) + 1;

	return at <= names->sh_size && length <= names->sh_size - at &&
	       !memcmp(e->bytes + names->sh_offset + at, name, length);
}

const u8 *elf_section(const struct elf *e, const char *name, size_t *size)
{
	Elf64_Shdr names, s;

	if (!section_header(e, e->header.e_shstrndx, &names) ||
	    !in_file(e, names.sh_offset, names.sh_size))
		return NULL;
	for (unsigned int i = 0; section_header(e, i, &s); i++) {
		if (s.sh_type == SHT_NOBITS || !in_file(e, s.sh_offset, s.sh_size) ||
		    !is_named(e, &names, s.sh_name, name))
			continue;
		*size = s.sh_size;
		return e->bytes + s.sh_offset;
	}
	return NULL;
}

static bool program_header(const struct elf *e, unsigned int n, Elf64_Phdr *s)
{
	u64 offset = (u64)n * sizeof(*s);

	if (n >= e->header.e_phnum || e->header.e_phentsize != sizeof(*s) ||
	    e->header.e_phoff > e->size || !in_file(e, e->header.e_phoff + offset, sizeof(*s)))
		return false;
	memcpy(s, e->bytes + e->header.e_phoff + offset, sizeof(*s));
	return true;
}

static bool note_among(const u8 *at, u64 left, const char *owner, u32 type)
{
	size_t length = strlen(owner) + 1;
	Elf64_Nhdr note;

	while (left >= sizeof(note)) {
		u64 next;

		memcpy(&note, at, sizeof(note));
		next = sizeof(note) + ALIGN_UP((u64)note.n_namesz, 4) +
		       ALIGN_UP((u64)note.n_descsz, 4);
		if (next > left)
			return false;
		if (note.n_type == type && note.n_namesz == length &&
		    !memcmp(at + sizeof(note), owner, length))
			return true;
		at += next;
		left -= next;
	}
	return false;
}

bool elf_has_note(const struct elf *e, const char *owner, u32 type)
{
	Elf64_Phdr s;

	for (unsigned int i = 0; program_header(e, i, &s); i++)
		if (s.p_type == PT_NOTE && in_file(e, s.p_offset, s.p_filesz) &&
		    note_among(e->bytes + s.p_offset, s.p_filesz, owner, type))
			return true;
	return false;
}

bool elf_is_whole(const struct elf *e)
{
	unsigned int loaded = 0;
	Elf64_Phdr s;

	for (unsigned int i = 0; i < e->header.e_phnum; i++) {
		if (!program_header(e, i, &s))
			return false;
		if (s.p_type == PT_LOAD && !in_file(e, s.p_offset, s.p_filesz))
			return false;
		loaded += s.p_type == PT_LOAD;
	}
	return loaded > 0;
}
