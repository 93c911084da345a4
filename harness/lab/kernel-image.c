// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads boot images; see kernel-image.h.  Layouts: Documentation/arch/x86/boot.rst
 * (the setup header), Documentation/arch/arm64/booting.rst, and the header of
 * drivers/firmware/efi/libstub/zboot-header.S.
 */
#include "harness/lab/kernel-image.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-elf.h"
#include "harness/lab/kernel-unpack.h"

enum {
	KERNEL_MOST = 1 << 30, /* unpacked; a distribution's are 40 to 100 MB */
	RELEASE_MOST = 128,

	/* the x86 setup header, by offset in the file */
	SETUP_SECTORS = 0x1f1,
	BOOT_FLAG = 0x1fe,
	HEADER_MAGIC = 0x202,
	PROTOCOL = 0x206,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	HEADER_END = 0x250,
	PROTOCOL_WITH_PAYLOAD = 0x208,

	/* the arm64 header, and that of EFI zboot */
	ARM64_MAGIC = 0x38,
	ARM64_HEADER_END = 0x40,
	ZBOOT_MAGIC = 4,
	ZBOOT_OFFSET = 8,
	ZBOOT_SIZE = 12,

	XEN_PHYS32_ENTRY = 18, /* the PVH note; owner "Xen" */
};

static u32 word(const u8 *at)
{
	return at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

static bool has(const struct bytes *b, size_t offset, const char *magic, size_t length)
{
	return b->size >= offset + length && !memcmp(b->data + offset, magic, length);
}

static bool is_release(const char *s, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (s[i] <= ' ' || s[i] >= 0x7f || s[i] == '/')
			return false;
	return length && s[0] >= '0' && s[0] <= '9';
}

/* The banner: "Linux version 6.12.57+deb12-amd64 (...".  A format string of the same text has a %. */
static char *find_release(const struct bytes *b)
{
	static const char banner[] = "Linux version ";
	const u8 *at = b->data, *end = b->data + b->size;

	while ((at = memmem(at, (size_t)(end - at), banner, sizeof(banner) - 1))) {
		const char *text = (const char *)at + sizeof(banner) - 1;
		size_t left = (size_t)(end - (const u8 *)text), length = 0;

		while (length < left && length < RELEASE_MOST && text[length] > ' ')
			length++;
		if (length < left && text[length] == ' ' && is_release(text, length))
			return new_format("%.*s", (int)length, text);
		at += sizeof(banner) - 1;
	}
	return NULL;
}

/* --- x86 --- */

static bool read_vmlinux(struct boot_image *b, const char *what, struct problem *p)
{
	struct elf e;

	if (!elf_open(&e, b->vmlinux.data, b->vmlinux.size) || e.header.e_type == ET_REL)
		return problem_set(p, EXIT_USAGE, "%s: holds no ELF kernel; it is broken", what);
	if (e.header.e_machine == EM_AARCH64)
		return problem_set(p, EXIT_USAGE,
				   "%s: arm64 boots no vmlinux; give its arch/arm64/boot/Image",
				   what);
	if (e.header.e_machine != EM_X86_64)
		return problem_set(p, EXIT_USAGE,
				   "%s: a kernel for another machine (ELF machine %u); "
				   "amd64 and arm64 can be judged",
				   what, e.header.e_machine);
	if (!elf_is_whole(&e))
		return problem_set(p, EXIT_USAGE, "%s: cut off: its segments lie outside the file",
				   what);
	b->arch = "amd64";
	b->pvh = elf_has_note(&e, "Xen", XEN_PHYS32_ENTRY);
	return true;
}

static bool read_bzimage(struct boot_image *b, struct bytes *file, const char *what,
			 struct problem *p)
{
	const u8 *data = file->data;
	u64 start, length, sectors;
	u32 size;

	if (file->size < HEADER_END ||
	    (data[PROTOCOL] | data[PROTOCOL + 1] << 8) < PROTOCOL_WITH_PAYLOAD)
		return problem_set(p, EXIT_USAGE,
				   "%s: a bzImage too short or older than Linux "
				   "2.6.26",
				   what);
	sectors = data[SETUP_SECTORS] ? data[SETUP_SECTORS] : 4;
	start = (sectors + 1) * 512 + word(data + PAYLOAD_OFFSET);
	length = word(data + PAYLOAD_LENGTH);
	if (length < 8 || start > file->size || length > file->size - start)
		return problem_set(p, EXIT_USAGE, "%s: cut off: its payload lies outside the file",
				   what);
	/* The build leaves the unpacked size in the payload's last four bytes. */
	if (word(data + start + length - 4) > KERNEL_MOST)
		return problem_set(p, EXIT_USAGE,
				   "%s: says that it unpacks to more than 1 GiB; "
				   "it is broken",
				   what);
	if (has(file, start, "\x89LZO", 4))
		return problem_set(p, EXIT_USAGE,
				   "%s: packed with LZO, which is not supported; "
				   "give its vmlinux",
				   what);
	size = word(data + start + length - 4);
	/* gzip ends in its size itself; to all others the build appends it. */
	if (!has(file, start, "\x1f\x8b", 2))
		length -= 4;
	b->image = *file;
	*file = (struct bytes){ 0 };
	return unpack_exactly(data + start, length, size, &b->vmlinux, what, p) &&
	       read_vmlinux(b, what, p);
}

/* --- arm64 --- */

static bool is_arm64(const struct bytes *b)
{
	return has(b, ARM64_MAGIC, "ARM\x64", 4);
}

/* Replaces *file by what is packed in it, if it is an Image in gzip or zboot. */
static bool unpack_arm64(struct bytes *file, const char *what, struct problem *p)
{
	const u8 *data = file->data;
	size_t start = 0, length = file->size;
	struct bytes out;

	if (has(file, ZBOOT_MAGIC, "zimg", 4) && file->size >= ARM64_HEADER_END) {
		start = word(data + ZBOOT_OFFSET);
		length = word(data + ZBOOT_SIZE);
		if (start > file->size || length > file->size - start)
			return problem_set(p, EXIT_USAGE,
					   "%s: cut off: its payload lies outside the file", what);
	}
	if (!unpack(data + start, length, KERNEL_MOST, &out, what, p))
		return false;
	bytes_free(file);
	*file = out;
	return true;
}

static bool read_file(struct boot_image *b, struct bytes *file, const char *what, struct problem *p)
{
	if (has(file, 0, ELFMAG, SELFMAG)) {
		b->vmlinux = *file;
		*file = (struct bytes){ 0 };
		return read_vmlinux(b, what, p);
	}
	if (has(file, BOOT_FLAG, "\x55\xaa", 2) && has(file, HEADER_MAGIC, "HdrS", 4))
		return read_bzimage(b, file, what, p);
	if ((has(file, 0, "\x1f\x8b", 2) || has(file, ZBOOT_MAGIC, "zimg", 4)) &&
	    !unpack_arm64(file, what, p))
		return false;
	if (!is_arm64(file))
		return problem_set(p, EXIT_USAGE,
				   "%s: not a kernel: no bzImage, vmlinux (ELF) or "
				   "arm64 Image",
				   what);
	b->arch = "arm64";
	b->image = *file;
	*file = (struct bytes){ 0 };
	return true;
}

bool boot_image_read(struct boot_image *b, struct bytes *file, const char *what, struct problem *p)
{
	bool ok;

	*b = (struct boot_image){ 0 };
	ok = read_file(b, file, what, p);
	bytes_free(file);
	if (ok) {
		b->release = find_release(b->vmlinux.size ? &b->vmlinux : &b->image);
		ok = b->release || problem_set(p, EXIT_USAGE,
					       "%s: not a Linux kernel: it has no "
					       "\"Linux version\"",
					       what);
	}
	if (!ok)
		boot_image_free(b);
	return ok;
}

void boot_image_free(struct boot_image *b)
{
	free(b->release);
	bytes_free(&b->vmlinux);
	bytes_free(&b->image);
	*b = (struct boot_image){ 0 };
}

void boot_image_parameters(const struct boot_image *b, const char *module, struct strings *names)
{
	const struct bytes *in = b->vmlinux.size ? &b->vmlinux : &b->image;
	char *prefix = new_format("%s.", module);
	size_t length = strlen(prefix);
	const u8 *at = in->data, *end = in->data + in->size;

	while ((at = memmem(at, (size_t)(end - at), prefix, length))) {
		const u8 *zero;
		char *name;

		at += length;
		zero = memchr(at, '\0', MIN((size_t)(end - at), RELEASE_MOST));
		if (!zero || at < in->data + length + 1 || at[-(ptrdiff_t)length - 1])
			continue;
		name = new_string((const char *)at);
		if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0' && *name &&
		    !strings_have(names, name))
			strings_add(names, name);
		free(name);
	}
	free(prefix);
}
