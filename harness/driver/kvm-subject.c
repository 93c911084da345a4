// SPDX-License-Identifier: GPL-2.0-only
/* Who is judged: the kernel, the module that provides KVM, and the parameters it was given. */
#include "harness/driver/kvm.h"
#include "harness/driver/stream.h"

#include <sys/utsname.h>

static const char *provider(void)
{
	static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm_pvm" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", modules[i]);
		if (!access(path, F_OK))
			return modules[i];
	}
	return "kvm";
}

/* Module parameters say what is judged: npt, ept, tdp_mmu, nested... */
static void add_parameter(const char *module, const char *name)
{
	char path[128], value[32] = "", fact[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fgets(value, sizeof(value), f)) {
		value[strcspn(value, "\n")] = '\0';
		snprintf(fact, sizeof(fact), "%s.%s", module, name);
		stream_fact(fact, value);
	}
	fclose(f);
}

const char *kvm_describe_subject(void)
{
	static const char *const parameters[] = { "npt", "ept", "nested", "tdp_mmu",
						  "force_emulation_prefix", "avic", "enable_apicv",
						  "vgif", "unrestricted_guest" };
	static char subject[256];
	const char *module = provider();
	struct utsname u;

	uname(&u);
	snprintf(subject, sizeof(subject), "Linux %s %s", u.release, module);
	stream_fact("kernel", u.version);
	stream_fact("module", module);
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		add_parameter("kvm", parameters[i]);
		add_parameter(module, parameters[i]);
	}
	return subject;
}
