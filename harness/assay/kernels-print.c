// SPDX-License-Identifier: GPL-2.0-only
/* What assay kernels prints of a kernel; see kernels-print.h. */
#include "harness/assay/kernels-print.h"

#include <stdlib.h>

#include "harness/assay/json.h"

static void print_text(const struct release *r, const char *folder)
{
	char *suites = strings_join(&r->suites, " "), *missing = strings_join(&r->missing, " ");

	printf("%-34s %-22s %6.1f MB  %-6s  ", r->name, r->version, (double)r->size / 1e6,
	       folder ? "cached" : "-");
	print_clean(stdout, suites, "");
	if (r->missing.count) {
		printf("  incomplete: no index has ");
		print_clean(stdout, missing, "");
	}
	putchar('\n');
	free(suites);
	free(missing);
}

static json_t *json_words(const struct strings *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(array, json_text(s->item[i]));
	return array;
}

static void print_json(const struct release *r, const char *arch, const char *folder)
{
	json_print_line(stdout,
			json_pack("{s:o, s:o, s:s, s:I, s:o, s:b, s:o, s:o}", "release",
				  json_text(r->name), "package_version", json_text(r->version),
				  "arch", arch, "size", (json_int_t)r->size, "suites",
				  json_words(&r->suites), "cached", folder != NULL, "folder",
				  folder ? json_text(folder) : json_null(), "missing",
				  json_words(&r->missing)));
}

void kernels_print_release(const struct release *r, const char *arch, const char *folder, bool json)
{
	if (json)
		print_json(r, arch, folder);
	else
		print_text(r, folder);
}

void kernels_print(const struct kernel *k, bool json)
{
	if (json)
		json_print_line(stdout, json_pack("{s:o, s:s, s:s, s:s, s:s, s:o}", "spec",
						  json_text(k->spec), "release", k->release,
						  "package_version", k->version, "arch", k->arch,
						  "kvm", k->kvm, "folder", json_text(k->folder)));
	else
		printf("%s  %s  %s\n", k->release, k->arch, k->folder);
}
