// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the GIC survives a move of the guest: everything that it wrote, on every
 * CPU.  Law: IHI 0069H; Documentation/virt/kvm/devices/arm-vgic-v3.rst.
 */
#include "arm64/gic/world.h"

TEST(configuration_survives, "enable, priority, trigger, group and route of SPIs survive a move",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_DIST_REGS"),
     NEEDS(GICV3), ACTIONS(SAVE | RESTORE), CPUS(2))
{
	for (u32 i = SPI_FIRST; i <= SPI_LAST; i++) {
		gic_set_priority(i, (u8)(8 * (i - SPI_FIRST)));
		gic_set_edge(i, i & 1);
		gic_route(i, i >> 1 & 1);
		if (i & 4)
			gic_enable(i);
		if (i & 8)
			gic_write_bit(GICD_ISACTIVER, i);
	}
	sync(SAVE | RESTORE);
	for (u32 i = SPI_FIRST; i <= SPI_LAST; i++) {
		u64 router = PLATFORM_GICD + GICD_IROUTER + 8ull * i;
		u32 icfgr = read32(PLATFORM_GICD + GICD_ICFGR + i / 16 * 4) >> (i % 16 * 2) & 3;

		EXPECT_EQ(8 * (i - SPI_FIRST), gic_priority(i));
		EXPECT_EQ(i & 1 ? 2 : 0, icfgr & 2);
		EXPECT_EQ(i >> 1 & 1, read64(router));
		EXPECT_EQ((i & 4) != 0, gic_bit(GICD_ISENABLER, i));
		EXPECT_EQ((i & 8) != 0, gic_bit(GICD_ISACTIVER, i));
		EXPECT(gic_bit(GICD_IGROUPR, i));
		gic_write_bit(GICD_ICACTIVER, i);
	}
}

TEST(private_state_survives, "SGIs and PPIs keep enable, priority, pending and active in a move",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS"),
     NEEDS(GICV3), ACTIONS(SAVE | RESTORE))
{
	gic_enable(3);
	gic_set_priority(3, 0x48);
	gic_write_bit(GICD_ISPENDR, 3);
	gic_write_bit(GICD_ISACTIVER, 6);
	gic_set_priority(20, 0x88);
	gic_enable(20);
	sync(SAVE | RESTORE);
	EXPECT(gic_bit(GICD_ISENABLER, 3));
	EXPECT_EQ(0x48, gic_priority(3));
	EXPECT(gic_bit(GICD_ISPENDR, 3));
	EXPECT(gic_bit(GICD_ISACTIVER, 6));
	EXPECT(!gic_bit(GICD_ISACTIVER, 3) && !gic_bit(GICD_ISPENDR, 6));
	EXPECT_EQ(0x88, gic_priority(20));
	EXPECT(gic_bit(GICD_ISENABLER, 20));
	EXPECT_EQ(3, gic_acknowledge());
	gic_end(3);
}

TEST(cpu_interface_survives,
     "priority mask, binary point, EOI mode and active priorities survive a move",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS"),
     NEEDS(GICV3), ACTIONS(SAVE | RESTORE))
{
	struct gic_world w;
	u32 taken;

	WRITE_REGISTER(ICC_BPR1_EL1, 5);
	world_open(&w);
	world_set_split(&w, true);
	world_set_pmr(&w, 0xc8);
	world_do(&w, world_add(&w, SPI_FIRST, true, 0x80), GIC_SET_PENDING);
	taken = world_acknowledge(&w);
	sync(SAVE | RESTORE);
	EXPECT_EQ(0xc8, READ_REGISTER(ICC_PMR_EL1));
	EXPECT_EQ(5, READ_REGISTER(ICC_BPR1_EL1));
	EXPECT(READ_REGISTER(ICC_CTLR_EL1) & ICC_CTLR_EOIMODE);
	EXPECT_EQ(1, READ_REGISTER(ICC_IGRPEN1_EL1));
	EXPECT_EQ(0x80, READ_REGISTER(ICC_RPR_EL1) & 0xff);
	world_check(&w);
	world_end(&w, taken);
	world_deactivate(&w, taken);
	world_check(&w);
	world_close(&w);
	WRITE_REGISTER(ICC_BPR1_EL1, 0);
}

TEST(registers_survive, "thread and context registers of the CPU survive a move",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_REG_LIST"), ACTIONS(SAVE | RESTORE))
{
	u64 thread = 0x1234567890abcdef;

	WRITE_REGISTER(tpidr_el0, thread);
	WRITE_REGISTER(tpidrro_el0, ~thread);
	WRITE_REGISTER(contextidr_el1, 0x5a5a5a5a);
	sync(SAVE | RESTORE);
	EXPECT_EQ(thread, READ_REGISTER(tpidr_el0));
	EXPECT_EQ(~thread, READ_REGISTER(tpidrro_el0));
	EXPECT_EQ(0x5a5a5a5a, READ_REGISTER(contextidr_el1) & 0xffffffff);
}
