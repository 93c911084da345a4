// SPDX-License-Identifier: GPL-2.0-only
/* Names and versions of kernel packages; see kernel-release.h. */
#include "harness/lab/kernel-release.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-deb.h"

static bool ends(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && !strcmp(text + length - tail, suffix);
}

char *release_of_package(const char *package)
{
	static const char *const prefixes[] = { "linux-image-", "linux-binary-", "linux-modules-",
						"linux-base-" };
	static const char *const others[] = { "-dbg", "-dbgsym", "-template", "-extra" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (ends(package, others[i]))
			return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		const char *release = package + length;

		if (strncmp(package, prefixes[i], length) || !isdigit((unsigned char)*release))
			continue;
		length = strlen(release);
		if (ends(release, "-unsigned"))
			length -= strlen("-unsigned");
		return new_format("%.*s", (int)length, release);
	}
	return NULL;
}

bool release_package_optional(const char *package)
{
	return !strncmp(package, "linux-base-", strlen("linux-base-"));
}

struct strings release_siblings(const char *package, const char *depends)
{
	struct strings all = depends_names(depends), siblings = { 0 };
	char *release = release_of_package(package);

	for (size_t i = 0; release && i < all.count; i++) {
		char *other = release_of_package(all.item[i]);

		if (other && !strcmp(other, release))
			strings_add(&siblings, all.item[i]);
		free(other);
	}
	/* Nothing depends from the kernel to its modules; without them there is no KVM. */
	if (release && !strncmp(package, "linux-binary-", 13)) {
		char *modules = new_format("linux-modules-%s", release);

		strings_add(&siblings, modules);
		free(modules);
	}
	free(release);
	strings_free(&all);
	return siblings;
}

/* The first part that is a word; but -rc7 belongs to the numbers. */
const char *release_flavour(const char *release)
{
	const char *dash = release;

	while ((dash = strchr(dash, '-'))) {
		dash++;
		if (!strncmp(dash, "rc", 2) && isdigit((unsigned char)dash[2]))
			continue;
		if (isalpha((unsigned char)*dash))
			return dash;
	}
	return release + strlen(release);
}

/* "cloud-amd64", "arm64-16k" */
const char *release_arch(const char *release)
{
	struct strings words = strings_split(release_flavour(release), '-');
	const char *arch = strings_have(&words, "amd64")   ? "amd64"
			   : strings_have(&words, "arm64") ? "arm64"
							   : NULL;

	strings_free(&words);
	return arch;
}

const char *spec_arch(const char *spec)
{
	static const char debian[] = "debian:", built[] = "built:arm64";

	if (!strncmp(spec, debian, strlen(debian)))
		return release_arch(spec + strlen(debian));
	return strncmp(spec, built, strlen(built)) ? NULL : "arm64";
}

/* --- versions: [epoch:]upstream[-revision] --- */

/* ~ before the end before letters before all others. */
static int rank(const char *c, const char *end)
{
	if (c == end || isdigit((unsigned char)*c))
		return 0;
	if (*c == '~')
		return -1;
	return isalpha((unsigned char)*c) ? *c : *c + 256;
}

static bool is_digit_before(const char *c, const char *end)
{
	return c < end && isdigit((unsigned char)*c);
}

static int compare_numbers(const char **a, const char *a_end, const char **b, const char *b_end)
{
	int first = 0;

	while (*a < a_end && **a == '0')
		++*a;
	while (*b < b_end && **b == '0')
		++*b;
	while (is_digit_before(*a, a_end) && is_digit_before(*b, b_end)) {
		if (!first)
			first = **a - **b;
		++*a;
		++*b;
	}
	if (is_digit_before(*a, a_end))
		return 1;
	return is_digit_before(*b, b_end) ? -1 : first;
}

/* Runs of characters and of digits by turns. */
static int compare_parts(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end || b < b_end) {
		int order = 0;

		while ((a < a_end && !isdigit((unsigned char)*a)) ||
		       (b < b_end && !isdigit((unsigned char)*b))) {
			order = rank(a, a_end) - rank(b, b_end);
			if (order)
				return order;
			a++;
			b++;
		}
		order = compare_numbers(&a, a_end, &b, b_end);
		if (order)
			return order;
	}
	return 0;
}

int version_compare(const char *a, const char *b)
{
	const char *a_colon = strchr(a, ':'), *b_colon = strchr(b, ':'), *a_dash, *b_dash;
	unsigned long a_epoch = a_colon ? strtoul(a, NULL, 10) : 0;
	unsigned long b_epoch = b_colon ? strtoul(b, NULL, 10) : 0;
	int order;

	if (a_epoch != b_epoch)
		return a_epoch < b_epoch ? -1 : 1;
	a = a_colon ? a_colon + 1 : a;
	b = b_colon ? b_colon + 1 : b;
	a_dash = strrchr(a, '-');
	b_dash = strrchr(b, '-');
	order = compare_parts(a, a_dash ? a_dash : a + strlen(a), b,
			      b_dash ? b_dash : b + strlen(b));
	if (order)
		return order;
	a = a_dash ? a_dash + 1 : "";
	b = b_dash ? b_dash + 1 : "";
	return compare_parts(a, a + strlen(a), b, b + strlen(b));
}
