// SPDX-License-Identifier: GPL-2.0-only
/* The image reader, on a small ELF file made here and on every way to break it. */
#include "harness/driver/image.h"
#include "lib/sync.h"
#include "lib/t/tap.h"
#include "lib/test.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define BASE 0x100000ull /* where the one segment is loaded */

/* The whole file is one segment, so an address is BASE plus an offset. */
struct file {
	Elf64_Ehdr header;
	Elf64_Phdr program[2];
	Elf64_Shdr section[3];
	char names[24];
	struct {
		u32 namesz, descsz, type;
		char name[8];
		u64 entry[3];
	} __attribute__((packed)) note;
	u64 first[13];
	u64 padding[3]; /* as a compiler that aligns records to 32 bytes leaves it */
	u64 second[13];
	char text[256];
} __attribute__((aligned(8)));

static struct file file;
static struct image image;
static char error[256];

static u64 put_text(const char *s)
{
	static size_t used;
	size_t at = used;

	if (!s) {
		used = 0;
		return 0;
	}
	strcpy(file.text + at, s);
	used += strlen(s) + 1;
	return BASE + offsetof(struct file, text) + at;
}

static void make(void)
{
	const u64 version = (u64)TEST_VERSION << 32 | sizeof(file.first);

	memset(&file, 0, sizeof(file));
	put_text(NULL);
	file.header = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = offsetof(struct file, program),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
		.e_shoff = offsetof(struct file, section),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
		.e_shstrndx = 1,
	};
	file.program[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
					.p_vaddr = BASE,
					.p_paddr = BASE,
					.p_filesz = sizeof(file),
					.p_memsz = sizeof(file) + 4096 };
	file.program[1] = (Elf64_Phdr){ .p_type = PT_NOTE,
					.p_align = 4,
					.p_offset = offsetof(struct file, note),
					.p_filesz = sizeof(file.note) };
	memcpy(file.names, "\0.names\0" TEST_SECTION, sizeof("\0.names\0" TEST_SECTION));
	file.section[1] = (Elf64_Shdr){ .sh_name = 1,
					.sh_type = SHT_STRTAB,
					.sh_offset = offsetof(struct file, names),
					.sh_size = sizeof(file.names) };
	file.section[2] = (Elf64_Shdr){ .sh_name = 8,
					.sh_type = SHT_PROGBITS,
					.sh_offset = offsetof(struct file, first),
					.sh_size = offsetof(struct file, text) -
						   offsetof(struct file, first) };
	file.note.namesz = sizeof(IMAGE_NOTE_NAME);
	file.note.descsz = sizeof(file.note.entry);
	file.note.type = IMAGE_NOTE_ENTRY;
	strcpy(file.note.name, IMAGE_NOTE_NAME);
	file.note.entry[0] = BASE + 0x40;
	file.note.entry[1] = 0x2000;
	file.note.entry[2] = 0x3000;
	memcpy(file.first,
	       (u64[]){ version, put_text("toy"), put_text("smap_implicit"), put_text("A law."),
			put_text("SDM 4.6"), put_text("b321c31c9b7b KVM: x\n"),
			put_text("x86/toy/a.c"), 12, 5, SAVE | RESTORE, 7, TEST_FRESH_VM, BASE },
	       sizeof(file.first));
	memcpy(file.second,
	       (u64[]){ version, put_text("toy"), put_text("other"), put_text("Another law."), 0, 0,
			put_text("x86/toy/b.c"), 1, 0, 0, 0, 0, BASE },
	       sizeof(file.second));
}

static bool parse(void)
{
	return image_parse(&image, (const u8 *)&file, sizeof(file), error, sizeof(error));
}

START_TEST(reads_everything)
{
	make();
	ck_assert_msg(parse(), "%s", error);
	ck_assert_uint_eq(2, image.tests);
	ck_assert_str_eq("toy/smap-implicit", image.test[0].id);
	ck_assert_str_eq("A law.", image.test[0].sentence);
	ck_assert_str_eq("SDM 4.6", image.test[0].law);
	ck_assert_str_eq("b321c31c9b7b KVM: x\n", image.test[0].fixes);
	ck_assert_str_eq("x86/toy/a.c", image.test[0].file);
	ck_assert_uint_eq(12, image.test[0].line);
	ck_assert_uint_eq(5, image.test[0].needs);
	ck_assert_uint_eq(SAVE | RESTORE, image.test[0].actions);
	ck_assert_uint_eq(7, image.test[0].cases);
	ck_assert_uint_eq(TEST_FRESH_VM, image.test[0].flags);
	ck_assert_str_eq("toy/other", image.test[1].id);
	ck_assert_str_eq("", image.test[1].fixes);
	ck_assert_uint_eq(1, image.segments);
	ck_assert_uint_eq(BASE, image.segment[0].gpa);
	ck_assert_uint_eq(sizeof(file) + 4096, image.segment[0].memory_size);
	ck_assert_uint_eq(BASE + 0x40, image.entry.pc);
	ck_assert_uint_eq(0x2000, image.entry.page_table);
	ck_assert_uint_eq(0x3000, image.entry.stack);
	ck_assert_uint_eq(EM_X86_64, image.machine);
	image_close(&image);
}
END_TEST

/* Each: break one thing, and the words that must be in the error. */
static void break_magic(void)
{
	file.header.e_ident[0] = 0;
}
static void break_class(void)
{
	file.header.e_ident[EI_CLASS] = ELFCLASS32;
}
static void break_type(void)
{
	file.header.e_type = ET_DYN;
}
static void break_programs(void)
{
	file.header.e_phoff = ~0ull - 8;
}
static void break_program_size(void)
{
	file.header.e_phentsize = 8;
}
static void break_segment(void)
{
	file.program[0].p_offset = ~0ull;
}
static void break_segment_size(void)
{
	file.program[0].p_memsz = 1;
}
static void break_segment_end(void)
{
	file.program[0].p_paddr = ~0ull - 4;
}
static void break_no_segment(void)
{
	file.program[0].p_type = PT_NULL;
}
static void break_sections(void)
{
	file.header.e_shoff = sizeof(file) - 1;
}
static void break_no_section(void)
{
	file.section[2].sh_name = 1;
}
static void break_section(void)
{
	file.section[2].sh_offset = sizeof(file);
}
static void break_record_end(void)
{
	file.section[2].sh_size = sizeof(file.first) + 40;
}
static void break_version(void)
{
	file.first[0]++;
}
static void break_pointer(void)
{
	file.first[2] = BASE + sizeof(file);
}
static void break_low_pointer(void)
{
	file.first[2] = BASE - 1;
}
static void break_no_name(void)
{
	file.first[2] = 0;
}
static void break_terminator(void)
{
	memset(file.text, 'a', sizeof(file.text));
}
static void break_word(void)
{
	file.text[0] = '/';
}
static void break_sentence(void)
{
	file.text[strlen("toy") + strlen("smap_implicit") + 2] = 27;
}
static void break_actions(void)
{
	file.first[9] = ~0ull;
}
static void break_cpus(void)
{
	file.first[11] = (u64)(CPUS_MAX + 1) << 32;
}
static void break_empty(void)
{
	memset(file.first, 0, sizeof(file.first) * 2 + 24);
}
static void break_note(void)
{
	file.note.type = 9;
}
static void break_note_size(void)
{
	file.note.descsz = ~0u;
}
static void break_note_name(void)
{
	file.note.namesz = ~0u;
}
static void break_entry(void)
{
	file.note.entry[0] = 1;
}

static const struct {
	void (*change)(void);
	const char *error;
} broken[] = {
	{ break_magic, "no ELF magic" },
	{ break_class, "not a little-endian ELF64" },
	{ break_type, "ELF type 3" },
	{ break_programs, "program headers lie outside" },
	{ break_program_size, "program headers of 8 bytes" },
	{ break_segment, "program header 0 lies outside" },
	{ break_segment_size, "more bytes in the file" },
	{ break_segment_end, "overflows" },
	{ break_no_segment, "no segment to load" },
	{ break_sections, "no readable section headers" },
	{ break_no_section, "no section assay_tests" },
	{ break_section, "section assay_tests lies outside" },
	{ break_record_end, "ends within test 1" },
	{ break_version, "test 0 has version " STRING(TEST_VERSION) " and 105 bytes" },
	{ break_pointer, "its area or name" },
	{ break_low_pointer, "its area or name" },
	{ break_no_name, "its area or name" },
	{ break_terminator, "its area or name" },
	{ break_word, "its area or name" },
	{ break_sentence, "not readable text" },
	{ break_actions, "needs actions" },
	{ break_cpus, "CPUs, more than" },
	{ break_empty, "holds no test" },
	{ break_note, "no entry note" },
	{ break_note_size, "no entry note" },
	{ break_note_name, "no entry note" },
	{ break_entry, "points outside every segment" },
};

START_TEST(says_what_is_wrong)
{
	make();
	broken[_i].change();
	ck_assert_msg(!parse(), "row %d was accepted", _i);
	ck_assert_msg(strstr(error, broken[_i].error), "row %d: wanted \"%s\", got \"%s\"", _i,
		      broken[_i].error, error);
	ck_assert_ptr_null(image.test);
}
END_TEST

/* Cut off anywhere: never a read behind the end (the bytes lie at the end of their block). */
START_TEST(survives_every_truncation)
{
	make();
	for (size_t size = 0; size < sizeof(file); size++) {
		u8 *copy = malloc(size ? size : 1);

		memcpy(copy, &file, size);
		ck_assert_msg(!image_parse(&image, copy, size, error, sizeof(error)), "%zu", size);
		free(copy);
	}
}
END_TEST

START_TEST(survives_every_changed_byte)
{
	static const u8 change[] = { 0x01, 0x80, 0xff };

	for (size_t at = 0; at < sizeof(file) * ARRAY_SIZE(change); at++) {
		make();
		((u8 *)&file)[at / ARRAY_SIZE(change)] ^= change[at % ARRAY_SIZE(change)];
		if (parse())
			image_close(&image);
		else
			ck_assert_uint_ne(0, strlen(error));
	}
}
END_TEST

START_TEST(opens_files)
{
	ck_assert(!image_open(&image, "/nonexistent", error, sizeof(error)));
	ck_assert_str_eq("/nonexistent: No such file or directory", error);
	ck_assert(!image_open(&image, "/dev", error, sizeof(error)));
	ck_assert(strstr(error, "not a regular file"));
	ck_assert(!image_open(&image, "/proc/self/exe", error, sizeof(error)));
	ck_assert(strstr(error, "/proc/self/exe: "));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image");
	TCase *tests = tcase_create("image");

	tcase_add_test(tests, reads_everything);
	tcase_add_loop_test(tests, says_what_is_wrong, 0, ARRAY_SIZE(broken));
	tcase_add_test(tests, survives_every_truncation);
	tcase_add_test(tests, survives_every_changed_byte);
	tcase_add_test(tests, opens_files);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
