// SPDX-License-Identifier: GPL-2.0-only
/* Writes kernel.json, version 1; doc/kernels.md says what each key means. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/json.h"
#include "harness/lab/kernel-make.h"

/* Is the line NAME=VALUE in a .config? */
static bool config_is(const struct bytes *config, const char *name, char value)
{
	char *line = new_format("\n%s=%c", name, value);
	const char *text = (const char *)config->data;
	bool is = text && (strstr(text, line) || !strncmp(text, line + 1, strlen(line) - 1));

	free(line);
	return is;
}

/* modules.builtin has lines "kernel/arch/x86/kvm/kvm.ko". */
static bool is_listed(const struct bytes *builtin, const char *top)
{
	struct strings lines =
		strings_split(builtin->size ? (const char *)builtin->data : "", '\n');
	char *wanted = module_name(top);
	bool found = false;

	for (size_t i = 0; !found && i < lines.count; i++) {
		char *name = module_name(lines.item[i]);

		found = name && !strcmp(name, wanted);
		free(name);
	}
	free(wanted);
	strings_free(&lines);
	return found;
}

static bool has_parameters(const struct kernel_source *s, const char *top)
{
	struct strings names = { 0 };
	char *name = module_name(top);
	bool has;

	boot_image_parameters(&s->boot, name, &names);
	has = names.count > 0;
	free(name);
	strings_free(&names);
	return has;
}

/* The surest word first: the build's list, its configuration, the parameters in the kernel. */
static bool is_builtin(const struct kernel_source *s, const struct top_module *top)
{
	if (is_listed(&s->builtin, top->name))
		return true;
	if (s->config.size)
		return config_is(&s->config, top->config, 'y');
	return has_parameters(s, top->name);
}

static json_t *json_strings(const struct strings *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(array, json_text(s->item[i]));
	return array;
}

static void add_parameters(json_t *parameters, const char *module, const struct strings *names)
{
	if (!json_object_get(parameters, module))
		json_object_set_new(parameters, module, json_strings(names));
}

static void add_builtin_parameters(const struct kernel_source *s, const struct top_module *top,
				   json_t *parameters)
{
	struct strings family = strings_split(top->family, ',');

	for (size_t i = 0; i < family.count; i++) {
		struct strings names = { 0 };

		boot_image_parameters(&s->boot, family.item[i], &names);
		if (names.count)
			add_parameters(parameters, family.item[i], &names);
		strings_free(&names);
	}
	strings_free(&family);
}

/* Fills the objects of one top; false: what it needs is not there. */
static bool add_top(const struct kernel_source *s, const struct top_module *top, json_t *modules,
		    json_t *builtin, json_t *parameters, struct problem *p)
{
	struct strings files = { 0 };
	bool ok = modules_order(&s->modules, top->name, &files, p);

	for (size_t i = 0; ok && i < files.count; i++) {
		const struct module *m = modules_find(&s->modules, files.item[i]);

		add_parameters(parameters, m->name, &m->info.parameters);
	}
	if (ok && files.count) {
		json_object_set_new(modules, top->name, json_strings(&files));
	} else if (ok && is_builtin(s, top)) {
		char *name = module_name(top->name);

		json_array_append_new(builtin, json_text(name));
		add_builtin_parameters(s, top, parameters);
		free(name);
	}
	strings_free(&files);
	return ok;
}

static bool among(json_t *array, const char *name)
{
	json_t *value;
	size_t i;

	json_array_foreach(array, i,
			   value) if (!strcmp(json_string_value(value), name)) return true;
	return false;
}

/*
 * On x86 the vendor's part decides, on arm64 there is one.  A kernel of which
 * the KVM is a module that nobody built is a mistake, and no verdict.
 */
static const char *kvm_word(const struct kernel_source *s, json_t *modules, json_t *builtin,
			    struct problem *p)
{
	bool x86 = !strcmp(s->boot.arch, "amd64");

	if (x86 ? json_object_get(modules, "kvm-amd") || json_object_get(modules, "kvm-intel")
		: json_object_get(modules, "kvm") != NULL)
		return "module";
	if (x86 ? among(builtin, "kvm_amd") || among(builtin, "kvm_intel") : among(builtin, "kvm"))
		return "builtin";
	if (config_is(&s->config, x86 ? "CONFIG_KVM_AMD" : "CONFIG_KVM", 'm') ||
	    (x86 && config_is(&s->config, "CONFIG_KVM_INTEL", 'm'))) {
		problem_set(p, EXIT_USAGE,
			    "%s: KVM is a module by its configuration, but there is no kvm%s.ko; "
			    "build the modules",
			    s->what, x86 ? "-amd.ko or kvm-intel" : "");
		return NULL;
	}
	return "none";
}

/* Digests are lines "SHA256  FILE". */
static json_t *json_sources(const struct strings *digests)
{
	json_t *array = json_array();

	for (size_t i = 0; i < digests->count; i++) {
		char *sha =
			new_format("%.*s", (int)strcspn(digests->item[i], " "), digests->item[i]);
		const char *file = strchr(digests->item[i], ' ') + 2;

		json_array_append_new(array, json_pack("{s:o, s:o}", "file", json_text(file),
						       "sha256", json_text(sha)));
		free(sha);
	}
	return array;
}

static json_t *name_or_null(bool there, const char *name)
{
	return there ? json_text(name) : json_null();
}

/* What was found of the modules, by the keys that it gets. */
struct found {
	json_t *modules, *builtin, *parameters;
};

static json_t *make_json(const struct kernel_source *s, const char *spec,
			 const struct strings *digests, const struct found *f, const char *kvm)
{
	const struct boot_image *boot = &s->boot;
	char *recipe = kernel_recipe();
	const struct {
		const char *key;
		json_t *value;
	} pairs[] = {
		{ "version", json_integer(1) },
		{ "recipe", json_text(recipe) },
		{ "spec", json_text(spec) },
		{ "release", json_text(boot->release) },
		{ "package_version", json_text(s->version) },
		{ "arch", json_text(boot->arch) },
		{ "kvm", json_text(kvm) },
		{ "verified", json_text(s->verified) },
		{ "sources", json_sources(digests) },
		{ "vmlinux", name_or_null(boot->vmlinux.size, "vmlinux") },
		{ "image",
		  name_or_null(boot->image.size, boot->vmlinux.size ? "bzImage" : "Image") },
		{ "config", name_or_null(s->config.size, "config") },
		{ "pvh", json_boolean(boot->pvh) },
		{ "modules", json_incref(f->modules) },
		{ "builtin", json_incref(f->builtin) },
		{ "parameters", json_incref(f->parameters) },
	};
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		json_object_set_new(json, pairs[i].key, pairs[i].value);
	free(recipe);
	return json;
}

char *kernel_manifest(const struct kernel_source *s, const char *spec,
		      const struct strings *digests, struct problem *p)
{
	struct found f = { json_object(), json_array(), json_object() };
	const char *kvm = NULL;
	char *text = NULL;
	bool ok = true;

	for (size_t i = 0; ok && i < top_module_count; i++)
		ok = add_top(s, &top_modules[i], f.modules, f.builtin, f.parameters, p);
	if (ok)
		kvm = kvm_word(s, f.modules, f.builtin, p);
	if (kvm) {
		json_t *json = make_json(s, spec, digests, &f, kvm);
		char *dump = json_dumps(json, JSON_INDENT(2));

		text = new_format("%s\n", dump);
		free(dump);
		json_decref(json);
	}
	json_decref(f.modules);
	json_decref(f.builtin);
	json_decref(f.parameters);
	return text;
}
