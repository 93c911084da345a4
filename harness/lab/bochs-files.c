// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the machine `bochs` finds in memory when it starts.  The kernel is entered
 * by the x86-64 boot protocol (Documentation/arch/x86/boot.rst): its segments
 * where their physical addresses say, and a page of boot parameters.
 */
#include "harness/lab/bochs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/lab/bochs-layout.h"
#include "harness/lab/kernel-elf.h"
#include "harness/lab/kernel-files.h"

enum {
	VMLINUX_MOST = 512 << 20,
	MIB = 1 << 20,
	/* struct boot_params */
	E820_ENTRIES = 0x1e8,
	BOOT_FLAG = 0x1fe,
	HEADER = 0x202,
	VERSION = 0x206,
	LOADER = 0x210,
	LOAD_FLAGS = 0x211,
	RAMDISK = 0x218,
	RAMDISK_SIZE = 0x21c,
	COMMAND_LINE = 0x228,
	ALIGNMENT = 0x230,
	E820_TABLE = 0x2d0,
	/* The BIOS keeps its ACPI tables at the end of memory. */
	ACPI_BYTES = 0x10000,
};

extern const u8 bochs_entry[], bochs_entry_end[];

static void put(u8 *to, size_t at, const void *value, size_t size)
{
	memcpy(to + at, value, size);
}

#define PUT(to, at, type, value) put(to, at, &(type){ (type)(value) }, sizeof(type))

static void put_memory_map(u8 *parameters, u64 bytes)
{
	const struct {
		u64 start, length;
		u32 type;
	} map[] = {
		{ 0, 0x9f000, 1 },
		{ 0x9f000, 0x1000, 2 },
		{ 0xe8000, 0x18000, 2 },
		{ MIB, bytes - MIB - ACPI_BYTES, 1 },
		{ bytes - ACPI_BYTES, ACPI_BYTES, 3 },
	};

	parameters[E820_ENTRIES] = ARRAY_SIZE(map);
	for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
		PUT(parameters, E820_TABLE + 20 * i, u64, map[i].start);
		PUT(parameters, E820_TABLE + 20 * i + 8, u64, map[i].length);
		PUT(parameters, E820_TABLE + 20 * i + 16, u32, map[i].type);
	}
}

static bool write_parameters(const struct lab *lab, const char *folder, u64 entry,
			     struct problem *p)
{
	static u8 parameters[BOCHS_PARAMETERS_BYTES];
	char *path = new_format("%s/parameters", folder);
	char *line = new_format("%s assay.stream=%s", lab->machine->append, lab->machine->port);
	u64 memory = strtoull(lab->place.value[PLACE_MEMORY], NULL, 10) * MIB;
	struct stat initramfs;
	bool ok = !stat(lab->initramfs, &initramfs) ||
		  problem_set(p, EXIT_LAB, "%s: not there", lab->initramfs);

	if (ok && memory < BOCHS_INITRAMFS + 2 * (u64)initramfs.st_size)
		ok = problem_set(
			p, EXIT_USAGE,
			"memory=%s: machine bochs needs at least %llu MiB, for its "
			"initramfs lies at %u",
			lab->place.value[PLACE_MEMORY],
			(BOCHS_INITRAMFS + 2 * (unsigned long long)initramfs.st_size) / MIB + 1,
			BOCHS_INITRAMFS / MIB);
	memset(parameters, 0, sizeof(parameters));
	if (ok) {
		put_memory_map(parameters, memory);
		PUT(parameters, BOOT_FLAG, u16, 0xaa55);
		put(parameters, HEADER, "HdrS", 4);
		PUT(parameters, VERSION, u16, 0x20c);
		parameters[LOADER] = 0xff;
		parameters[LOAD_FLAGS] = 1;
		PUT(parameters, RAMDISK, u32, BOCHS_INITRAMFS);
		PUT(parameters, RAMDISK_SIZE, u32, initramfs.st_size);
		PUT(parameters, COMMAND_LINE, u32, BOCHS_PARAMETERS + BOCHS_COMMAND_LINE_AT);
		PUT(parameters, ALIGNMENT, u32, 2 * MIB);
		snprintf((char *)parameters + BOCHS_COMMAND_LINE_AT,
			 BOCHS_ENTRY_AT - BOCHS_COMMAND_LINE_AT, "%s", line);
		PUT(parameters, BOCHS_ENTRY_AT, u64, entry);
		ok = file_write(path, parameters, sizeof(parameters), p);
	}
	free(line);
	free(path);
	return ok;
}

/* The BIOS calls a ROM whose bytes sum up to zero. */
static bool write_rom(const char *folder, struct problem *p)
{
	char *path = new_format("%s/rom", folder);
	u8 rom[BOCHS_ROM_BYTES] = { 0 }, sum = 0;
	bool ok;

	memcpy(rom, bochs_entry, (size_t)(bochs_entry_end - bochs_entry));
	for (size_t i = 0; i < sizeof(rom); i++)
		sum = (u8)(sum + rom[i]);
	rom[sizeof(rom) - 1] = (u8)-sum;
	ok = file_write(path, rom, sizeof(rom), p);
	free(path);
	return ok;
}

static const Elf64_Phdr *segment(const struct elf *e, size_t i)
{
	return (const Elf64_Phdr *)(e->bytes + e->header.e_phoff) + i;
}

/* From the first physical address on, with the gaps: Bochs loads one file at one address. */
static bool write_flat(const struct elf *e, const char *folder, u64 *base, struct problem *p)
{
	u64 start = ~0ull, end = 0;
	char *path;
	bool ok;
	u8 *flat;

	for (size_t i = 0; i < e->header.e_phnum; i++) {
		const Elf64_Phdr *s = segment(e, i);

		if (s->p_type != PT_LOAD || !s->p_filesz)
			continue;
		start = MIN(start, s->p_paddr);
		end = MAX(end, s->p_paddr + s->p_filesz);
	}
	if (start < BOCHS_PARAMETERS + BOCHS_PARAMETERS_BYTES || end <= start ||
	    end > BOCHS_INITRAMFS)
		return problem_set(p, EXIT_USAGE,
				   "the kernel's segments lie where machine bochs has no room: "
				   "%#llx to %#llx",
				   (unsigned long long)start, (unsigned long long)end);
	flat = new_zeroed(end - start, 1);
	for (size_t i = 0; i < e->header.e_phnum; i++) {
		const Elf64_Phdr *s = segment(e, i);

		if (s->p_type == PT_LOAD)
			memcpy(flat + (s->p_paddr - start), e->bytes + s->p_offset, s->p_filesz);
	}
	path = new_format("%s/kernel", folder);
	ok = file_write(path, flat, end - start, p);
	free(flat);
	free(path);
	*base = start;
	return ok;
}

/* bochs_config() reads it: where the kernel lies. */
static bool write_base(const char *folder, u64 base, struct problem *p)
{
	char *path = new_format("%s/kernel-at", folder);
	char *text = new_format("%#llx\n", (unsigned long long)base);
	bool ok = file_write(path, text, strlen(text), p);

	free(text);
	free(path);
	return ok;
}

bool bochs_write_files(const struct lab *lab, const char *folder, struct problem *p)
{
	struct bytes file;
	struct elf e;
	u64 base = 0;
	bool ok;

	if (!lab->kernel.vmlinux)
		return problem_set(p, EXIT_USAGE, "machine bochs needs an x86 vmlinux");
	if (!file_read(lab->kernel.vmlinux, VMLINUX_MOST, &file, p))
		return false;
	ok = (elf_open(&e, file.data, file.size) && elf_is_whole(&e)) ||
	     problem_set(p, EXIT_LAB, "%s: not a whole ELF file", lab->kernel.vmlinux);
	ok = ok && write_flat(&e, folder, &base, p) && write_base(folder, base, p) &&
	     write_parameters(lab, folder, e.header.e_entry, p) && write_rom(folder, p);
	bytes_free(&file);
	return ok;
}
