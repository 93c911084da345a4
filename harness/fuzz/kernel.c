// SPDX-License-Identifier: GPL-2.0-only
/*
 * The readers of kernels get any file, as a package, a boot image, a module and
 * an index: they refuse it in one line, or everything they found can be read.
 */
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-image.h"
#include "harness/lab/kernel-index.h"
#include "harness/lab/kernel-mirror.h"
#include "harness/lab/kernel-modinfo.h"
#include "harness/lab/kernel-releases.h"

#include <stdlib.h>
#include <string.h>

enum { UNPACKED_MOST = 1 << 24 };

static volatile size_t sum;

static void check(bool ok, const struct problem *p)
{
	if (!ok && (!*p->text || p->status != EXIT_USAGE))
		abort();
}

static struct bytes copy(const u8 *bytes, size_t size)
{
	struct bytes b = { new_zeroed(size + 1, 1), size };

	memcpy(b.data, bytes, size);
	return b;
}

static void read_module(const u8 *bytes, size_t size)
{
	struct problem p = { 0 };
	struct modinfo m;
	bool ok = modinfo_read(&m, bytes, size, "x.ko", &p);

	check(ok, &p);
	for (size_t i = 0; ok && i < m.depends.count; i++)
		if (!is_module_name(m.depends.item[i]))
			abort();
	if (ok)
		modinfo_free(&m);
}

static void read_image(const u8 *bytes, size_t size)
{
	struct bytes file = copy(bytes, size);
	struct strings names = { 0 };
	struct problem p = { 0 };
	struct boot_image b;
	bool ok = boot_image_read(&b, &file, "x", &p);

	check(ok, &p);
	if (!ok)
		return;
	sum += strlen(b.release) + strlen(b.arch);
	boot_image_parameters(&b, "kvm", &names);
	strings_free(&names);
	boot_image_free(&b);
}

static size_t wants(void *context, const char *name)
{
	(void)context;
	sum += strlen(name);
	return UNPACKED_MOST;
}

static bool takes(void *context, const char *name, struct bytes *content, struct problem *p)
{
	(void)context;
	(void)p;
	if (strstr(name, ".ko"))
		read_module(content->data, content->size);
	else
		for (size_t i = 0; i < content->size; i += 64)
			sum += content->data[i];
	return true;
}

static void read_deb(const u8 *bytes, size_t size)
{
	struct deb d = { .what = "x.deb", .data = bytes, .size = size, .most = UNPACKED_MOST };
	struct deb_visitor v = { wants, takes, NULL };
	struct problem p = { 0 };
	struct deb_control c;
	bool ok = deb_control(&d, &c, &p);

	check(ok, &p);
	if (ok)
		deb_control_free(&c);
	ok = deb_visit(&d, &v, &p);
	check(ok, &p);
}

static void read_text(const u8 *bytes, size_t size)
{
	struct bytes text = copy(bytes, size);
	struct mirrors m = { 0 };
	struct releases r;
	struct index x = { 0 };

	index_add(&x, (const char *)text.data, "suite", "uri");
	releases_make(&r, &x);
	for (size_t i = 0; i < x.count; i++)
		if (strstr(x.item[i].file, ".."))
			abort();
	releases_free(&r);
	index_free(&x);
	mirrors_add(&m, "x.sources", (const char *)text.data);
	mirrors_add(&m, "x.list", (const char *)text.data);
	mirrors_free(&m);
	bytes_free(&text);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	read_module(bytes, size);
	read_image(bytes, size);
	read_deb(bytes, size);
	read_text(bytes, size);
	return 0;
}
