// SPDX-License-Identifier: GPL-2.0-only
/* Reads .modinfo: strings "key=value", each with its zero; see kernel-modinfo.h. */
#include "harness/lab/kernel-modinfo.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-elf.h"
#include "harness/lab/kernel-files.h"

enum {
	NAME_MOST = 63, /* MODULE_NAME_LEN of the kernel is 64 less a word */
	LIST_MOST = 1024, /* dependencies or parameters of one module */
};

bool is_module_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return length && length <= NAME_MOST && !name[length];
}

char *module_name(const char *file)
{
	static const char *const suffixes[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz", ".o" };
	const char *base = path_base(file), *dot = strchr(base, '.');
	bool known = !dot;
	char *name;

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++)
		known |= !strcmp(dot, suffixes[i]);
	if (!known)
		return NULL;
	name = new_format("%.*s", (int)(dot ? (size_t)(dot - base) : strlen(base)), base);
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	if (is_module_name(name))
		return name;
	free(name);
	return NULL;
}

static bool add_depends(struct modinfo *m, const char *list, const char *what, struct problem *p)
{
	struct strings names = strings_split(list, ',');
	bool ok = true;

	for (size_t i = 0; ok && i < names.count; i++) {
		char *name = is_module_name(names.item[i]) ? module_name(names.item[i]) : NULL;

		if (!name || m->depends.count == LIST_MOST)
			ok = problem_set(
				p, EXIT_USAGE,
				"%s: needs a module '%s', which cannot be one; it is broken", what,
				names.item[i]);
		else if (!strings_have(&m->depends, name))
			strings_add(&m->depends, name);
		free(name);
	}
	strings_free(&names);
	return ok;
}

/* "parmtype=npt:bool" and, where it has a description, "parm=npt:its text". */
static void add_parameter(struct modinfo *m, const char *value)
{
	char *name = new_format("%.*s", (int)MIN(strcspn(value, ":"), NAME_MOST), value);

	if (is_module_name(name) && m->parameters.count < LIST_MOST &&
	    !strings_have(&m->parameters, name))
		strings_add(&m->parameters, name);
	free(name);
}

static bool add(struct modinfo *m, const char *line, const char *what, struct problem *p)
{
	const char *value = strchr(line, '=');
	size_t key = value ? (size_t)(value++ - line) : 0;

	if (key == 7 && !memcmp(line, "depends", 7))
		return add_depends(m, value, what, p);
	if ((key == 4 && !memcmp(line, "parm", 4)) || (key == 8 && !memcmp(line, "parmtype", 8)))
		add_parameter(m, value);
	if (key == 4 && !memcmp(line, "name", 4) && !m->name)
		m->name = module_name(value);
	if (key == 8 && !memcmp(line, "vermagic", 8) && !*m->release) {
		free(m->release);
		m->release = new_format("%.*s", (int)MIN(strcspn(value, " "), 128), value);
	}
	return true;
}

bool modinfo_read(struct modinfo *m, const u8 *bytes, size_t size, const char *what,
		  struct problem *p)
{
	const u8 *at = NULL, *end;
	struct elf e;
	bool ok = true;

	*m = (struct modinfo){ .release = new_string("") };
	if (elf_open(&e, bytes, size) && e.header.e_type == ET_REL)
		at = elf_section(&e, ".modinfo", &size);
	if (!at) {
		modinfo_free(m);
		return problem_set(p, EXIT_USAGE, "%s: not a kernel module", what);
	}
	m->machine = e.header.e_machine;
	/* Zeros pad the strings; one without its zero at the section's end is left out. */
	for (; ok && size && (end = memchr(at, '\0', size)); at = end + 1) {
		size -= (size_t)(end + 1 - at);
		ok = add(m, (const char *)at, what, p);
	}
	if (ok && !m->name && !(m->name = module_name(what)))
		ok = problem_set(p, EXIT_USAGE, "%s: does not say which module it is", what);
	if (!ok)
		modinfo_free(m);
	return ok;
}

void modinfo_free(struct modinfo *m)
{
	free(m->name);
	free(m->release);
	strings_free(&m->depends);
	strings_free(&m->parameters);
	*m = (struct modinfo){ 0 };
}
