// SPDX-License-Identifier: GPL-2.0-only
/*
 * LPIs: their configuration table and when a change of it counts, priority, the
 * enable of the redistributor, and that pending ones survive.  Law: IHI 0069H, 5.1.
 */
#include "arm64/its/its.h"

#define CONFIGURATION(priority, enabled) (LPI_PRIORITY(priority) | LPI_RES1 | (enabled))

TEST(disabled_lpi_waits, "a disabled LPI becomes pending and is taken once it is enabled by INV",
     LAW("IHI 0069H, 5.1.1 and 5.3.11"), NEEDS(GICV3 | ITS), CASES(2))
{
	for (unsigned int all = 0; all < 2; all++)
		CASE ("by=%s", all ? "INVALL" : "INV") {
			its_begin();
			its_map_event(4, COLLECTION);
			lpi_configure(LPI(4), CONFIGURATION(GIC_PRIORITY, 0));
			its_must(its_event(ITS_INV, DEV, 4));
			its_must(its_sync(0));
			its_int(DEV, 4);
			EXPECT_EQ(0, its_taken(LPI(4)));
			lpi_configure(LPI(4), CONFIGURATION(GIC_PRIORITY, LPI_ENABLED));
			its_must(all ? its_invall(COLLECTION) : its_event(ITS_INV, DEV, 4));
			its_must(its_sync(0));
			EXPECT_EQ(1, its_taken(LPI(4)));
			EXPECT_EQ(0, its_taken(LPI(4)));
		}
}

TEST(lpi_disabled_again, "an LPI that INV disables is signalled no more, pending or not",
     LAW("IHI 0069H, 5.1.1"), NEEDS(GICV3 | ITS), CASES(2))
{
	for (unsigned int before = 0; before < 2; before++)
		CASE ("raised=%s", before ? "before" : "after") {
			its_begin();
			its_map_event(4, COLLECTION);
			if (before)
				its_int(DEV, 4);
			lpi_configure(LPI(4), CONFIGURATION(GIC_PRIORITY, 0));
			its_must(its_event(ITS_INV, DEV, 4));
			its_must(its_sync(0));
			if (!before)
				its_int(DEV, 4);
			EXPECT_EQ(0, its_taken(LPI(4)));
			lpi_configure(LPI(4), CONFIGURATION(GIC_PRIORITY, LPI_ENABLED));
			its_must(its_event(ITS_INV, DEV, 4));
			its_must(its_sync(0));
			EXPECT_EQ(1, its_taken(LPI(4)));
		}
}

TEST(lpi_priorities, "of several pending LPIs the one of the highest priority is taken first",
     LAW("IHI 0069H, 4.8 and 5.1.1"), NEEDS(GICV3 | ITS), CASES(6))
{
	static const u8 priority[6][3] = {
		{ 0x20, 0x60, 0xa0 }, { 0x20, 0xa0, 0x60 }, { 0x60, 0x20, 0xa0 },
		{ 0x60, 0xa0, 0x20 }, { 0xa0, 0x20, 0x60 }, { 0xa0, 0x60, 0x20 },
	};

	for (unsigned int n = 0; n < 6; n++)
		CASE ("priorities=%#x+%#x+%#x", priority[n][0], priority[n][1], priority[n][2]) {
			u8 last = 0;

			its_begin();
			for (u32 event = 0; event < 3; event++) {
				its_map_event(event, COLLECTION);
				lpi_configure(LPI(event),
					      CONFIGURATION(priority[n][event], LPI_ENABLED));
				its_must(its_event(ITS_INV, DEV, event));
			}
			for (u32 event = 0; event < 3; event++)
				its_int(DEV, event);
			for (unsigned int i = 0; i < 3; i++) {
				u32 lpi = gic_acknowledge();

				ASSERT(lpi >= LPI(0) && lpi < LPI(3));
				EXPECT(priority[n][lpi - LPI(0)] > last);
				last = priority[n][lpi - LPI(0)];
				gic_end(lpi);
			}
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
		}
}

TEST(lpi_priority_mask, "an LPI is masked by ICC_PMR_EL1 as any other interrupt",
     LAW("IHI 0069H, 4.8.6"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(4, COLLECTION);
	WRITE_REGISTER(ICC_PMR_EL1, GIC_PRIORITY);
	barrier();
	its_int(DEV, 4);
	EXPECT_EQ(0, its_taken(LPI(4)));
	WRITE_REGISTER(ICC_PMR_EL1, 0xf0);
	barrier();
	EXPECT_EQ(1, its_taken(LPI(4)));
}

TEST(lpi_has_no_active, "an LPI has no active state: it comes again before it is deactivated",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(4, COLLECTION);
	its_int(DEV, 4);
	EXPECT_EQ(LPI(4), gic_acknowledge());
	its_int(DEV, 4);
	gic_end(LPI(4));
	EXPECT_EQ(LPI(4), gic_acknowledge());
	gic_end(LPI(4));
	EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
}

TEST(lpis_pend_once, "an LPI that is raised again while it is pending is taken once",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(4, COLLECTION);
	for (unsigned int n = 0; n < 5; n++)
		its_int(DEV, 4);
	EXPECT_EQ(1, its_taken(LPI(4)));
}

TEST(translation_survives, "devices, collections and events survive a move, and so do pending LPIs",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst"), NEEDS(GICV3 | ITS),
     ACTIONS(SAVE | RESTORE), CASES(3))
{
	CASE ("state=mapped") {
		its_begin();
		for (u32 event = 0; event < 32; event += 5)
			its_map_event(event, COLLECTION);
		sync(SAVE | RESTORE);
		for (u32 event = 0; event < 32; event += 5) {
			its_int(DEV, event);
			EXPECT_EQ(1, its_taken(LPI(event)));
		}
	}
	CASE ("state=pending") {
		its_begin();
		its_map_event(6, COLLECTION);
		its_map_event(7, COLLECTION);
		its_int(DEV, 6);
		sync(SAVE | RESTORE);
		take_interrupts();
		EXPECT_EQ(1, irq_log_count(0, LPI(6)));
		EXPECT_EQ(1, irq_log[0].count);
		irq_log_clear();
	}
	CASE ("state=disabled-and-pending") {
		its_begin();
		its_map_event(6, COLLECTION);
		lpi_configure(LPI(6), CONFIGURATION(GIC_PRIORITY, 0));
		its_must(its_event(ITS_INV, DEV, 6));
		its_int(DEV, 6);
		sync(SAVE | RESTORE);
		EXPECT_EQ(0, its_taken(LPI(6)));
		lpi_configure(LPI(6), CONFIGURATION(GIC_PRIORITY, LPI_ENABLED));
		its_must(its_event(ITS_INV, DEV, 6));
		EXPECT_EQ(1, its_taken(LPI(6)));
	}
}

TEST(queue_survives, "an ITS goes on with its command queue where it was, after a move",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst"), NEEDS(GICV3 | ITS),
     ACTIONS(SAVE | RESTORE))
{
	u64 at;

	its_begin();
	its_map_event(6, COLLECTION);
	at = read64(PLATFORM_ITS + GITS_CWRITER);
	sync(SAVE | RESTORE);
	EXPECT_EQ(at, read64(PLATFORM_ITS + GITS_CWRITER));
	EXPECT_EQ(at, read64(PLATFORM_ITS + GITS_CREADR));
	EXPECT(read32(PLATFORM_ITS + GITS_CTLR) & GITS_CTLR_ENABLED);
	for (unsigned int n = 0; n < 200; n++) {
		its_must(its_event(ITS_INT, DEV, 6));
		EXPECT_EQ(1, its_taken(LPI(6)));
	}
}
