// SPDX-License-Identifier: GPL-2.0-only
/* The kernel packages in memory and in packages.jsonl; see kernel-index.h. */
#include "harness/lab/kernel-index.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/arguments.h"
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-release.h"

enum { INDEX_MOST = 64 << 20 };

static bool is_plain(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-_.+~:/")];
}

/* What becomes part of addresses and file names is plain, also if someone signed worse. */
static bool is_sane(const struct package *k)
{
	return is_plain(k->name) && is_plain(k->version) && is_plain(k->file) &&
	       !strncmp(k->file, "pool/", 5) && !strstr(k->file, "..") && strlen(k->sha256) == 64 &&
	       !k->sha256[strspn(k->sha256, "0123456789abcdef")];
}

static void package_free(struct package *k)
{
	free(k->name);
	free(k->version);
	free(k->depends);
	free(k->suite);
	free(k->uri);
	free(k->file);
	free(k->sha256);
}

static void append(struct index *x, struct package k)
{
	if (!k.size || !is_sane(&k)) {
		package_free(&k);
		return;
	}
	x->item = grow(x->item, x->count, sizeof(*x->item));
	x->item[x->count++] = k;
}

static char *field(const char *paragraph, const char *name)
{
	char *value = control_field(paragraph, name);

	return value ? value : new_string("");
}

static void add_paragraph(struct index *x, const char *text, const char *suite, const char *uri)
{
	char *name = field(text, "Package"), *release = release_of_package(name);
	char *size = field(text, "Size");
	struct package k = { .name = name };

	if (release) {
		k.version = field(text, "Version");
		k.depends = field(text, "Depends");
		k.suite = new_string(suite);
		k.uri = new_string(uri);
		k.file = field(text, "Filename");
		k.sha256 = field(text, "SHA256");
		if (!number_parse(size, 1, ~0ull, &k.size))
			k.size = 0;
		append(x, k);
	} else {
		free(name);
	}
	free(release);
	free(size);
}

void index_add(struct index *x, const char *packages, const char *suite, const char *uri)
{
	static const char start[] = "Package: linux-";
	const char *at = packages;

	/* A paragraph begins with its Package field; nearly none is a kernel's. */
	while ((at = strstr(at, start))) {
		const char *end = strstr(at, "\n\n");

		if (at == packages || at[-1] == '\n') {
			char *text = new_format("%.*s",
						(int)(end ? end - at : (ptrdiff_t)strlen(at)), at);

			add_paragraph(x, text, suite, uri);
			free(text);
		}
		at += sizeof(start) - 1;
	}
}

static char *text_of(json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return new_string(text ? text : "");
}

bool index_load(struct index *x, const char *path, struct problem *p)
{
	struct strings lines;
	struct bytes text;

	*x = (struct index){ 0 };
	if (!file_read(path, INDEX_MOST, &text, p))
		return false;
	lines = strings_split((const char *)text.data, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		json_t *json = json_loads(lines.item[i], 0, NULL);

		if (json)
			append(x, (struct package){
					  .name = text_of(json, "package"),
					  .version = text_of(json, "version"),
					  .depends = text_of(json, "depends"),
					  .suite = text_of(json, "suite"),
					  .uri = text_of(json, "uri"),
					  .file = text_of(json, "file"),
					  .sha256 = text_of(json, "sha256"),
					  .size = (u64)json_integer_value(
						  json_object_get(json, "size")),
				  });
		json_decref(json);
	}
	strings_free(&lines);
	bytes_free(&text);
	return true;
}

bool index_save(const struct index *x, const char *path, struct problem *p)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	bool ok;

	for (size_t i = 0; f && i < x->count; i++) {
		const struct package *k = &x->item[i];
		json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "package",
					 k->name, "version", k->version, "depends", k->depends,
					 "suite", k->suite, "uri", k->uri, "file", k->file,
					 "sha256", k->sha256, "size", (json_int_t)k->size);

		json_dumpf(json, f, JSON_COMPACT);
		putc('\n', f);
		json_decref(json);
	}
	if (f)
		fclose(f);
	ok = text ? file_write(path, text, size, p) : problem_set(p, EXIT_LAB, "out of memory");
	free(text);
	return ok;
}

void index_free(struct index *x)
{
	for (size_t i = 0; i < x->count; i++)
		package_free(&x->item[i]);
	free(x->item);
	*x = (struct index){ 0 };
}
