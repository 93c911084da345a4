// SPDX-License-Identifier: GPL-2.0-only
/* GICv3: banks of registers, and the state that every test begins with. */
#include "arm64/boot/machine.h"
#include "lib/guest/run.h"

enum { ALL_ONES = 0xffffffff, PRIORITIES = GIC_PRIORITY * 0x01010101u, IRQS = 32 + PLATFORM_SPIS };

u64 gicr_of(unsigned int cpu)
{
	return PLATFORM_GICR + (u64)cpu * GICR_FRAME;
}

/* Where the banks of an interrupt begin: GICD, or the SGI frame of this CPU. */
static u64 frame_of(u32 intid)
{
	return intid < INTID_SPI ? gicr_of(machine_cpu()) + GICR_SGI : (u64)PLATFORM_GICD;
}

bool gic_bit(enum gicd bank, u32 intid)
{
	return read32(frame_of(intid) + bank + intid / 32 * 4) >> intid % 32 & 1;
}

void gic_write_bit(enum gicd bank, u32 intid)
{
	write32(frame_of(intid) + bank + intid / 32 * 4, 1u << intid % 32);
}

void gic_set_priority(u32 intid, u8 priority)
{
	write8(frame_of(intid) + GICD_IPRIORITYR + intid, priority);
}

u8 gic_priority(u32 intid)
{
	return read8(frame_of(intid) + GICD_IPRIORITYR + intid);
}

void gic_set_edge(u32 intid, bool edge)
{
	u64 address = frame_of(intid) + GICD_ICFGR + intid / 16 * 4;
	u32 bit = 2u << intid % 16 * 2, value = read32(address);

	write32(address, edge ? value | bit : value & ~bit);
}

void gic_set_group1(u32 intid, bool group1)
{
	u64 address = frame_of(intid) + GICD_IGROUPR + intid / 32 * 4;
	u32 bit = 1u << intid % 32, value = read32(address);

	write32(address, group1 ? value | bit : value & ~bit);
}

void gic_route(u32 intid, unsigned int cpu)
{
	write64(PLATFORM_GICD + GICD_IROUTER + 8ull * intid, cpu_affinity(cpu));
}

static void wait_rwp(u32 intid)
{
	u64 address = intid < INTID_SPI ? gicr_of(machine_cpu()) + GICR_CTLR
					: (u64)PLATFORM_GICD + GICD_CTLR;
	u32 rwp = intid < INTID_SPI ? (u32)GICR_CTLR_RWP : (u32)CTLR_RWP;

	while (read32(address) & rwp)
		;
}

void gic_control(u32 value)
{
	write32(PLATFORM_GICD + GICD_CTLR, value);
	wait_rwp(INTID_SPI);
}

void gic_disable(u32 intid)
{
	gic_write_bit(GICD_ICENABLER, intid);
	wait_rwp(intid);
}

/* Bits and bytes of the interrupts first to last - 1, whole registers of them. */
static void reset_banks(u64 frame, u32 first, u32 last)
{
	for (u32 i = first; i < last; i += 32) {
		write32(frame + GICD_ICENABLER + i / 8, ALL_ONES);
		write32(frame + GICD_ICACTIVER + i / 8, ALL_ONES);
		write32(frame + GICD_ICPENDR + i / 8, ALL_ONES);
		write32(frame + GICD_IGROUPR + i / 8, ALL_ONES);
	}
	for (u32 i = first; i < last; i += 4)
		write32(frame + GICD_IPRIORITYR + i, PRIORITIES);
	for (u32 i = MAX(first, 16u); i < last; i += 16)
		write32(frame + GICD_ICFGR + i / 4, i < INTID_SPI ? 0 : 0xaaaaaaaa);
	/* An edge that a line kept high gave while it was made one. */
	for (u32 i = first; i < last; i += 32)
		write32(frame + GICD_ICPENDR + i / 8, ALL_ONES);
}

static void wake(void)
{
	u64 waker = gicr_of(machine_cpu()) + GICR_WAKER;

	write32(waker, read32(waker) & ~(u32)WAKER_PROCESSOR_SLEEP);
	while (read32(waker) & WAKER_CHILDREN_ASLEEP)
		;
}

void gic_reset_cpu(void)
{
	WRITE_REGISTER(ICC_SRE_EL1, 7);
	asm volatile("isb" ::: "memory");
	wake();
	WRITE_REGISTER(ICC_IGRPEN1_EL1, 0);
	WRITE_REGISTER(ICC_AP1R0_EL1, 0); /* no priority is active */
	reset_banks(gicr_of(machine_cpu()) + GICR_SGI, 0, 32);
	wait_rwp(0);
	WRITE_REGISTER(ICC_CTLR_EL1,
		       READ_REGISTER(ICC_CTLR_EL1) & ~(u64)(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR));
	WRITE_REGISTER(ICC_PMR_EL1, 0xf0);
	WRITE_REGISTER(ICC_BPR1_EL1, 0);
	WRITE_REGISTER(ICC_IGRPEN1_EL1, 1);
	barrier();
}

void gic_reset(void)
{
	gic_control(CTLR_ARE);
	reset_banks(PLATFORM_GICD, 32, IRQS);
	for (u32 i = INTID_SPI; i < IRQS; i++)
		gic_route(i, 0);
	gic_reset_cpu();
	gic_control(CTLR_ARE | CTLR_ENABLE_GRP1);
}
