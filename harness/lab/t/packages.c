// SPDX-License-Identifier: GPL-2.0-only
#include "harness/lab/t/packages.h"

#include <stdlib.h>
#include <string.h>

#define MODULES "lib/modules/" RELEASE "/kernel/"
#define CONTROL(name, depends)                                                                     \
	"Package: " name "\nVersion: 6.1.9-1\nArchitecture: amd64\nDepends: " depends "\n"

struct bytes small_bzimage(const char *release)
{
	struct bytes vmlinux = make_vmlinux(release, true);
	struct bytes bzimage = make_bzimage(&vmlinux, "zstd");

	bytes_free(&vmlinux);
	return bzimage;
}

struct bytes small_text(const char *s)
{
	return (struct bytes){ (u8 *)new_string(s), strlen(s) };
}

enum { MODULE_COUNT = 4 };

/* Packed modules, as a package has them; kvm-amd needs ccp, which only it names. */
static void small_modules(struct made_file *file)
{
	struct bytes m[MODULE_COUNT] = {
		MAKE_MODULE("name=kvm\0depends=\0parmtype=tdp_mmu:bool\0vermagic=" RELEASE " SMP"),
		MAKE_MODULE("name=kvm_amd\0depends=kvm,ccp\0parmtype=npt:bool"),
		MAKE_MODULE("name=ccp\0depends=needed-here"),
		MAKE_MODULE("name=needed_here"),
	};
	static const char *const names[] = { MODULES "kvm.ko.xz", MODULES "x/kvm-amd.ko.xz",
					     MODULES "y/ccp.ko.xz", MODULES "y/needed-here.ko.xz" };

	for (int i = 0; i < MODULE_COUNT; i++) {
		file[i] = (struct made_file){ names[i], make_packed(&m[i], "xz") };
		bytes_free(&m[i]);
	}
}

static void make_package(const char *folder, const char *name, const char *control,
			 const struct made_file *file, size_t files)
{
	make_file(folder, name, make_deb(control, file, files, "xz"));
}

/* One package with all, or image and modules apart. */
void make_packages(const char *folder, bool split)
{
	struct made_file file[2 + MODULE_COUNT] = {
		{ "./boot/vmlinuz-" RELEASE, small_bzimage(RELEASE) },
		{ "./boot/config-" RELEASE, small_text("CONFIG_KVM_AMD=m\nCONFIG_VFIO=y\n") },
	};

	small_modules(file + 2);
	if (split) {
		make_package(folder, "linux-image-" RELEASE "_1_amd64.deb",
			     CONTROL("linux-image-" RELEASE,
				     "kmod, linux-binary-" RELEASE
				     " (= 6.1.9-1), linux-modules-" RELEASE),
			     NULL, 0);
		make_package(folder, "linux-binary-" RELEASE "_1_amd64.deb",
			     CONTROL("linux-binary-" RELEASE, "linux-base-" RELEASE), file, 2);
		make_package(folder, "linux-modules-" RELEASE "_1_amd64.deb",
			     CONTROL("linux-modules-" RELEASE, "kmod"), file + 2, MODULE_COUNT);
	} else {
		make_package(folder, "linux-image-" RELEASE "_1_amd64.deb",
			     CONTROL("linux-image-" RELEASE, "kmod"), file, ARRAY_SIZE(file));
	}
	for (size_t i = 0; i < ARRAY_SIZE(file); i++)
		bytes_free(&file[i].content);
}
