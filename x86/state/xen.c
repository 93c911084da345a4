// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a guest of Xen's interface has its vcpu_info: the host registers the address for it,
 * and takes none that the structure cannot have (api.rst, KVM_XEN_VCPU_SET_ATTR).
 */
#include "x86/boot/host.h"

enum { PAGE_BYTES = 0x1000, MEMORY_BYTES = 0x100000, FIRST = 0x5000 };

static struct host_xen attribute;

static u64 set_attribute(u16 type, u64 gpa)
{
	attribute = (struct host_xen){ .type = type, .gpa = gpa };
	return HOST(HOST_SET_STATE, SCRATCH_CPU, (u64)&attribute, HOST_STATE_XEN);
}

static u64 get_attribute(u16 type)
{
	attribute = (struct host_xen){ .type = type, .gpa = 0xdead };
	EXPECT_ANSWER(0, HOST(HOST_GET_STATE, SCRATCH_CPU, (u64)&attribute, HOST_STATE_XEN));
	return attribute.gpa;
}

static void fresh_cpu(void)
{
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VM, 0, MEMORY_BYTES)));
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VCPU, 0)));
	if (!HOST(HOST_CHECK_EXTENSION, SCRATCH_OBJECT_VM, CAPABILITY_XEN_HVM))
		skip("the host offers no interface of Xen's: KVM_CAP_XEN_HVM is 0");
}

static const struct {
	const char *name;
	u64 gpa;
	u64 refusal; /* errno */
} places[] = {
	{ "page", 0x6000, 0 },
	{ "page+4", 0x6004, 0 },
	{ "page+8", 0x6008, 0 },
	{ "page+1", 0x6001, HOST_ENXIO },
	{ "page+2", 0x6002, HOST_ENXIO },
	{ "page+3", 0x6003, HOST_ENXIO },
	{ "page+7", 0x6007, HOST_ENXIO },
	{ "end", 0x6000 + PAGE_BYTES - XEN_VCPU_INFO_BYTES, 0 },
	{ "end+1", 0x6001 + PAGE_BYTES - XEN_VCPU_INFO_BYTES, HOST_ENXIO },
	{ "end-1", 0x5fff + PAGE_BYTES - XEN_VCPU_INFO_BYTES, HOST_ENXIO },
	{ "none", XEN_NOWHERE, 0 },
};

TEST(xen_vcpu_info,
     "a vcpu_info of Xen's is registered at multiples of 4, and a refusal changes nothing",
     LAW("Documentation/virt/kvm/api.rst, KVM_XEN_VCPU_SET_ATTR; xen/include/public/xen.h, struct "
	 "vcpu_info"),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(places)))
{
	fresh_cpu();
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++)
		CASE ("at=%s", places[i].name) {
			EXPECT_ANSWER(0, set_attribute(XEN_VCPU_INFO, FIRST));
			EXPECT_ANSWER(places[i].refusal ? REFUSED(places[i].refusal) : 0,
				      set_attribute(XEN_VCPU_INFO, places[i].gpa));
			EXPECT_EQ(places[i].refusal ? (u64)FIRST : places[i].gpa,
				  get_attribute(XEN_VCPU_INFO));
		}
}

TEST(xen_within_a_page, "no structure of Xen's is registered that crosses the end of a page",
     LAW("Documentation/virt/kvm/api.rst, KVM_XEN_VCPU_SET_ATTR"), ACTIONS(HOST_CALL), CASES(4))
{
	static const struct {
		const char *name;
		u16 type, bytes;
	} types[] = { { "vcpu_info", XEN_VCPU_INFO, XEN_VCPU_INFO_BYTES },
		      { "time_info", XEN_VCPU_TIME_INFO, XEN_TIME_INFO_BYTES } };

	fresh_cpu();
	for (unsigned int i = 0; i < 4; i++) {
		const u16 bytes = types[i / 2].bytes;
		const u64 gpa = 0x6000 + PAGE_BYTES - bytes + (i & 1 ? 4 : 0);

		CASE ("structure=%s,crosses=%u", types[i / 2].name, i & 1)
			EXPECT_ANSWER(i & 1 ? REFUSED(HOST_EINVAL) : 0,
				      set_attribute(types[i / 2].type, gpa));
	}
}
