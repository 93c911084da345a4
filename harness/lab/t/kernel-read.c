// SPDX-License-Identifier: GPL-2.0-only
/* The readers of boot images, modules and packages, with what is whole, cut off and hostile. */
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-image.h"
#include "harness/lab/kernel-modinfo.h"
#include "harness/lab/kernel-modules.h"
#include "harness/lab/kernel-unpack.h"
#include "harness/lab/t/make.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

static const char *const filters[] = { "gzip", "xz", "zstd", "lz4-legacy", "bzip2", "lzma" };

START_TEST(bzimage)
{
	struct bytes vmlinux = make_vmlinux("6.1.0-9-amd64", true);
	struct bytes file = make_bzimage(&vmlinux, filters[_i]);
	struct boot_image b;
	struct problem p;

	ck_assert_msg(boot_image_read(&b, &file, "x", &p), "%s", p.text);
	ck_assert_str_eq("amd64", b.arch);
	ck_assert_str_eq("6.1.0-9-amd64", b.release);
	ck_assert(b.pvh);
	ck_assert_uint_eq(vmlinux.size, b.vmlinux.size);
	ck_assert_mem_eq(vmlinux.data, b.vmlinux.data, vmlinux.size);
	ck_assert_ptr_null(file.data);
	boot_image_free(&b);
	bytes_free(&vmlinux);
}
END_TEST

/* Cut off anywhere, it is refused in one line. */
START_TEST(cut_bzimage)
{
	struct bytes vmlinux = make_vmlinux("6.1.0-9-amd64", true);
	struct bytes whole = make_bzimage(&vmlinux, "xz");

	for (size_t size = 0; size < whole.size - 64; size += 7) {
		struct bytes cut = { new_zeroed(size + 1, 1), size };
		struct boot_image b;
		struct problem p;

		memcpy(cut.data, whole.data, size);
		ck_assert(!boot_image_read(&b, &cut, "x", &p));
		ck_assert_int_eq(EXIT_USAGE, p.status);
		ck_assert_ptr_null(strchr(p.text, '\n'));
	}
	bytes_free(&whole);
	bytes_free(&vmlinux);
}
END_TEST

static void expect_refused(struct bytes file, const char *why)
{
	struct boot_image b;
	struct problem p;

	ck_assert(!boot_image_read(&b, &file, "x", &p));
	ck_assert_msg(strstr(p.text, why), "wanted '%s' in '%s'", why, p.text);
}

START_TEST(no_kernels)
{
	struct bytes vmlinux = make_vmlinux("6.1.0-9-amd64", false), file;

	file = make_bzimage(&vmlinux, "gzip");
	file.data[0x24c] = 0xff;
	file.data[0x24f] = 0xff;
	expect_refused(file, "cut off");
	file = make_bzimage(&vmlinux, "xz");
	file.data[5 * 512 + 0x100 + 40] ^= 0xff;
	expect_refused(file, "cannot be unpacked");
	file = make_bzimage(&vmlinux, "zstd");
	memcpy(file.data + 5 * 512 + 0x100, "\x89LZO", 4);
	expect_refused(file, "LZO");
	vmlinux.data[18] = 40; /* 32-bit Arm */
	expect_refused(make_bzimage(&vmlinux, "gzip"), "another machine");
	vmlinux.data[18] = 183; /* AArch64 */
	expect_refused(make_bzimage(&vmlinux, "gzip"), "give its arch/arm64/boot/Image");
	bytes_free(&vmlinux);
	expect_refused(make_vmlinux("%s", false), "not a Linux kernel");
	expect_refused(MAKE_MODULE("name=x"), "no ELF kernel");
	file = (struct bytes){ (u8 *)new_string("#!/bin/sh\n"), 10 };
	expect_refused(file, "not a kernel");
}
END_TEST

/* drivers/firmware/efi/libstub/zboot-header.S: where the payload is, and how long. */
static struct bytes zboot(const struct bytes *image)
{
	struct bytes packed = make_packed(image, "gzip");
	struct bytes b = { new_zeroed(0x40 + packed.size + 1, 1), 0x40 + packed.size };

	memcpy(b.data, "MZ\0\0zimg\x40\0\0\0", 12);
	b.data[12] = (u8)packed.size;
	b.data[13] = (u8)(packed.size >> 8);
	memcpy(b.data + 0x40, packed.data, packed.size);
	bytes_free(&packed);
	return b;
}

START_TEST(arm64)
{
	struct bytes image = make_image("6.1.0-9-arm64");
	struct bytes file = _i ? zboot(&image) : make_packed(&image, "gzip");
	struct boot_image b;
	struct problem p;

	ck_assert_msg(boot_image_read(&b, &file, "x", &p), "%s", p.text);
	ck_assert_str_eq("arm64", b.arch);
	ck_assert_str_eq("6.1.0-9-arm64", b.release);
	ck_assert_mem_eq(image.data, b.image.data, image.size);
	ck_assert_uint_eq(0, b.vmlinux.size);
	boot_image_free(&b);
	file = zboot(&image);
	file.data[14] = 1;
	expect_refused(file, "cut off");
	bytes_free(&image);
}
END_TEST

START_TEST(unpacks_no_more_than_it_may)
{
	struct bytes zeros = { new_zeroed(1 << 20, 1), 1 << 20 }, out;
	struct bytes packed = make_packed(&zeros, "xz");
	struct problem p;

	ck_assert(unpack(packed.data, packed.size, 1 << 20, &out, "x", &p));
	ck_assert_uint_eq(1 << 20, out.size);
	bytes_free(&out);
	ck_assert(!unpack(packed.data, packed.size, (1 << 20) - 1, &out, "x", &p));
	ck_assert_ptr_null(out.data);
	bytes_free(&packed);
	bytes_free(&zeros);
}
END_TEST

START_TEST(modinfo)
{
	struct bytes file =
		MAKE_MODULE("license=GPL\0parm=npt:Enable it (bool)\0parmtype=npt:bool\0"
			    "\0\0parmtype=avic:bool\0depends=kvm,ccp,irq-bypass\0"
			    "name=kvm_amd\0vermagic=6.1.0-9-amd64 SMP preempt\0cut");
	struct modinfo m;
	struct problem p;

	ck_assert_msg(modinfo_read(&m, file.data, file.size, "x.ko", &p), "%s", p.text);
	ck_assert_str_eq("kvm_amd", m.name);
	ck_assert_str_eq("6.1.0-9-amd64", m.release);
	ck_assert_uint_eq(3, m.depends.count);
	ck_assert_str_eq("irq_bypass", m.depends.item[2]);
	ck_assert_uint_eq(2, m.parameters.count);
	ck_assert_str_eq("npt", m.parameters.item[0]);
	modinfo_free(&m);
	bytes_free(&file);
	file = MAKE_MODULE("depends=../../etc/passwd");
	ck_assert(!modinfo_read(&m, file.data, file.size, "x.ko", &p));
	bytes_free(&file);
}
END_TEST

static const struct {
	const char *file, *name;
} names[] = {
	{ "kvm-amd.ko", "kvm_amd" },
	{ "a/b/kvm.ko.xz", "kvm" },
	{ "kvm", "kvm" },
	{ "kvm.ko.zst", "kvm" },
	{ "drivers/x.o", "x" },
	{ "x.txt", NULL },
	{ "..", NULL },
	{ ".ko", NULL },
	{ "", NULL },
	{ "a b.ko", NULL },
};

START_TEST(module_names)
{
	char *name = module_name(names[_i].file);

	if (names[_i].name)
		ck_assert_str_eq(names[_i].name, name);
	else
		ck_assert_ptr_null(name);
	free(name);
}
END_TEST

/* --- packages --- */

static size_t wants_all(void *context, const char *name)
{
	(void)context;
	(void)name;
	return 1000;
}

static bool takes(void *context, const char *name, struct bytes *content, struct problem *p)
{
	(void)content;
	(void)p;
	strings_add(context, name);
	return true;
}

static const char control[] = "Package: linux-image-1-amd64\nVersion: 1-1\nArchitecture: amd64\n"
			      "Depends: kmod,\n linux-base\nDescription: a test\n more\n";

static struct bytes small_deb(const char *filter)
{
	struct made_file file[] = {
		{ "./boot/vmlinuz-1-amd64", { (u8 *)"kernel", 6 } },
		{ "./usr/lib/modules/1-amd64/config", { (u8 *)"X=y", 3 } },
	};

	return make_deb(control, file, ARRAY_SIZE(file), filter);
}

START_TEST(package)
{
	struct bytes bytes = small_deb(filters[_i]);
	struct deb d = { .what = "x.deb", .data = bytes.data, .size = bytes.size };
	struct strings seen = { 0 };
	struct deb_visitor v = { wants_all, takes, &seen };
	struct deb_control c;
	struct problem p;

	ck_assert_msg(deb_control(&d, &c, &p), "%s", p.text);
	ck_assert_str_eq("linux-image-1-amd64", c.package);
	ck_assert_str_eq("kmod,  linux-base", c.depends);
	deb_control_free(&c);
	ck_assert_msg(deb_visit(&d, &v, &p), "%s", p.text);
	ck_assert_uint_eq(2, seen.count);
	ck_assert_str_eq("boot/vmlinuz-1-amd64", seen.item[0]);
	ck_assert_str_eq("lib/modules/1-amd64/config", seen.item[1]);
	d.most = 8;
	ck_assert(!deb_visit(&d, &v, &p));
	ck_assert_ptr_nonnull(strstr(p.text, "more than 8 bytes"));
	strings_free(&seen);
	bytes_free(&bytes);
}
END_TEST

START_TEST(cut_package)
{
	struct bytes bytes = small_deb("xz");

	for (size_t size = 0; size < bytes.size; size += 5) {
		struct deb d = { .what = "x.deb", .data = bytes.data, .size = size };
		struct strings seen = { 0 };
		struct deb_visitor v = { wants_all, takes, &seen };
		struct problem p;

		if (deb_visit(&d, &v, &p))
			/* Only padding of the last member is gone. */
			ck_assert_uint_gt(size, bytes.size - 64);
		else
			ck_assert_msg(strstr(p.text, "not a whole Debian package"), "%s", p.text);
		strings_free(&seen);
	}
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel-read");
	TCase *tests = tcase_create("kernel-read");

	tcase_add_loop_test(tests, bzimage, 0, ARRAY_SIZE(filters));
	tcase_add_test(tests, cut_bzimage);
	tcase_add_test(tests, no_kernels);
	tcase_add_loop_test(tests, arm64, 0, 2); /* gzip, EFI zboot */
	tcase_add_test(tests, unpacks_no_more_than_it_may);
	tcase_add_test(tests, modinfo);
	tcase_add_loop_test(tests, module_names, 0, ARRAY_SIZE(names));
	tcase_add_loop_test(tests, package, 0, 3); /* what dpkg packs with */
	tcase_add_test(tests, cut_package);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
