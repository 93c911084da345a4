// SPDX-License-Identifier: GPL-2.0-only
/* Small made-up kernels; see make.h. */
#include "harness/lab/t/make.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static struct bytes room(size_t size)
{
	return (struct bytes){ new_zeroed(size + 1, 1), size };
}

struct bytes make_vmlinux(const char *release, bool pvh)
{
	enum { TEXT = 0x200, NOTE = 0x1000, SIZE = 0x2000 };
	static const struct {
		Elf64_Nhdr header;
		char owner[4];
		u64 entry;
	} note = { { 4, 8, 18 }, "Xen", 0x1000000 };
	struct bytes b = room(SIZE);
	Elf64_Ehdr *e = (Elf64_Ehdr *)b.data;
	Elf64_Phdr *p = (Elf64_Phdr *)(b.data + sizeof(*e));

	memcpy(e->e_ident, ELFMAG "\2\1\1", 7);
	e->e_type = ET_EXEC;
	e->e_machine = EM_X86_64;
	e->e_phoff = sizeof(*e);
	e->e_phentsize = sizeof(*p);
	e->e_phnum = 2;
	p[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_filesz = SIZE, .p_memsz = SIZE };
	p[1] = (Elf64_Phdr){ .p_type = PT_NOTE,
			     .p_offset = NOTE,
			     .p_filesz = pvh ? sizeof(note) : 0 };
	memcpy(b.data + NOTE, &note, sizeof(note));
	sprintf((char *)b.data + TEXT, "Linux version %%s (%%s)");
	sprintf((char *)b.data + TEXT + 0x100, "Linux version %s (a test) #1", release);
	return b;
}

/* Grows as it needs: made-up data can be larger packed than not. */
static struct bytes written(struct archive *a, const struct made_file *file, size_t files)
{
	size_t most = 1 << 16, used = 0;
	struct bytes b;

	for (size_t i = 0; i < files; i++)
		most += file[i].content.size * 2 + 4096;
	b = room(most);
	archive_write_set_bytes_per_block(a, 0);
	if (archive_write_open_memory(a, b.data, most, &used) != ARCHIVE_OK)
		abort();
	for (size_t i = 0; i < files; i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, file[i].name);
		archive_entry_set_size(entry, (la_int64_t)file[i].content.size);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		if (archive_write_header(a, entry) < ARCHIVE_WARN ||
		    archive_write_data(a, file[i].content.data, file[i].content.size) < 0)
			abort();
		archive_entry_free(entry);
	}
	if (archive_write_close(a) != ARCHIVE_OK)
		abort();
	archive_write_free(a);
	b.size = used;
	return b;
}

static void put_word(u8 *at, u32 value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (u8)(value >> 8 * i);
}

/* The legacy form that the kernel's build makes with lz4 -l: one block, nothing but literals. */
static struct bytes make_lz4_legacy(const struct bytes *from)
{
	struct bytes b = room(8 + 1 + from->size / 255 + 1 + from->size);
	u8 *to = b.data + 8;
	size_t left = from->size - 15;

	put_word(b.data, 0x184c2102);
	*to++ = 0xf0;
	for (; left >= 255; left -= 255)
		*to++ = 255;
	*to++ = (u8)left;
	memcpy(to, from->data, from->size);
	b.size = (size_t)(to - b.data) + from->size;
	put_word(b.data + 4, (u32)(b.size - 8));
	return b;
}

struct bytes make_packed(const struct bytes *b, const char *filter)
{
	struct made_file one = { "x", *b };
	struct archive *a;

	if (!strcmp(filter, "lz4-legacy"))
		return make_lz4_legacy(b);
	a = archive_write_new();
	archive_write_set_format_raw(a);
	if (archive_write_add_filter_by_name(a, filter) != ARCHIVE_OK)
		abort();
	return written(a, &one, 1);
}

struct bytes make_bzimage(const struct bytes *vmlinux, const char *filter)
{
	enum { START = 5 * 512, AT = 0x100 };
	struct bytes packed = make_packed(vmlinux, filter);
	bool sized = !strcmp(filter, "gzip"); /* it ends in its size itself */
	size_t length = packed.size + (sized ? 0 : 4);
	struct bytes b = room(START + AT + length + 64);

	b.data[0x1f1] = 4;
	memcpy(b.data + 0x1fe, "\x55\xaa", 2);
	memcpy(b.data + 0x202, "HdrS\x0f\x02", 6);
	put_word(b.data + 0x248, AT);
	put_word(b.data + 0x24c, (u32)length);
	memcpy(b.data + START + AT, packed.data, packed.size);
	put_word(b.data + START + AT + length - 4, (u32)vmlinux->size);
	memset(b.data + START + AT + length, 0x90, 64);
	bytes_free(&packed);
	return b;
}

struct bytes make_image(const char *release)
{
	struct bytes b = room(0x400);

	memcpy(b.data + 0x38, "ARM\x64", 4);
	sprintf((char *)b.data + 0x100, "Linux version %s (a test) #1", release);
	return b;
}

struct bytes make_module(const char *modinfo, size_t size)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	struct bytes b = room(sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Shdr) + sizeof(names) + size);
	Elf64_Ehdr *e = (Elf64_Ehdr *)b.data;
	Elf64_Shdr *s = (Elf64_Shdr *)(b.data + sizeof(*e));
	size_t at = sizeof(*e) + 3 * sizeof(*s);

	memcpy(e->e_ident, ELFMAG "\2\1\1", 7);
	e->e_type = ET_REL;
	e->e_machine = EM_X86_64;
	e->e_shoff = sizeof(*e);
	e->e_shentsize = sizeof(*s);
	e->e_shnum = 3;
	e->e_shstrndx = 2;
	s[1] = (Elf64_Shdr){
		.sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = at, .sh_size = size
	};
	s[2] = (Elf64_Shdr){ .sh_name = 10,
			     .sh_type = SHT_STRTAB,
			     .sh_offset = at + size,
			     .sh_size = sizeof(names) };
	memcpy(b.data + at, modinfo, size);
	memcpy(b.data + at + size, names, sizeof(names));
	return b;
}

static struct bytes make_tar(const struct made_file *file, size_t files, const char *filter)
{
	struct archive *a = archive_write_new();

	archive_write_set_format_gnutar(a);
	if (archive_write_add_filter_by_name(a, filter) != ARCHIVE_OK)
		abort();
	return written(a, file, files);
}

struct bytes make_deb(const char *control, const struct made_file *file, size_t files,
		      const char *filter)
{
	struct made_file text = { "./control", { (u8 *)control, strlen(control) } };
	char *data = new_format("data.tar.%s", !strcmp(filter, "zstd")	 ? "zst"
					       : !strcmp(filter, "gzip") ? "gz"
									 : filter);
	struct made_file member[] = {
		{ "debian-binary", { (u8 *)"2.0\n", 4 } },
		{ "control.tar.xz", make_tar(&text, 1, "xz") },
		{ data, make_tar(file, files, filter) },
	};
	struct archive *a = archive_write_new();
	struct bytes deb;

	archive_write_set_format_ar_bsd(a);
	deb = written(a, member, ARRAY_SIZE(member));
	bytes_free(&member[1].content);
	bytes_free(&member[2].content);
	free(data);
	return deb;
}

void make_file(const char *folder, const char *name, struct bytes content)
{
	char *path = new_format("%s/%s", folder, name), *parent = path_folder(path);
	struct problem p;

	if (!folder_make(parent, &p) || !file_write(path, content.data, content.size, &p)) {
		fprintf(stderr, "%s\n", p.text);
		abort();
	}
	bytes_free(&content);
	free(path);
	free(parent);
}

char *make_folder(void)
{
	char *path = new_string("/tmp/assay-kernel-XXXXXX");

	if (!mkdtemp(path))
		abort();
	return path;
}
