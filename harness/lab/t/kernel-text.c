// SPDX-License-Identifier: GPL-2.0-only
/* Versions, names of packages, mirrors in apt's sources, the index of packages. */
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-mirror.h"
#include "harness/lab/kernel-release.h"
#include "harness/lab/kernel-releases.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

/* Each is older than the next (deb-version(7)); the order is that of dpkg --compare-versions. */
static const char *const versions[] = {
	"0~",
	"0",
	"0a",
	"0+",
	"1.0~~",
	"1.0~",
	"1.0~a",
	"1.0",
	"1.0-1~bpo12+1",
	"1.0-1",
	"1.0-1+b1",
	"1.0-1.1",
	"1.0-10",
	"1.0a",
	"1.0+",
	"1.0.1-1",
	"1.9",
	"1.10",
	"5.10.262-1",
	"6.1.164-1",
	"6.1.170-1",
	"6.1.170-2",
	"6.12.9-1",
	"6.12.57-1~bpo12+1",
	"6.12.100-1~deb12u1",
	"6.12.100-1",
	"7.3~rc7-1~exp1",
	"7.3.4-1~bpo13+1",
	"1:0.1",
};

START_TEST(orders_versions)
{
	for (int i = 0; i < (int)ARRAY_SIZE(versions); i++) {
		int order = version_compare(versions[_i], versions[i]);

		ck_assert_msg(_i < i   ? order < 0
			      : _i > i ? order > 0
				       : !order,
			      "%s and %s: %d", versions[_i], versions[i], order);
	}
}
END_TEST

START_TEST(equal_versions)
{
	ck_assert_int_eq(0, version_compare("1.0", "0:1.0"));
	ck_assert_int_eq(0, version_compare("1.01", "1.1"));
	ck_assert_int_eq(0, version_compare("1.0", "1.0-0"));
	ck_assert_int_eq(0, version_compare("", ""));
}
END_TEST

static const struct {
	const char *package, *release, *flavour;
} packages[] = {
	{ "linux-image-6.1.0-44-amd64", "6.1.0-44-amd64", "amd64" },
	{ "linux-image-6.1.0-44-rt-amd64-unsigned", "6.1.0-44-rt-amd64", "rt-amd64" },
	{ "linux-binary-7.2.9+deb13-cloud-amd64", "7.2.9+deb13-cloud-amd64", "cloud-amd64" },
	{ "linux-modules-7.3-arm64-16k", "7.3-arm64-16k", "arm64-16k" },
	{ "linux-image-7.3-rc7-arm64", "7.3-rc7-arm64", "arm64" },
	{ "linux-image-6.1.0-0.deb11.51-cloud-amd64", "6.1.0-0.deb11.51-cloud-amd64",
	  "cloud-amd64" },
	{ "linux-image-6.1.0-44-amd64-dbg", NULL, NULL },
	{ "linux-image-amd64", NULL, NULL },
	{ "linux-image-amd64-signed-template", NULL, NULL },
	{ "linux-headers-6.1.0-44-amd64", NULL, NULL },
	{ "linux-base", NULL, NULL },
};

START_TEST(package_names)
{
	char *release = release_of_package(packages[_i].package);

	if (!packages[_i].release) {
		ck_assert_ptr_null(release);
		return;
	}
	ck_assert_str_eq(packages[_i].release, release);
	ck_assert_str_eq(packages[_i].flavour, release_flavour(release));
	free(release);
}
END_TEST

START_TEST(siblings)
{
	struct strings s = release_siblings(
		"linux-image-7.2-amd64",
		"dracut | initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool, linux-base (>= "
		"4), "
		"linux-base-7.2-amd64 (= 7.2-1), linux-binary-7.2-amd64 (= 7.2-1), "
		"linux-modules-7.2-amd64:any (= 7.2-1)");
	char *joined = strings_join(&s, " ");

	ck_assert_str_eq("linux-base-7.2-amd64 linux-binary-7.2-amd64 linux-modules-7.2-amd64",
			 joined);
	free(joined);
	strings_free(&s);
	s = release_siblings("linux-binary-7.2-amd64", "linux-base-7.2-amd64 (= 7.2-1)");
	joined = strings_join(&s, " ");
	ck_assert_str_eq("linux-base-7.2-amd64 linux-modules-7.2-amd64", joined);
	free(joined);
	strings_free(&s);
}
END_TEST

static const struct {
	const char *file, *text, *mirrors; /* + main, - security, then its URI and keyring */
} sources[] = {
	{ "debian.sources",
	  "Types: deb\n# a word\nURIs: http://mirror.example/debian/\nSuites: x y\nComponents: "
	  "main\n"
	  "Signed-By: /k.gpg\n\n"
	  "Types: deb deb-src\nURIs: http://mirror.example/debian-security\nSuites: x-security\n"
	  "Signed-By: /k.gpg\n",
	  "+http://mirror.example/debian /k.gpg -http://mirror.example/debian-security /k.gpg " },
	{ "other.sources", "Types: deb\nURIs: https://vendor.example/apt\nSuites: x\n", "" },
	{ "off.sources", "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\n", "" },
	{ "source.sources", "Types: deb-src\nURIs: http://mirror.example/debian\n", "" },
	{ "two.sources",
	  "Types: deb\nURIs: http://a.example/debian\n http://b.example/debian\n"
	  "Signed-By: /k.gpg\n",
	  "+http://a.example/debian /k.gpg +http://b.example/debian /k.gpg " },
	{ "sources.list",
	  "# deb http://no.example/debian x main\n"
	  "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian x main\n"
	  "deb-src http://src.example/debian x main\n"
	  "deb\t[signed-by=/k.gpg]\thttp://mirror.example/debian  y main\n"
	  "deb [signed-by=/k.gpg http://broken.example/debian\n",
	  "+http://mirror.example/debian /k.gpg " },
	{ "sources.list.save", "deb http://mirror.example/debian x main\n", "" },
	{ "quote.list", "deb [signed-by=/k.gpg] http://\"mirror.example/debian x main\n", "" },
};

START_TEST(finds_mirrors)
{
	struct mirrors m = { 0 };
	char *all = new_string("");

	mirrors_add(&m, sources[_i].file, sources[_i].text);
	for (size_t i = 0; i < m.count; i++) {
		char *longer = new_format("%s%c%s %s ", all, m.item[i].security ? '-' : '+',
					  m.item[i].uri, m.item[i].signed_by);

		free(all);
		all = longer;
	}
	ck_assert_str_eq(sources[_i].mirrors, all);
	free(all);
	mirrors_free(&m);
}
END_TEST

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PACKAGE(name, version, depends)                                                            \
	"Package: " name "\nVersion: " version "\nDepends: " depends "\nSize: 1000\n"              \
	"Filename: pool/main/l/linux/" name "_" version "_amd64.deb\nSHA256: " DIGEST "\n\n"

START_TEST(puts_packages_together)
{
	static const char stable[] = PACKAGE("a", "1", "x") PACKAGE("linux-image-6.1.0-9-amd64",
								    "6.1.9-1", "kmod")
		PACKAGE("linux-image-6.1.0-10-amd64", "6.1.10-1", "kmod")
			PACKAGE("linux-image-6.1.0-10-amd64-unsigned", "6.1.10-1", "kmod")
				PACKAGE("linux-image-6.1.0-10-amd64-dbg", "6.1.10-1", "kmod")
					PACKAGE("linux-image-6.1-amd64", "6.1.10-1",
						"linux-image-6.1.0-10-amd64 (= 6.1.10-1)")
						PACKAGE("linux-image-amd64", "6.1.10-1",
							"linux-image-6.1.0-10-amd64 (= 6.1.10-1)");
	static const char backports[] = PACKAGE(
		"linux-image-7.2-amd64", "7.2-1",
		"linux-base-7.2-amd64, linux-binary-7.2-amd64, linux-modules-7.2-amd64")
		PACKAGE("linux-binary-7.2-amd64", "7.2-1", "linux-base-7.2-amd64")
			PACKAGE("linux-modules-7.2-amd64", "7.2-1", "linux-base-7.2-amd64")
				PACKAGE("linux-binary-7.1-amd64", "7.1-1", "linux-base-7.1-amd64")
					PACKAGE("linux-image-6.1.0-10-amd64", "6.1.10-1", "kmod")
						PACKAGE("linux-image-../../etc", "6.1.10-1",
							"kmod");
	struct index x = { 0 };
	struct releases r;
	struct problem p;

	index_add(&x, stable, "stable", "http://mirror.example/debian");
	index_add(&x, backports, "stable-backports", "http://mirror.example/debian");
	releases_make(&r, &x);
	ck_assert_uint_eq(4, r.count);
	ck_assert_str_eq("6.1.0-9-amd64", r.item[0].name);
	ck_assert_str_eq("6.1.0-10-amd64", r.item[1].name);
	ck_assert_str_eq("linux-image-6.1.0-10-amd64", r.item[1].part[0]->name);
	ck_assert_uint_eq(2, r.item[1].suites.count);
	ck_assert_str_eq("7.1-amd64", r.item[2].name);
	ck_assert_uint_eq(1, r.item[2].missing.count);
	ck_assert_str_eq("linux-modules-7.1-amd64", r.item[2].missing.item[0]);
	ck_assert_str_eq("7.2-amd64", r.item[3].name);
	ck_assert_uint_eq(3, r.item[3].parts);
	ck_assert_uint_eq(3000, r.item[3].size);
	ck_assert_uint_eq(0, r.item[3].missing.count);
	ck_assert(!releases_unknown(&r, "6.1.0-11-amd64", &p));
	ck_assert_ptr_nonnull(strstr(p.text, "near are 6.1.0-10-amd64"));
	releases_free(&r);
	index_free(&x);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel-text");
	TCase *tests = tcase_create("kernel-text");

	tcase_add_loop_test(tests, orders_versions, 0, ARRAY_SIZE(versions));
	tcase_add_test(tests, equal_versions);
	tcase_add_loop_test(tests, package_names, 0, ARRAY_SIZE(packages));
	tcase_add_test(tests, siblings);
	tcase_add_loop_test(tests, finds_mirrors, 0, ARRAY_SIZE(sources));
	tcase_add_test(tests, puts_packages_together);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
