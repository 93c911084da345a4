// SPDX-License-Identifier: GPL-2.0-only
/* Reads kernel.json and answers from it; see kernel.h. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-modules.h"
#include "harness/lab/kernel.h"

enum { MANIFEST_MOST = 4 << 20 };

static bool wrong(const struct kernel *k, const char *what, struct problem *p)
{
	return problem_set(p, EXIT_LAB,
			   "%s/kernel.json: %s; remove the folder and get the kernel again",
			   k->folder, what);
}

static char *text_of(json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? new_string(text) : NULL;
}

/* A file of the folder: a plain name, and the file is there.  *path stays NULL for null. */
static bool file_of(const struct kernel *k, json_t *value, const char *sub, char **path)
{
	const char *name = json_string_value(value);

	if (json_is_null(value))
		return true;
	if (!name || !*name || *name == '.' || strchr(name, '/'))
		return false;
	*path = new_format("%s%s/%s", k->folder, sub, name);
	return file_exists(*path);
}

static bool add_words(struct strings *s, json_t *array)
{
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value)
	{
		if (!json_is_string(value))
			return false;
		strings_add(s, json_string_value(value));
	}
	return json_is_array(array);
}

static bool add_top(struct kernel *k, const char *name, json_t *files)
{
	struct kernel_top *top;
	json_t *value;
	size_t i;

	k->top = grow(k->top, k->tops, sizeof(*k->top));
	top = &k->top[k->tops++];
	*top = (struct kernel_top){ .name = new_string(name) };
	json_array_foreach(files, i, value)
	{
		char *path = NULL, *module = NULL;
		bool ok = file_of(k, value, "/modules", &path) && path &&
			  (module = module_name(path));

		if (ok) {
			strings_add(&top->files, path);
			strings_add(&top->modules, module);
		}
		free(path);
		free(module);
		if (!ok)
			return false;
	}
	return top->files.count > 0;
}

static bool read_modules(struct kernel *k, json_t *json)
{
	json_t *modules = json_object_get(json, "modules");
	json_t *parameters = json_object_get(json, "parameters"), *value;
	const char *name;

	json_object_foreach(modules, name, value) if (!add_top(k, name, value)) return false;
	json_object_foreach(parameters, name, value)
	{
		k->module = grow(k->module, k->modules, sizeof(*k->module));
		k->module[k->modules] = (struct kernel_module){ .name = new_string(name) };
		if (!add_words(&k->module[k->modules++].parameters, value))
			return false;
	}
	return json_is_object(modules) && json_is_object(parameters) &&
	       add_words(&k->builtin, json_object_get(json, "builtin"));
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return word && (!strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c));
}

static bool read_json(struct kernel *k, json_t *json, struct problem *p)
{
	if (json_integer_value(json_object_get(json, "version")) != 1)
		return wrong(k, "not of version 1", p);
	k->spec = text_of(json, "spec");
	k->release = text_of(json, "release");
	k->version = text_of(json, "package_version");
	k->arch = text_of(json, "arch");
	k->verified = text_of(json, "verified");
	k->recipe = text_of(json, "recipe");
	k->kvm = text_of(json, "kvm");
	k->pvh = json_is_true(json_object_get(json, "pvh"));
	if (!k->spec || !k->release || !k->version || !k->verified || !k->recipe ||
	    !is_one_of(k->arch, "amd64", "arm64", "arm64") ||
	    !is_one_of(k->kvm, "none", "module", "builtin"))
		return wrong(k, "a key is missing or has no such value", p);
	if (!file_of(k, json_object_get(json, "vmlinux"), "", &k->vmlinux) ||
	    !file_of(k, json_object_get(json, "image"), "", &k->image) ||
	    !file_of(k, json_object_get(json, "config"), "", &k->config) ||
	    (!k->vmlinux && !k->image))
		return wrong(k, "a file that it names is not there", p);
	return read_modules(k, json) || wrong(k, "a module that it names is not there", p);
}

bool kernel_load(struct kernel *k, const char *folder, struct problem *p)
{
	char *path = new_format("%s/kernel.json", folder);
	json_t *json = NULL;
	struct bytes text;
	bool ok;

	*k = (struct kernel){ .folder = new_string(folder), .hash = new_string(path_base(folder)) };
	ok = file_read(path, MANIFEST_MOST, &text, p);
	if (ok) {
		json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
		bytes_free(&text);
		ok = json ? read_json(k, json, p) : wrong(k, "not JSON", p);
	}
	json_decref(json);
	free(path);
	if (!ok)
		kernel_free(k);
	return ok;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

static const struct kernel_top *find_top(const struct kernel *k, const char *name)
{
	for (size_t i = 0; i < k->tops; i++)
		if (same_name(k->top[i].name, name))
			return &k->top[i];
	return NULL;
}

const struct strings *kernel_modules(const struct kernel *k, const char *top)
{
	const struct kernel_top *found = find_top(k, top);

	return found ? &found->files : NULL;
}

bool kernel_has_builtin(const struct kernel *k, const char *top)
{
	for (size_t i = 0; i < k->builtin.count; i++)
		if (same_name(k->builtin.item[i], top))
			return true;
	return false;
}

static bool declares(const struct kernel *k, const char *module, const char *parameter)
{
	for (size_t i = 0; i < k->modules; i++)
		if (same_name(k->module[i].name, module))
			return strings_have(&k->module[i].parameters, parameter);
	return false;
}

bool kernel_parameter(const struct kernel *k, const char *top, const char *name, char **module)
{
	const struct kernel_top *loaded = find_top(k, top);
	struct strings family = top_family(top);

	*module = NULL;
	for (size_t i = loaded ? loaded->modules.count : 0; !*module && i-- > 0;)
		if (declares(k, loaded->modules.item[i], name))
			*module = new_string(loaded->modules.item[i]);
	for (size_t i = 0; !loaded && kernel_has_builtin(k, top) && !*module && i < family.count;
	     i++)
		if (declares(k, family.item[i], name))
			*module = new_string(family.item[i]);
	strings_free(&family);
	return *module;
}

void kernel_free(struct kernel *k)
{
	char **text[] = {
		&k->folder,   &k->hash,	  &k->spec, &k->release, &k->version, &k->arch,
		&k->verified, &k->recipe, &k->kvm,  &k->vmlinux, &k->image,   &k->config
	};

	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		free(*text[i]);
	for (size_t i = 0; i < k->tops; i++) {
		free(k->top[i].name);
		strings_free(&k->top[i].files);
		strings_free(&k->top[i].modules);
	}
	for (size_t i = 0; i < k->modules; i++) {
		free(k->module[i].name);
		strings_free(&k->module[i].parameters);
	}
	free(k->top);
	free(k->module);
	strings_free(&k->builtin);
	*k = (struct kernel){ 0 };
}
