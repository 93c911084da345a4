// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICR_INVLPIR and GICR_INVALLR: the redistributor's own way to read the configuration of
 * LPIs again, where it has these registers.  Law: IHI 0069H, 5.1.1 and 12.11.
 */
#include "arm64/its/its.h"

#define CONFIGURATION(enabled) (LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | (enabled))
#define GICR (PLATFORM_GICR + 0ull)
enum { EVENT = 4, SPI = 40, SPI_PRIORITY = 0x60 };

static void begin(void)
{
	if (!(read32(GICR + GICR_CTLR) & GICR_CTLR_IR) &&
	    !(read64(GICR + GICR_TYPER) & GICR_TYPER_DIRECT_LPI))
		skip("GICR_CTLR.IR = 0 and GICR_TYPER.DirectLPI = 0");
	its_begin();
	its_map_event(EVENT, COLLECTION);
}

static void settle(void)
{
	while (read32(GICR + GICR_SYNCR) & 1)
		;
}

enum { INVLPIR, INVLPIR_32, INVALLR, BY_COUNT };
static const char *const by_names[BY_COUNT] = { "INVLPIR", "INVLPIR-32-bits", "INVALLR" };

static void invalidate(unsigned int by)
{
	barrier();
	if (by == INVLPIR)
		write64(GICR + GICR_INVLPIR, LPI(EVENT));
	else if (by == INVLPIR_32)
		write32(GICR + GICR_INVLPIR, LPI(EVENT));
	else
		write64(GICR + GICR_INVALLR, 0);
	settle();
}

TEST(redistributor_invalidates,
     "a change of an LPI's configuration counts once GICR_INVLPIR or GICR_INVALLR is written",
     LAW("IHI 0069H, 5.1.1 and 12.11 (GICR_INVLPIR, GICR_INVALLR)"), NEEDS(GICV3 | ITS),
     CASES(BY_COUNT))
{
	begin();
	for (unsigned int by = 0; by < BY_COUNT; by++)
		CASE ("by=%s", by_names[by]) {
			lpi_configure(LPI(EVENT), CONFIGURATION(0));
			invalidate(by);
			its_int(DEV, EVENT);
			EXPECT_EQ(0, its_taken(LPI(EVENT)));
			lpi_configure(LPI(EVENT), CONFIGURATION(LPI_ENABLED));
			invalidate(by);
			EXPECT_EQ(1, its_taken(LPI(EVENT)));
			EXPECT_EQ(0, its_taken(LPI(EVENT)));
		}
}

/* INTIDs that are no LPI's, or of none that is mapped; bits 63 to 32 are for vPEs. */
static const struct not_an_lpi {
	const char *name;
	u64 intid;
} none[] = {
	{ "SGI-0", 0 },
	{ "SGI-15", 15 },
	{ "PPI-16", 16 },
	{ "PPI-27", 27 },
	{ "PPI-31", 31 },
	{ "SPI-32", 32 },
	{ "SPI-enabled", SPI },
	{ "SPI-behind-the-last", INTID_SPI + PLATFORM_SPIS },
	{ "SPI-1019", 1019 },
	{ "special-1020", 1020 },
	{ "spurious", INTID_SPURIOUS },
	{ "reserved-1024", 1024 },
	{ "PPI-extended", 1056 },
	{ "SPI-extended", 4096 },
	{ "below-the-LPIs", INTID_LPI - 1 },
	{ "LPI-not-mapped", INTID_LPI + 300 },
	{ "LPI-behind-the-last", 1u << ITS_LPI_BITS },
	{ "all-ones-of-32", 0xffffffff },
	{ "LPI-of-a-vPE", GITS_VALID | 3ull << 32 | LPI(EVENT) },
	{ "all-ones", ~0ull },
};

static void expect_untouched(void)
{
	EXPECT(gic_bit(GICD_ISENABLER, SPI));
	EXPECT(!gic_bit(GICD_ISENABLER, INTID_PPI));
	EXPECT(!gic_bit(GICD_ISENABLER, INTID_SPI));
	EXPECT_EQ(SPI_PRIORITY, gic_priority(SPI));
	EXPECT_EQ(GIC_PRIORITY, gic_priority(0));
	EXPECT_EQ(GIC_PRIORITY, gic_priority(INTID_PPI));
	EXPECT_EQ(GIC_PRIORITY, gic_priority(INTID_SPI));
}

/* Whether the write of a vPE's counts for an LPI too, where there are no vPEs, is not said. */
TEST(invalidates_no_lpi,
     "GICR_INVLPIR with an INTID that is no LPI's changes nothing, nor any host",
     LAW("IHI 0069H, 12.11 (GICR_INVLPIR)"),
     FIXES(FIX("d561491ba927cb5634094ff311795e9d618e9b86",
	       "KVM: arm64: vgic-v3: Sanitise guest writes to GICR_INVLPIR")),
     NEEDS(GICV3 | ITS), CASES(ARRAY_SIZE(none) * 2))
{
	begin();
	gic_enable(SPI);
	gic_set_priority(SPI, SPI_PRIORITY);
	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++)
		for (unsigned int half = 0; half < 2; half++)
			CASE ("intid=%s,bits=%u", none[i].name, half ? 32 : 64) {
				if (half)
					write32(GICR + GICR_INVLPIR, (u32)none[i].intid);
				else
					write64(GICR + GICR_INVLPIR, none[i].intid);
				settle();
				take_interrupts();
				EXPECT_EQ(0, irq_log[0].count);
				expect_untouched();
				its_int(DEV, EVENT);
				EXPECT_EQ(1, its_taken(LPI(EVENT)));
			}
}
