// SPDX-License-Identifier: GPL-2.0-only
/* Modules and what they need; see kernel-modules.h. */
#include "harness/lab/kernel-modules.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-unpack.h"

enum {
	MODULE_MOST = 256 << 20, /* a tree's, with debug information */
	MODULES_MOST = 256, /* wanted ones and what they need */
};

const struct top_module top_modules[] = {
	{ "kvm-amd", "CONFIG_KVM_AMD", "kvm_amd,kvm" },
	{ "kvm-intel", "CONFIG_KVM_INTEL", "kvm_intel,kvm" },
	{ "kvm", "CONFIG_KVM", "kvm,kvm-arm" },
	{ "vfio-pci", "CONFIG_VFIO_PCI", "vfio_pci,vfio_pci_core,vfio" },
	{ "vfio_iommu_type1", "CONFIG_VFIO_IOMMU_TYPE1", "vfio_iommu_type1,vfio" },
	{ "vfio", "CONFIG_VFIO", "vfio" },
	{ "iommufd", "CONFIG_IOMMUFD", "iommufd" },
	{ "irqbypass", "CONFIG_IRQ_BYPASS_MANAGER", "irqbypass" },
	{ "msr", "CONFIG_X86_MSR", "msr" },
	{ "cpuid", "CONFIG_X86_CPUID", "cpuid" },
	{ "virtio_pci", "CONFIG_VIRTIO_PCI", "virtio_pci" },
};
const size_t top_module_count = ARRAY_SIZE(top_modules);

/* What these need in most kernels: fetched with them, so that a package is read once. */
static const char *const companions[] = {
	"ccp",	  "vfio_pci_core", "vfio_virqfd", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
	"virtio", "virtio_ring",
};

struct strings top_family(const char *name)
{
	char *plain = module_name(name);
	struct strings family = { 0 };

	for (size_t i = 0; plain && i < top_module_count && !family.count; i++) {
		char *other = module_name(top_modules[i].name);

		if (!strcmp(plain, other))
			family = strings_split(top_modules[i].family, ',');
		free(other);
	}
	free(plain);
	return family;
}

struct module *modules_find(const struct modules *m, const char *name)
{
	char *plain = module_name(name);
	struct module *found = NULL;

	for (size_t i = 0; plain && !found && i < m->count; i++)
		if (!strcmp(m->item[i].name, plain))
			found = &m->item[i];
	free(plain);
	return found;
}

static bool seek(struct modules *m, const char *name, struct problem *p)
{
	if (modules_find(m, name))
		return true;
	if (m->count == MODULES_MOST)
		return problem_set(p, EXIT_USAGE, "module '%s': needs more than %u others", name,
				   MODULES_MOST);
	m->item = grow(m->item, m->count, sizeof(*m->item));
	m->item[m->count++] = (struct module){ .name = module_name(name) };
	return true;
}

bool modules_want(const struct modules *m, const char *file)
{
	const struct module *wanted = modules_find(m, file);

	return wanted && !wanted->content.size;
}

/* "kvm-amd.ko.xz" -> "kvm-amd.ko" */
static char *plain_file(const char *file)
{
	const char *base = path_base(file);

	return new_format("%.*s.ko", (int)strcspn(base, "."), base);
}

bool modules_take(struct modules *m, const char *file, const struct bytes *packed,
		  struct problem *p)
{
	struct module *module = modules_find(m, file);

	if (!module || module->content.size)
		return true;
	if (!unpack(packed->data, packed->size, MODULE_MOST, &module->content, file, p))
		return false;
	if (!modinfo_read(&module->info, module->content.data, module->content.size, file, p)) {
		bytes_free(&module->content);
		return false;
	}
	module->file = plain_file(file);
	return true;
}

/* What the fetched ones need joins the list; returns whether any is still to be looked for. */
static bool seek_needed(struct modules *m, bool *pending, struct problem *p)
{
	*pending = false;
	for (size_t i = 0; i < m->count; i++) {
		if (!m->item[i].content.size) {
			*pending |= !m->item[i].sought;
			continue;
		}
		for (size_t d = 0; d < m->item[i].info.depends.count; d++)
			if (!seek(m, m->item[i].info.depends.item[d], p))
				return false;
	}
	return true;
}

bool modules_gather(struct modules *m,
		    bool (*fetch)(void *context, struct modules *m, struct problem *p),
		    void *context, struct problem *p)
{
	bool pending = true;

	for (size_t i = 0; i < top_module_count; i++)
		seek(m, top_modules[i].name, p);
	for (size_t i = 0; i < ARRAY_SIZE(companions); i++)
		seek(m, companions[i], p);
	while (pending) {
		if (!fetch(context, m, p))
			return false;
		for (size_t i = 0; i < m->count; i++)
			m->item[i].sought = true;
		if (!seek_needed(m, &pending, p))
			return false;
	}
	return true;
}

/* `open` holds the modules between top and here: one that comes again needs itself. */
static bool order(const struct modules *m, const char *name, const char *top, struct strings *open,
		  struct strings *files, struct problem *p)
{
	const struct module *module = modules_find(m, name);

	if (!module || !module->content.size)
		return problem_set(p, EXIT_USAGE,
				   "module '%s' needs '%s', which is not there; the package or "
				   "tree is not whole",
				   top, name);
	if (strings_have(files, module->file))
		return true;
	if (strings_have(open, module->name))
		return problem_set(p, EXIT_USAGE, "module '%s' needs itself by way of '%s'", top,
				   name);
	strings_add(open, module->name);
	for (size_t i = 0; i < module->info.depends.count; i++)
		if (!order(m, module->info.depends.item[i], top, open, files, p))
			return false;
	strings_add(files, module->file);
	return true;
}

bool modules_order(const struct modules *m, const char *top, struct strings *files,
		   struct problem *p)
{
	const struct module *module = modules_find(m, top);
	struct strings open = { 0 };
	bool ok = !module || !module->content.size || order(m, top, top, &open, files, p);

	strings_free(&open);
	return ok;
}

void modules_free(struct modules *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->item[i].name);
		free(m->item[i].file);
		bytes_free(&m->item[i].content);
		modinfo_free(&m->item[i].info);
	}
	free(m->item);
	*m = (struct modules){ 0 };
}
