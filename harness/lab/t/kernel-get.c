// SPDX-License-Identifier: GPL-2.0-only
/* kernel_get() from specs to a folder of the cache, without any network. */
#include "harness/lab/kernel.h"
#include "harness/lab/t/make.h"
#include "harness/lab/t/packages.h"
#include "lib/t/tap.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder; /* of one test: its files, and the cache in it */

static void setup(void)
{
	char *cache;

	folder = make_folder();
	cache = new_format("%s/cache", folder);
	setenv("ASSAY_CACHE", cache, 1);
	free(cache);
}

static void teardown(void)
{
	folder_remove(folder);
	free(folder);
}

static char *in_folder(const char *name)
{
	return new_format("%s/%s", folder, name);
}

static void get(struct kernel *k, const char *name)
{
	char *path = in_folder(name);
	struct problem p;

	ck_assert_msg(kernel_get(k, path, "amd64", &p), "%s", p.text);
	ck_assert_str_eq(path, k->spec);
	free(path);
}

static void expect_refused(const char *name, const char *arch, int status, const char *why)
{
	char *path = *name == '/' || strchr(name, ':') ? new_string(name) : in_folder(name);
	struct problem p = { 0 };
	struct kernel k;

	ck_assert(!kernel_get(&k, path, arch, &p));
	ck_assert_msg(strstr(p.text, why), "wanted '%s' in '%s'", why, p.text);
	ck_assert_int_eq(status, p.status);
	ck_assert_ptr_null(strchr(p.text, '\n'));
	free(path);
}

static int count_kernels(void)
{
	char *path = in_folder("cache/kernels"), *work = in_folder("cache/work");
	DIR *d = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (d && (entry = readdir(d)))
		count += entry->d_name[0] != '.';
	if (d)
		closedir(d);
	ck_assert_msg(!folder_exists(work), "something half was left in %s", work);
	free(path);
	free(work);
	return count;
}

static void check_kernel(struct kernel *k)
{
	const struct strings *files = kernel_modules(k, "kvm_amd");
	char *module;

	ck_assert_str_eq(RELEASE, k->release);
	ck_assert_str_eq("6.1.9-1", k->version);
	ck_assert_str_eq("module", k->kvm);
	ck_assert_str_eq("no, files of the user", k->verified);
	ck_assert(k->pvh && k->vmlinux && k->image && k->config);
	ck_assert_ptr_nonnull(files);
	ck_assert_uint_eq(4, files->count);
	ck_assert_str_eq("kvm.ko", path_base(files->item[0]));
	ck_assert_str_eq("needed-here.ko", path_base(files->item[1]));
	ck_assert_str_eq("ccp.ko", path_base(files->item[2]));
	ck_assert_str_eq("kvm-amd.ko", path_base(files->item[3]));
	ck_assert_ptr_null(kernel_modules(k, "kvm-intel"));
	ck_assert(kernel_has_builtin(k, "vfio") && !kernel_has_builtin(k, "vfio-pci"));
	ck_assert(kernel_parameter(k, "kvm-amd", "tdp_mmu", &module));
	ck_assert_str_eq("kvm", module);
	free(module);
	ck_assert(kernel_parameter(k, "kvm-amd", "npt", &module));
	ck_assert_str_eq("kvm_amd", module);
	free(module);
	ck_assert(!kernel_parameter(k, "kvm", "npt", &module));
	kernel_free(k);
}

START_TEST(package)
{
	struct kernel k;

	make_packages(folder, _i);
	make_file(folder, "cache/work/kernel/vmlinux", small_text("of someone who died"));
	get(&k, "linux-image-" RELEASE "_1_amd64.deb");
	check_kernel(&k);
	get(&k, "linux-image-" RELEASE "_1_amd64.deb"); /* now out of the cache */
	check_kernel(&k);
	ck_assert_int_eq(1, count_kernels());
	expect_refused("linux-image-" RELEASE "_1_amd64.deb", "arm64", EXIT_USAGE,
		       "wanted one for arm64");
}
END_TEST

START_TEST(split_package_alone)
{
	char *modules;

	make_packages(folder, true);
	modules = in_folder("linux-modules-" RELEASE "_1_amd64.deb");
	expect_refused(modules, NULL, EXIT_USAGE, "holds no kernel");
	unlink(modules);
	expect_refused("linux-binary-" RELEASE "_1_amd64.deb", NULL, EXIT_USAGE,
		       "also needs the packages linux-modules-" RELEASE);
	ck_assert_int_eq(0, count_kernels());
	free(modules);
}
END_TEST

START_TEST(tree)
{
	struct kernel k;

	make_file(folder, "tree/arch/x86/boot/bzImage", small_bzimage(RELEASE));
	make_file(folder, "tree/.config", small_text("X=y\nCONFIG_KVM_AMD=m\n"));
	expect_refused("tree", NULL, EXIT_USAGE, "there is no kvm-amd.ko");
	make_file(folder, "tree/modules.order",
		  small_text("virt/kvm.o\nkernel/arch/x86/kvm/kvm-amd.ko\n"));
	make_file(folder, "tree/virt/kvm.ko", MAKE_MODULE("name=kvm"));
	make_file(folder, "tree/arch/x86/kvm/kvm-amd.ko", MAKE_MODULE("name=kvm_amd\0depends=kvm"));
	get(&k, "tree");
	ck_assert_uint_eq(2, kernel_modules(&k, "kvm-amd")->count);
	ck_assert_str_eq("", k.version);
	kernel_free(&k);
	/* Another module, another kernel. */
	make_file(folder, "tree/virt/kvm.ko", MAKE_MODULE("name=kvm\0license=GPL"));
	get(&k, "tree/arch/x86/boot/bzImage");
	kernel_free(&k);
	ck_assert_int_eq(2, count_kernels());
	make_file(folder, "tree/virt/kvm.ko", MAKE_MODULE("name=kvm\0vermagic=6.1.0-8-amd64 SMP"));
	expect_refused("tree", NULL, EXIT_USAGE, "was built for 6.1.0-8-amd64");
	make_file(folder, "tree/modules.order", small_text("kernel/arch/x86/kvm/kvm-amd.ko\n"));
	expect_refused("tree", NULL, EXIT_USAGE, "module 'kvm-amd' needs 'kvm'");
}
END_TEST

START_TEST(image_alone)
{
	struct bytes vmlinux = make_vmlinux(RELEASE, false);
	struct kernel k;
	char *module;

	memcpy(vmlinux.data + 0x1800, "\0kvm_amd.npt\0kvm.tdp_mmu", 25);
	make_file(folder, "vmlinux", vmlinux);
	get(&k, "vmlinux");
	ck_assert_str_eq("builtin", k.kvm);
	ck_assert(!k.pvh && !k.image && k.vmlinux);
	ck_assert_ptr_null(kernel_modules(&k, "kvm-amd"));
	ck_assert(kernel_parameter(&k, "kvm-amd", "tdp_mmu", &module));
	ck_assert_str_eq("kvm", module);
	free(module);
	kernel_free(&k);
	make_file(folder, "bzImage", small_bzimage(RELEASE));
	get(&k, "bzImage");
	ck_assert_str_eq("none", k.kvm);
	kernel_free(&k);
}
END_TEST

START_TEST(bad_specs)
{
	make_file(folder, "empty.deb", small_text(""));
	make_file(folder, "text", small_text("hello\n"));
	make_file(folder, "dir/x", small_text("hello\n"));
	expect_refused("empty.deb", NULL, EXIT_USAGE, "not a whole Debian package");
	expect_refused("text", NULL, EXIT_USAGE, "not a kernel");
	expect_refused("built:arm64-none", NULL, EXIT_USAGE, "is not built; run: make kernels");
	expect_refused("built:", NULL, EXIT_USAGE, "is not built; run: make kernels");
	expect_refused("built:../kernels", NULL, EXIT_USAGE, "is not built; run: make kernels");
	expect_refused("dir", NULL, EXIT_USAGE, "holds no kernel");
	expect_refused("nothing", NULL, EXIT_USAGE, "no such file");
	expect_refused("text", "riscv64", EXIT_USAGE, "there are amd64 and arm64");
	expect_refused("debian:", NULL, EXIT_USAGE, "not a release");
	expect_refused("debian:6.1.0-9-amd64/../x", NULL, EXIT_USAGE, "not a release");
	expect_refused("debian:6.1.0-9-amd64", "arm64", EXIT_USAGE, "wanted one for arm64");
	ck_assert_int_eq(0, count_kernels());
}
END_TEST

/* Names that lead elsewhere are no parts of a kernel. */
START_TEST(hostile_names)
{
	struct made_file file[] = {
		{ "../../boot/vmlinuz-" RELEASE, small_bzimage(RELEASE) },
		{ "/boot/vmlinuz-" RELEASE, small_bzimage(RELEASE) },
	};

	make_file(folder, "x.deb",
		  make_deb("Package: x\nVersion: 1\nArchitecture: amd64\n", file, 2, "xz"));
	expect_refused("x.deb", NULL, EXIT_USAGE, "holds no kernel");
	bytes_free(&file[0].content);
	bytes_free(&file[1].content);
}
END_TEST

/* A disk that is full in the middle of a file. */
START_TEST(full_disk)
{
	struct rlimit limit = { 2000, RLIM_INFINITY };

	make_packages(folder, false);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
	expect_refused("linux-image-" RELEASE "_1_amd64.deb", NULL, EXIT_LAB, "cannot be written");
	ck_assert_int_eq(0, count_kernels());
}
END_TEST

START_TEST(broken_manifest)
{
	struct problem p;
	struct kernel k;
	char *json, *place;

	make_packages(folder, false);
	get(&k, "linux-image-" RELEASE "_1_amd64.deb");
	json = new_format("%s/kernel.json", k.folder);
	ck_assert(file_write(json, "{\"version\": 1}", 14, &p));
	kernel_free(&k);
	place = path_folder(json);
	ck_assert(!kernel_load(&k, place, &p));
	ck_assert_int_eq(EXIT_LAB, p.status);
	get(&k, "linux-image-" RELEASE "_1_amd64.deb"); /* is made anew */
	check_kernel(&k);
	free(place);
	free(json);
}
END_TEST

START_TEST(two_at_once)
{
	pid_t child[4];
	int status;

	make_packages(folder, false);
	for (size_t i = 0; i < ARRAY_SIZE(child); i++) {
		child[i] = fork();
		if (!child[i]) {
			char *path = in_folder("linux-image-" RELEASE "_1_amd64.deb");
			struct problem p;
			struct kernel k;

			_exit(!kernel_get(&k, path, NULL, &p));
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(child); i++)
		ck_assert(waitpid(child[i], &status, 0) == child[i] && !status);
	ck_assert_int_eq(1, count_kernels());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel-get");
	TCase *tests = tcase_create("kernel-get");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, package, 0, 2); /* whole, split */
	tcase_add_test(tests, split_package_alone);
	tcase_add_test(tests, tree);
	tcase_add_test(tests, image_alone);
	tcase_add_test(tests, bad_specs);
	tcase_add_test(tests, hostile_names);
	tcase_add_test(tests, full_disk);
	tcase_add_test(tests, broken_manifest);
	tcase_add_test(tests, two_at_once);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
