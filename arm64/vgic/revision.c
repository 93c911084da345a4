// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICD_IIDR from outside: a VMM chooses the revision of the emulation by it, for a
 * guest that comes from an older host.  Law:
 * Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_DIST_REGS.
 */
#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

#define REVISION(iidr) ((iidr) >> 12 & 0xf)
#define WITH_REVISION(iidr, revision) (((iidr) & ~0xf000ull) | (u64)(revision) << 12)

static u64 write_iidr(u64 value)
{
	return HOST(HOST_SET_ATTRIBUTE, HOST_VGIC, GROUP_DISTRIBUTOR, GICD_IIDR, value);
}

static u64 read_iidr(void)
{
	return HOST(HOST_GET_ATTRIBUTE, HOST_VGIC, GROUP_DISTRIBUTOR, GICD_IIDR);
}

TEST(revision,
     "GICD_IIDR takes the revisions that the host has and no other, and shows what it took",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_DIST_REGS"),
     FIXES(FIX("a0e6ae45af17e8b27958830595799c702ffbab8d",
	       "KVM: arm64: vgic: Fix IIDR revision field extracted from wrong value")),
     NEEDS(GICV3), ACTIONS(HOST_CALL), CASES(6))
{
	u64 own = read_iidr();

	ASSERT(!host_call_failed(own));
	CASE ("write=own") {
		EXPECT_ANSWER(0, write_iidr(own));
		EXPECT_EQ(own, read_iidr());
		EXPECT_EQ(own, read32(PLATFORM_GICD + GICD_IIDR));
	}
	CASE ("write=revision-2") {
		EXPECT_ANSWER(0, write_iidr(WITH_REVISION(own, 2)));
		EXPECT_EQ(2, REVISION(read_iidr()));
		EXPECT_EQ(2, REVISION(read32(PLATFORM_GICD + GICD_IIDR)));
	}
	CASE ("write=revision-7") {
		EXPECT_ANSWER(REFUSED(HOST_EINVAL), write_iidr(WITH_REVISION(own, 7)));
		EXPECT_EQ(2, REVISION(read_iidr()));
	}
	CASE ("write=revision-0")
		EXPECT_ANSWER(REFUSED(HOST_EINVAL), write_iidr(WITH_REVISION(own, 0)));
	CASE ("write=other-implementer")
		EXPECT_ANSWER(REFUSED(HOST_EINVAL), write_iidr(own ^ 1));
	CASE ("write=own-again") {
		EXPECT_ANSWER(0, write_iidr(own));
		EXPECT_EQ(own, read_iidr());
	}
}
