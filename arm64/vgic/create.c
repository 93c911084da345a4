// SPDX-License-Identifier: GPL-2.0-only
/*
 * In which order a vGICv3 and an ITS are made, and which errno each mistake gets.
 * Each case is a scratch VM and a list of calls.  Law:
 * Documentation/virt/kvm/devices/arm-vgic-v3.rst and arm-vgic-its.rst.
 */
#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

enum { CALLS_MAX = 8, FIRST = SCRATCH_OBJECT_DEVICE, SECOND, VCPU = SCRATCH_OBJECT_VCPU };

struct call {
	u64 word[5];
	u64 answer;
};

#define MAKE(type)                                                                                 \
	{                                                                                          \
		{ SCRATCH_DEVICE, type, 0 }, 0                                                     \
	}
#define ADD_VCPU(number)                                                                           \
	{                                                                                          \
		{ SCRATCH_VCPU, number }, 0                                                        \
	}
#define SET(object, group, attribute, value, answer)                                               \
	{                                                                                          \
		{ HOST_SET_ATTRIBUTE, object, group, attribute, value }, answer                    \
	}
#define DISTRIBUTOR(value, answer) SET(FIRST, GROUP_ADDRESS, ADDRESS_DISTRIBUTOR, value, answer)
#define REDISTRIBUTOR(value, answer) SET(FIRST, GROUP_ADDRESS, ADDRESS_REDISTRIBUTOR, value, answer)
#define IRQS(value, answer) SET(FIRST, GROUP_NR_IRQS, 0, value, answer)
#define INIT(object, answer) SET(object, GROUP_CONTROL, CONTROL_INIT, 0, answer)
#define ITS_ADDRESS(value, answer) SET(SECOND, GROUP_ADDRESS, ADDRESS_ITS, value, answer)
#define GIC_READY                                                                                  \
	ADD_VCPU(0), MAKE(DEVICE_VGIC_V3), DISTRIBUTOR(PLATFORM_GICD, 0),                          \
		REDISTRIBUTOR(PLATFORM_GICR, 0), INIT(FIRST, 0)
#define BAD_OBJECT 0

static const struct recipe {
	const char *name;
	struct call call[CALLS_MAX]; /* until an answerless call of nothing */
} recipes[] = {
	{ "complete", { GIC_READY } },
	{ "second-vgic",
	  { MAKE(DEVICE_VGIC_V3), { { SCRATCH_DEVICE, DEVICE_VGIC_V3 }, REFUSED(HOST_EEXIST) } } },
	{ "init-twice", { GIC_READY, INIT(FIRST, 0) } },
	{ "vgic-behind-vcpus", { ADD_VCPU(0), ADD_VCPU(1), MAKE(DEVICE_VGIC_V3) } },
	{ "distributor-misaligned",
	  { MAKE(DEVICE_VGIC_V3), DISTRIBUTOR(PLATFORM_GICD + 0x1000, REFUSED(HOST_EINVAL)) } },
	{ "distributor-twice",
	  { MAKE(DEVICE_VGIC_V3), DISTRIBUTOR(PLATFORM_GICD, 0),
	    DISTRIBUTOR(PLATFORM_GICD, REFUSED(HOST_EEXIST)) } },
	{ "distributor-too-high",
	  { MAKE(DEVICE_VGIC_V3), DISTRIBUTOR(BIT(48), REFUSED(HOST_E2BIG)) } },
	{ "redistributor-misaligned",
	  { MAKE(DEVICE_VGIC_V3), REDISTRIBUTOR(PLATFORM_GICR + 0x1000, REFUSED(HOST_EINVAL)) } },
	{ "redistributor-twice",
	  { MAKE(DEVICE_VGIC_V3), REDISTRIBUTOR(PLATFORM_GICR, 0),
	    REDISTRIBUTOR(PLATFORM_GICR, REFUSED(HOST_EEXIST)) } },
	{ "no-such-address",
	  { MAKE(DEVICE_VGIC_V3),
	    SET(FIRST, GROUP_ADDRESS, 99, PLATFORM_GICD, REFUSED(HOST_ENXIO)) } },
	{ "no-such-group", { MAKE(DEVICE_VGIC_V3), SET(FIRST, 77, 0, 0, REFUSED(HOST_ENXIO)) } },
	{ "irqs-too-few", { MAKE(DEVICE_VGIC_V3), IRQS(32, REFUSED(HOST_EINVAL)) } },
	{ "irqs-not-of-32", { MAKE(DEVICE_VGIC_V3), IRQS(65, REFUSED(HOST_EINVAL)) } },
	{ "irqs-too-many", { MAKE(DEVICE_VGIC_V3), IRQS(1056, REFUSED(HOST_EINVAL)) } },
	{ "irqs-most", { MAKE(DEVICE_VGIC_V3), IRQS(1024, 0) } },
	{ "irqs-twice", { MAKE(DEVICE_VGIC_V3), IRQS(64, 0), IRQS(64, REFUSED(HOST_EBUSY)) } },
	{ "irqs-behind-init", { GIC_READY, IRQS(64, REFUSED(HOST_EBUSY)) } },
	{ "registers-before-init",
	  { ADD_VCPU(0), MAKE(DEVICE_VGIC_V3),
	    SET(FIRST, GROUP_DISTRIBUTOR, 0, 0, REFUSED(HOST_EBUSY)) } },
	{ "its-complete",
	  { GIC_READY, MAKE(DEVICE_ITS), ITS_ADDRESS(PLATFORM_ITS, 0), INIT(SECOND, 0) } },
	{ "its-init-without-address", { GIC_READY, MAKE(DEVICE_ITS), INIT(SECOND, 0) } },
	{ "its-misaligned",
	  { GIC_READY, MAKE(DEVICE_ITS),
	    ITS_ADDRESS(PLATFORM_ITS + 0x1000, REFUSED(HOST_EINVAL)) } },
	{ "its-address-twice",
	  { GIC_READY, MAKE(DEVICE_ITS), ITS_ADDRESS(PLATFORM_ITS, 0),
	    ITS_ADDRESS(PLATFORM_ITS, REFUSED(HOST_EEXIST)) } },
	{ "spi-line-too-low",
	  { GIC_READY, { { SCRATCH_IRQ_LINE, 1ull << 24 | 31, 1 }, REFUSED(HOST_EINVAL) } } },
	{ "spi-line-too-high",
	  { GIC_READY, { { SCRATCH_IRQ_LINE, 1ull << 24 | 1020, 1 }, REFUSED(HOST_EINVAL) } } },
	{ "ppi-line-too-low",
	  { GIC_READY, { { SCRATCH_IRQ_LINE, 2ull << 24 | 15, 1 }, REFUSED(HOST_EINVAL) } } },
	{ "ppi-line-too-high",
	  { GIC_READY, { { SCRATCH_IRQ_LINE, 2ull << 24 | 32, 1 }, REFUSED(HOST_EINVAL) } } },
	{ "line-of-no-type",
	  { GIC_READY, { { SCRATCH_IRQ_LINE, 7ull << 24 | 40, 1 }, REFUSED(HOST_EINVAL) } } },
};

static void follow(const struct recipe *r)
{
	ASSERT_EQ(0, HOST(SCRATCH_VM, PLATFORM_RAM, 0x200000));
	for (unsigned int i = 0; i < CALLS_MAX && (r->call[i].word[0] || r->call[i].answer); i++) {
		const struct call *c = &r->call[i];
		char words[32];
		struct text t = text_into(words, sizeof(words));

		text_add(&t, "call %u", i + 1);
		if (!expect_answer(&(const struct expectation){ __FILE__, __LINE__, words },
				   c->answer, host_call_of(c->word)))
			break;
	}
}

TEST(creation,
     "a vGICv3 and an ITS are made in the documented order, and each mistake has its errno",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, arm-vgic-its.rst"), NEEDS(GICV3 | ITS),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(recipes)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(recipes); i++)
		CASE ("recipe=%s", recipes[i].name)
			follow(&recipes[i]);
}
