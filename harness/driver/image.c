// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads payload images; see image.h.  Everything here works on a copy of the
 * file in memory and trusts none of it: a range is checked before it is read,
 * and a field is copied out before it is looked at, so that no alignment and
 * no second reading of a changed value can matter.
 */
#include "harness/driver/image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sync.h"
#include "lib/test.h"

enum {
	SECTIONS_MAX = 4096,
	PROGRAM_HEADERS_MAX = 64,
	TESTS_MAX = 65536,
	WORD_MAX = 128, /* of an area or a test's name */
	TEXT_MAX = 4096, /* of a sentence, a law, a list of fixes */
};

/* struct test as it lies in the file: thirteen words, whatever machine reads it. */
enum test_word {
	WORD_VERSION,
	WORD_AREA,
	WORD_NAME,
	WORD_SENTENCE,
	WORD_LAW,
	WORD_FIXES,
	WORD_FILE,
	WORD_LINE,
	WORD_NEEDS,
	WORD_ACTIONS,
	WORD_CASES,
	WORD_FLAGS, /* and in its upper half how many CPUs */
	WORD_RUN,
	TEST_WORDS,
};
_Static_assert(sizeof(struct test) == TEST_WORDS * sizeof(u64) || sizeof(void *) != 8,
	       "image.c reads another struct test than lib/test.h declares");

/* What is looked at while parsing. */
struct reader {
	const u8 *bytes;
	size_t size;
	Elf64_Phdr program[PROGRAM_HEADERS_MAX];
	unsigned int programs;
	char *error;
	size_t error_size;
};

static bool printf_like(2, 3) wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->error, r->error_size, format, args);
	va_end(args);
	return false;
}

static bool in_file(const struct reader *r, u64 offset, u64 length)
{
	return offset <= r->size && length <= r->size - offset;
}

/* --- headers --- */

static bool read_header(struct reader *r, Elf64_Ehdr *header)
{
	if (r->size < sizeof(*header))
		return wrong(r, "not a payload image: %zu bytes are too few for an ELF header",
			     r->size);
	memcpy(header, r->bytes, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG))
		return wrong(r, "not a payload image: no ELF magic number");
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
		return wrong(r, "not a payload image: not a little-endian ELF64 file");
	if (header->e_type != ET_EXEC)
		return wrong(r, "not a payload image: ELF type %u, wanted %u (executable)",
			     header->e_type, ET_EXEC);
	return true;
}

static bool read_programs(struct reader *r, const Elf64_Ehdr *header, struct image *image)
{
	if (!header->e_phnum || header->e_phnum > PROGRAM_HEADERS_MAX)
		return wrong(r, "%u program headers, wanted 1 to %u", header->e_phnum,
			     PROGRAM_HEADERS_MAX);
	if (header->e_phentsize != sizeof(Elf64_Phdr))
		return wrong(r, "program headers of %u bytes, wanted %zu", header->e_phentsize,
			     sizeof(Elf64_Phdr));
	if (!in_file(r, header->e_phoff, (u64)header->e_phnum * sizeof(Elf64_Phdr)))
		return wrong(r, "the program headers lie outside the file");
	r->programs = header->e_phnum;
	memcpy(r->program, r->bytes + header->e_phoff, r->programs * sizeof(Elf64_Phdr));

	for (unsigned int i = 0; i < r->programs; i++) {
		const Elf64_Phdr *p = &r->program[i];

		if (p->p_type != PT_LOAD && p->p_type != PT_NOTE)
			continue;
		if (!in_file(r, p->p_offset, p->p_filesz))
			return wrong(r, "program header %u lies outside the file", i);
		if (p->p_type != PT_LOAD || !p->p_memsz)
			continue;
		if (p->p_filesz > p->p_memsz)
			return wrong(r, "segment %u: more bytes in the file than in memory", i);
		if (p->p_paddr + p->p_memsz < p->p_paddr || p->p_vaddr + p->p_memsz < p->p_vaddr)
			return wrong(r, "segment %u: its address overflows", i);
		if (image->segments == IMAGE_SEGMENTS_MAX)
			return wrong(r, "more than %u segments", IMAGE_SEGMENTS_MAX);
		image->segment[image->segments++] = (struct image_segment){
			.gpa = p->p_paddr,
			.memory_size = p->p_memsz,
			.file_offset = p->p_offset,
			.file_size = p->p_filesz,
		};
	}
	return image->segments || wrong(r, "no segment to load");
}

/* --- strings, by their address in the guest --- */

/* The bytes from a guest-virtual address to the end of its segment in the file. */
static const u8 *at_address(const struct reader *r, u64 address, size_t *left)
{
	for (unsigned int i = 0; i < r->programs; i++) {
		const Elf64_Phdr *p = &r->program[i];

		if (p->p_type != PT_LOAD || address < p->p_vaddr ||
		    address - p->p_vaddr >= p->p_filesz)
			continue;
		*left = p->p_filesz - (address - p->p_vaddr);
		return r->bytes + p->p_offset + (address - p->p_vaddr);
	}
	return NULL;
}

/* A terminated string of at most `longest` characters, none of them a control but newline. */
static const char *string_at(const struct reader *r, u64 address, size_t longest)
{
	size_t left;
	const u8 *s = at_address(r, address, &left);
	const u8 *end = s ? memchr(s, '\0', MIN(left, longest + 1)) : NULL;

	if (!end)
		return NULL;
	for (const u8 *c = s; c < end; c++)
		if ((*c < ' ' && *c != '\n') || *c == 0x7f)
			return NULL;
	return (const char *)s;
}

/* An area or name becomes part of ids, file names and command lines. */
static bool is_word(const char *s)
{
	if (!s || !*s)
		return false;
	for (; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') && *s != '_' &&
		    *s != '-')
			return false;
	return true;
}

static char *make_id(const char *area, const char *name)
{
	char *id = malloc(strlen(area) + strlen(name) + 2);

	if (!id)
		return NULL;
	sprintf(id, "%s/%s", area, name);
	for (char *c = id; *c; c++)
		if (*c == '_')
			*c = '-';
	return id;
}

/* --- tests --- */

static bool read_test(struct reader *r, const u64 *word, unsigned int n, struct image_test *test)
{
	const char *area = string_at(r, word[WORD_AREA], WORD_MAX);
	const char *name = string_at(r, word[WORD_NAME], WORD_MAX);

	if (word[WORD_VERSION] != ((u64)TEST_VERSION << 32 | TEST_WORDS * sizeof(u64)))
		return wrong(r,
			     "test %u has version %u and %u bytes, wanted version %u and %zu bytes",
			     n, (u32)(word[WORD_VERSION] >> 32), (u32)word[WORD_VERSION],
			     TEST_VERSION, TEST_WORDS * sizeof(u64));
	if (!is_word(area) || !is_word(name))
		return wrong(r, "test %u: its area or name is not a word of a-z, 0-9, _ and -", n);
	*test = (struct image_test){
		.sentence = string_at(r, word[WORD_SENTENCE], TEXT_MAX),
		.law = word[WORD_LAW] ? string_at(r, word[WORD_LAW], TEXT_MAX) : "",
		.fixes = word[WORD_FIXES] ? string_at(r, word[WORD_FIXES], TEXT_MAX) : "",
		.file = string_at(r, word[WORD_FILE], TEXT_MAX),
		.line = word[WORD_LINE],
		.needs = word[WORD_NEEDS],
		.actions = word[WORD_ACTIONS],
		.cases = word[WORD_CASES],
		.flags = (u32)word[WORD_FLAGS],
		.cpus = MAX((u32)(word[WORD_FLAGS] >> 32), 1u),
	};
	if (!test->sentence || !test->law || !test->fixes || !test->file)
		return wrong(r, "test %s/%s: a string of it is not readable text in the file", area,
			     name);
	if (test->actions & ~(u64)SYNC_ALL)
		return wrong(r, "test %s/%s needs actions that this build does not know", area,
			     name);
	if (test->cpus > CPUS_MAX)
		return wrong(r, "test %s/%s needs %u CPUs, more than %u", area, name, test->cpus,
			     CPUS_MAX);
	test->id = make_id(area, name);
	return test->id || wrong(r, "out of memory");
}

/*
 * Records are whole words with zeros between them where a compiler aligned
 * them further apart; a record never begins with a zero.
 */
static bool read_tests(struct reader *r, u64 offset, u64 length, struct image *image)
{
	const u8 *at = r->bytes + offset;
	unsigned int most = MIN(length / (TEST_WORDS * sizeof(u64)), (u64)TESTS_MAX);
	u64 word[TEST_WORDS];

	image->test = calloc(most + 1, sizeof(*image->test));
	if (!image->test)
		return wrong(r, "out of memory");
	while (length >= sizeof(u64)) {
		memcpy(word, at, sizeof(u64));
		if (!word[0]) {
			at += sizeof(u64);
			length -= sizeof(u64);
			continue;
		}
		if (length < sizeof(word))
			return wrong(r, "section %s ends within test %u", TEST_SECTION,
				     image->tests);
		if (image->tests == most)
			return wrong(r, "more than %u tests", most);
		memcpy(word, at, sizeof(word));
		if (!read_test(r, word, image->tests, &image->test[image->tests]))
			return false;
		image->tests++;
		at += sizeof(word);
		length -= sizeof(word);
	}
	return image->tests || wrong(r, "section %s holds no test", TEST_SECTION);
}

/* --- sections --- */

static bool read_section(const struct reader *r, const Elf64_Ehdr *header, unsigned int n,
			 Elf64_Shdr *section)
{
	u64 offset = header->e_shoff + (u64)n * sizeof(*section);

	if (offset < header->e_shoff || !in_file(r, offset, sizeof(*section)))
		return false;
	memcpy(section, r->bytes + offset, sizeof(*section));
	return true;
}

static bool section_is(const struct reader *r, const Elf64_Shdr *names, u32 name,
		       const char *wanted)
{
	size_t length = strlen(wanted) + 1;

	return name <= names->sh_size && length <= names->sh_size - name &&
	       !memcmp(r->bytes + names->sh_offset + name, wanted, length);
}

static bool find_tests(struct reader *r, const Elf64_Ehdr *header, struct image *image)
{
	Elf64_Shdr names, section;

	if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum > SECTIONS_MAX ||
	    !read_section(r, header, header->e_shstrndx, &names) ||
	    !in_file(r, names.sh_offset, names.sh_size))
		return wrong(r, "no readable section headers: stripped, or cut off");
	for (unsigned int i = 0; i < header->e_shnum; i++) {
		if (!read_section(r, header, i, &section))
			return wrong(r, "section header %u lies outside the file", i);
		if (section.sh_type != SHT_PROGBITS ||
		    !section_is(r, &names, section.sh_name, TEST_SECTION))
			continue;
		if (!in_file(r, section.sh_offset, section.sh_size))
			return wrong(r, "section %s lies outside the file", TEST_SECTION);
		return read_tests(r, section.sh_offset, section.sh_size, image);
	}
	return wrong(r, "no section %s: not a payload image", TEST_SECTION);
}

/* --- the entry note --- */

/*
 * Notes are padded to 4 bytes, except where a linker made a segment of
 * alignment 8 and padded to that; the caller tries both.
 */
static bool find_note(const struct reader *r, u64 offset, u64 length, u64 padding,
		      struct image_entry *entry)
{
	const u8 *at = r->bytes + offset;
	Elf64_Nhdr note;
	u64 words[3];

	while (length >= sizeof(note)) {
		u64 name, data, next;

		memcpy(&note, at, sizeof(note));
		name = sizeof(note);
		data = ALIGN_UP(name + note.n_namesz, padding);
		next = ALIGN_UP(data + note.n_descsz, padding);
		if (data > length || note.n_descsz > length - data)
			return false;
		if (note.n_type == IMAGE_NOTE_ENTRY && note.n_descsz == sizeof(words) &&
		    note.n_namesz == sizeof(IMAGE_NOTE_NAME) &&
		    !memcmp(at + name, IMAGE_NOTE_NAME, sizeof(IMAGE_NOTE_NAME))) {
			memcpy(words, at + data, sizeof(words));
			*entry = (struct image_entry){ words[0], words[1], words[2] };
			return true;
		}
		next = MIN(next, length);
		at += next;
		length -= next;
	}
	return false;
}

static bool find_entry(struct reader *r, struct image *image)
{
	bool found = false;

	for (unsigned int i = 0; i < r->programs && !found; i++) {
		const Elf64_Phdr *p = &r->program[i];

		if (p->p_type != PT_NOTE)
			continue;
		found = find_note(r, p->p_offset, p->p_filesz, 4, &image->entry) ||
			find_note(r, p->p_offset, p->p_filesz, 8, &image->entry);
	}
	if (!found)
		return wrong(r, "no entry note (name %s, type %u)", IMAGE_NOTE_NAME,
			     IMAGE_NOTE_ENTRY);
	for (unsigned int i = 0; i < image->segments; i++)
		if (image->entry.pc >= image->segment[i].gpa &&
		    image->entry.pc - image->segment[i].gpa < image->segment[i].memory_size)
			return true;
	return wrong(r, "the entry note points outside every segment");
}

bool image_parse(struct image *image, const u8 *bytes, size_t size, char *error, size_t error_size)
{
	struct reader r = {
		.bytes = bytes, .size = size, .error = error, .error_size = error_size
	};
	Elf64_Ehdr header;

	*image = (struct image){ .bytes = (u8 *)bytes, .size = size };
	if (read_header(&r, &header) && read_programs(&r, &header, image) &&
	    find_tests(&r, &header, image) && find_entry(&r, image)) {
		image->machine = header.e_machine;
		return true;
	}
	image_close(image);
	return false;
}
