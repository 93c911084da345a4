// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register map: what reads as zero and ignores writes with affinity routing on,
 * which bits can be written, and what both names of a bit show.  Law: IHI 0069H,
 * 12.8 to 12.11.
 */
#include "arm64/gic/world.h"

#define GICD(offset) (PLATFORM_GICD + (u64)(offset))

static const struct raz {
	const char *name;
	u32 offset;
} razwi[] = {
	{ "GICD_IGROUPR0", GICD_IGROUPR },
	{ "GICD_ISENABLER0", GICD_ISENABLER },
	{ "GICD_ICENABLER0", GICD_ICENABLER },
	{ "GICD_ISPENDR0", GICD_ISPENDR },
	{ "GICD_ICPENDR0", GICD_ICPENDR },
	{ "GICD_ISACTIVER0", GICD_ISACTIVER },
	{ "GICD_ICACTIVER0", GICD_ICACTIVER },
	{ "GICD_IPRIORITYR0", GICD_IPRIORITYR },
	{ "GICD_IPRIORITYR7", GICD_IPRIORITYR + 28 },
	{ "GICD_ITARGETSR8", GICD_ITARGETSR + 32 },
	{ "GICD_ICFGR0", GICD_ICFGR },
	{ "GICD_ICFGR1", GICD_ICFGR + 4 },
	{ "GICD_SGIR", 0xf00 },
	{ "GICD_CPENDSGIR0", 0xf10 },
	{ "GICD_SPENDSGIR0", 0xf20 },
};

TEST(private_registers_of_distributor,
     "with affinity routing on the distributor's registers of SGIs, PPIs and targets are RAZ/WI",
     LAW("IHI 0069H, 12.9"), NEEDS(GICV3), CASES(ARRAY_SIZE(razwi)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(razwi); i++)
		CASE ("register=%s", razwi[i].name) {
			EXPECT_EQ(0, read32(GICD(razwi[i].offset)));
			write32(GICD(razwi[i].offset), 0xffffffff);
			EXPECT_EQ(0, read32(GICD(razwi[i].offset)));
		}
}

static const struct raz read_only[] = {
	{ "GICD_TYPER", GICD_TYPER },
	{ "GICD_IIDR", GICD_IIDR },
	{ "GICD_PIDR2", GICD_PIDR2 },
};

TEST(read_only_registers, "writes to the identification registers are ignored",
     LAW("IHI 0069H, 12.9.38"), NEEDS(GICV3), CASES(ARRAY_SIZE(read_only)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(read_only); i++)
		CASE ("register=%s", read_only[i].name) {
			u32 before = read32(GICD(read_only[i].offset));

			write32(GICD(read_only[i].offset), ~before);
			EXPECT_EQ(before, read32(GICD(read_only[i].offset)));
		}
}

/* Set and clear of a bank: one state under two names; zeros change nothing. */
static const struct bank {
	const char *name;
	enum gicd set, clear;
} banks[] = {
	{ "enable", GICD_ISENABLER, GICD_ICENABLER },
	{ "pending", GICD_ISPENDR, GICD_ICPENDR },
	{ "active", GICD_ISACTIVER, GICD_ICACTIVER },
};

TEST(set_and_clear, "set and clear registers show one state, and a zero in them changes nothing",
     LAW("IHI 0069H, 12.9"), NEEDS(GICV3), CASES(3 * 3))
{
	static const u32 intids[] = { 5, 20, SPI_FIRST };

	for (unsigned int b = 0; b < ARRAY_SIZE(banks); b++)
		for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++)
			CASE ("bank=%s,intid=%u", banks[b].name, intids[i]) {
				u32 id = intids[i];

				EXPECT(!gic_bit(banks[b].set, id) && !gic_bit(banks[b].clear, id));
				gic_write_bit(banks[b].set, id);
				EXPECT(gic_bit(banks[b].set, id) && gic_bit(banks[b].clear, id));
				gic_write_bit(banks[b].set, id ^ 1);
				gic_write_bit(banks[b].clear, id ^ 1);
				EXPECT(gic_bit(banks[b].set, id));
				EXPECT(!gic_bit(banks[b].set, id ^ 1));
				gic_write_bit(banks[b].clear, id);
				EXPECT(!gic_bit(banks[b].set, id) && !gic_bit(banks[b].clear, id));
			}
}

TEST(priority_bytes, "priority registers are accessible by byte and by word, in whole fields",
     LAW("IHI 0069H, 12.9.20"), NEEDS(GICV3), CASES(2))
{
	static const u32 intids[] = { 4, SPI_FIRST };

	for (unsigned int i = 0; i < 2; i++)
		CASE ("intid=%u", intids[i]) {
			u64 word = (intids[i] < INTID_SPI ? gicr_of(0) + GICR_SGI : GICD(0)) +
				   GICD_IPRIORITYR + intids[i];

			for (u32 n = 0; n < 4; n++)
				gic_set_priority(intids[i] + n, (u8)(0x40 + 0x20 * n));
			EXPECT_EQ(0xa0806040, read32(word));
			write32(word, 0x10305070);
			EXPECT_EQ(0x70, gic_priority(intids[i]));
			EXPECT_EQ(0x10, gic_priority(intids[i] + 3));
		}
}

TEST(sgi_configuration, "SGIs are edge-triggered, and GICR_ICFGR0 cannot make them anything else",
     LAW("IHI 0069H, 12.11.7"), NEEDS(GICV3))
{
	u64 icfgr0 = gicr_of(0) + GICR_SGI + GICD_ICFGR;

	EXPECT_EQ(0xaaaaaaaa, read32(icfgr0));
	write32(icfgr0, 0);
	EXPECT_EQ(0xaaaaaaaa, read32(icfgr0));
}

/* Reserved bits may keep what is written (RES0). */
TEST(router, "GICD_IROUTER keeps the affinity that is written, and private interrupts have none",
     LAW("IHI 0069H, 12.9.22"), NEEDS(GICV3))
{
	u64 router = GICD(GICD_IROUTER) + 8 * SPI_FIRST;

	for (u64 cpu = 0; cpu < 4; cpu++) {
		write64(router, cpu);
		EXPECT_EQ(cpu, read64(router));
	}
	EXPECT_EQ(0, read64(GICD(GICD_IROUTER) + 8 * 20));
}

TEST(absent_spis, "registers of SPIs above GICD_TYPER.ITLinesNumber are RAZ/WI",
     LAW("IHI 0069H, 12.9.38"), NEEDS(GICV3))
{
	u32 lines = 32 * ((read32(GICD(GICD_TYPER)) & 0x1f) + 1);
	u64 enable = GICD(GICD_ISENABLER) + lines / 8;

	if (lines >= 1020)
		skip("all SPIs are there: GICD_TYPER.ITLinesNumber = %u", lines / 32 - 1);
	EXPECT(lines >= 32 + PLATFORM_SPIS);
	write32(enable, 0xffffffff);
	EXPECT_EQ(0, read32(enable));
}

TEST(redistributors, "each CPU's GICR_TYPER has its affinity and number, the last one is marked",
     LAW("IHI 0069H, 12.11.35"), NEEDS(GICV3), CPUS(4), CASES(4))
{
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		CASE ("cpu=%u", cpu) {
			u64 typer = read64(gicr_of(cpu) + GICR_TYPER);

			EXPECT_EQ(cpu_affinity(cpu), typer >> 32);
			EXPECT_EQ(cpu, typer >> 8 & 0xffff);
			EXPECT_EQ(cpu == 3, !!(typer & GICR_TYPER_LAST));
		}
}

TEST(groups, "an interrupt of group 0 is not signalled by group 1", LAW("IHI 0069H, 4.6"),
     NEEDS(GICV3))
{
	gic_set_group1(SPI_FIRST, false);
	if (gic_bit(GICD_IGROUPR, SPI_FIRST))
		skip("group 0 is not this security state's: GICD_IGROUPR is RAO/WI");
	gic_enable(SPI_FIRST);
	gic_write_bit(GICD_ISPENDR, SPI_FIRST);
	EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
	gic_set_group1(SPI_FIRST, true);
	EXPECT_EQ(SPI_FIRST, gic_acknowledge());
	gic_end(SPI_FIRST);
}

/* What turns group 1 off, and on again with what waited. */
TEST(group_enables, "a disabled group 1 holds interrupts back, in distributor and CPU interface",
     LAW("IHI 0069H, 4.6 and 12.9.4"), NEEDS(GICV3), CASES(2))
{
	for (unsigned int distributor = 0; distributor < 2; distributor++)
		CASE ("by=%s", distributor ? "GICD_CTLR" : "ICC_IGRPEN1_EL1") {
			gic_enable(SPI_FIRST);
			if (distributor)
				gic_control(CTLR_ARE);
			else
				WRITE_REGISTER(ICC_IGRPEN1_EL1, 0);
			barrier();
			gic_write_bit(GICD_ISPENDR, SPI_FIRST);
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
			EXPECT(gic_bit(GICD_ISPENDR, SPI_FIRST));
			if (distributor)
				gic_control(CTLR_ARE | CTLR_ENABLE_GRP1);
			else
				WRITE_REGISTER(ICC_IGRPEN1_EL1, 1);
			barrier();
			EXPECT_EQ(SPI_FIRST, gic_acknowledge());
			gic_end(SPI_FIRST);
		}
}
