// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command of the ITS: what it maps, moves and removes is seen by INT, which
 * raises an event as a device's write would.  Law: IHI 0069H, 5.3.
 */
#include "arm64/its/its.h"

TEST(map_and_int, "an event that MAPTI maps is taken as its LPI, once for each INT",
     LAW("IHI 0069H, 5.3.10 (INT) and 5.3.14 (MAPTI)"), NEEDS(GICV3 | ITS), CASES(32))
{
	its_begin();
	for (u32 event = 0; event < 32; event++)
		CASE ("event=%u", event) {
			its_map_event(event, COLLECTION);
			for (unsigned int n = 0; n < 3; n++) {
				its_int(DEV, event);
				EXPECT_EQ(1, its_taken(LPI(event)));
				EXPECT_EQ(0, irq_log[0].count);
			}
		}
}

TEST(mapi, "MAPI maps an event to the LPI of its own number", LAW("IHI 0069H, 5.3.12"),
     NEEDS(GICV3 | ITS))
{
	u32 event = INTID_LPI + 3;

	its_open();
	/* As many events as there are INTIDs, so that an event can have an LPI's number. */
	its_must(its_mapd(OTHER_DEV, TEST_MEMORY + 0x200000, ITS_LPI_BITS, true));
	its_must(its_mapc(COLLECTION, 0, true));
	its_must(its_mapi(OTHER_DEV, event, COLLECTION));
	lpi_configure(event, LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	its_must(its_event(ITS_INV, OTHER_DEV, event));
	its_int(OTHER_DEV, event);
	EXPECT_EQ(1, its_taken(event));
}

TEST(two_devices, "an event number is each device's own", LAW("IHI 0069H, 5.2"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_must(its_mapd(OTHER_DEV, its_itt(1), EVENT_BITS, true));
	its_map_event(4, COLLECTION);
	its_must(its_mapti(OTHER_DEV, 4, LPI(20), COLLECTION));
	lpi_configure(LPI(20), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	its_must(its_event(ITS_INV, OTHER_DEV, 4));
	its_int(OTHER_DEV, 4);
	EXPECT_EQ(1, irq_log_count(0, LPI(20)) + its_taken(LPI(20)));
	its_int(DEV, 4);
	EXPECT_EQ(1, its_taken(LPI(4)));
}

/* What ends a mapping; afterwards an INT of it raises nothing, and another event still works. */
static const struct ending {
	const char *name;
	unsigned int steps;
} endings[] = { { "DISCARD", 1 }, { "MAPD-V=0", 2 }, { "MAPC-V=0", 3 } };

TEST(unmapping,
     "after DISCARD, MAPD or MAPC with V = 0 an event raises nothing until it is mapped anew",
     LAW("IHI 0069H, 5.3.7, 5.3.9, 5.3.11"), NEEDS(GICV3 | ITS), CASES(ARRAY_SIZE(endings)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(endings); i++)
		CASE ("by=%s", endings[i].name) {
			its_begin();
			its_map_event(2, COLLECTION);
			its_int(DEV, 2);
			EXPECT_EQ(1, its_taken(LPI(2)));
			if (i == 0)
				its_must(its_event(ITS_DISCARD, DEV, 2));
			else if (i == 1)
				its_must(its_mapd(DEV, its_itt(0), EVENT_BITS, false));
			else
				its_must(its_mapc(COLLECTION, 0, false));
			/* An ITS may stall here; one that goes on must not raise it. */
			if (its_do(its_event(ITS_INT, DEV, 2)))
				EXPECT_EQ(0, its_taken(LPI(2)));
			its_begin();
			its_map_event(2, COLLECTION);
			its_int(DEV, 2);
			EXPECT_EQ(1, its_taken(LPI(2)));
		}
}

TEST(discard_takes_pending, "DISCARD takes the pending state of its LPI away",
     LAW("IHI 0069H, 5.3.7"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(1, COLLECTION);
	its_int(DEV, 1);
	its_must(its_event(ITS_DISCARD, DEV, 1));
	its_must(its_sync(0));
	EXPECT_EQ(0, its_taken(LPI(1)));
	its_map_event(1, COLLECTION);
	EXPECT_EQ(0, its_taken(LPI(1)));
}

TEST(clear, "CLEAR takes the pending state of an LPI away, and the next INT brings it again",
     LAW("IHI 0069H, 5.3.6"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(1, COLLECTION);
	its_map_event(3, COLLECTION);
	its_int(DEV, 1);
	its_int(DEV, 3);
	its_must(its_event(ITS_CLEAR, DEV, 1));
	its_must(its_sync(0));
	take_interrupts();
	EXPECT_EQ(0, irq_log_count(0, LPI(1)));
	EXPECT_EQ(1, irq_log_count(0, LPI(3)));
	irq_log_clear();
	its_int(DEV, 1);
	EXPECT_EQ(1, its_taken(LPI(1)));
}

TEST(queue_wraps, "the command queue is a ring: five hundred commands pass through 128 places",
     LAW("IHI 0069H, 5.3"), NEEDS(GICV3 | ITS), CASES(2))
{
	its_begin();
	its_map_event(7, COLLECTION);
	CASE ("submitted=one-by-one") {
		for (unsigned int n = 0; n < 500; n++) {
			its_must(its_event(ITS_INT, DEV, 7));
			EXPECT_EQ(1, its_taken(LPI(7)));
		}
	}
	/* One place stays free: a full queue would look empty. */
	CASE ("submitted=127") {
		for (unsigned int round = 0; round < 4; round++) {
			for (unsigned int n = 0; n < 126; n++)
				its_queue(its_event(ITS_CLEAR, DEV, 7));
			its_queue(its_event(ITS_INT, DEV, 7));
			its_submit();
			EXPECT(its_done());
			EXPECT_EQ(1, its_taken(LPI(7)));
		}
	}
}

TEST(disabled_its, "an ITS that is off takes no command, and takes what waits when it is on",
     LAW("IHI 0069H, 12.19.5 (GITS_CTLR)"), NEEDS(GICV3 | ITS))
{
	its_begin();
	its_map_event(7, COLLECTION);
	write32(PLATFORM_ITS + GITS_CTLR, 0);
	its_queue(its_event(ITS_INT, DEV, 7));
	its_submit();
	EXPECT_EQ(0, its_taken(LPI(7)));
	EXPECT(read64(PLATFORM_ITS + GITS_CREADR) != read64(PLATFORM_ITS + GITS_CWRITER));
	write32(PLATFORM_ITS + GITS_CTLR, GITS_CTLR_ENABLED);
	EXPECT(its_done());
	EXPECT_EQ(1, its_taken(LPI(7)));
}

/* --- errors --- */

#define DEVICE_BITS_MOST 16
static const struct bad {
	const char *name;
	struct its_command command;
} bad[] = {
	{ "INT-unmapped-device", { { ITS_INT | 77ull << 32, 0 } } },
	{ "INT-unmapped-event", { { ITS_INT, 9 } } },
	{ "INT-event-out-of-range", { { ITS_INT, 1u << EVENT_BITS } } },
	{ "CLEAR-unmapped-event", { { ITS_CLEAR, 9 } } },
	{ "INV-unmapped-event", { { ITS_INV, 9 } } },
	{ "DISCARD-unmapped-event", { { ITS_DISCARD, 9 } } },
	{ "MAPTI-unmapped-device", { { ITS_MAPTI | 77ull << 32, (u64)LPI(9) << 32, COLLECTION } } },
	{ "MAPTI-event-out-of-range",
	  { { ITS_MAPTI, 1u << EVENT_BITS | (u64)LPI(9) << 32, COLLECTION } } },
	{ "MAPTI-intid-of-an-SPI", { { ITS_MAPTI, 9 | 80ull << 32, COLLECTION } } },
	{ "MAPTI-intid-too-large",
	  { { ITS_MAPTI, 9 | (u64)(1u << ITS_LPI_BITS) << 32, COLLECTION } } },
	{ "MOVI-unmapped-event", { { ITS_MOVI, 9, COLLECTION } } },
	{ "MOVI-unmapped-collection", { { ITS_MOVI, 3, 99 } } },
	{ "INVALL-unmapped-collection", { { ITS_INVALL, 0, 99 } } },
	{ "MAPC-no-such-redistributor", { { ITS_MAPC, 0, GITS_VALID | 0xfffull << 16 | 9 } } },
	{ "no-such-command", { { 0x7e } } },
};

/* A command in error is ignored or stalls the ITS (5.3.2); never does it raise or break anything. */
TEST(bad_commands, "a command in error raises nothing and leaves all other mappings as they are",
     LAW("IHI 0069H, 5.3.2"), NEEDS(GICV3 | ITS), CASES(ARRAY_SIZE(bad)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE ("command=%s", bad[i].name) {
			its_begin();
			its_map_event(3, COLLECTION);
			irq_log_clear();
			if (!its_do(bad[i].command)) {
				note("%s stalls the ITS", bad[i].name);
				continue;
			}
			take_interrupts();
			EXPECT_EQ(0, irq_log[0].count);
			its_int(DEV, 3);
			EXPECT_EQ(1, its_taken(LPI(3)));
		}
}

TEST(event_out_of_range, "an event above those of its device is not mapped, and raises nothing",
     LAW("IHI 0069H, 5.3.14"), NEEDS(GICV3 | ITS), CASES(4))
{
	static const u32 events[] = { (1u << EVENT_BITS) - 1, 1u << EVENT_BITS,
				      (1u << EVENT_BITS) + 1, 2u << EVENT_BITS };

	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
		CASE ("event=%u", events[i]) {
			bool exists = events[i] < 1u << EVENT_BITS;

			its_begin();
			lpi_configure(LPI(9), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
			if (!its_do(its_mapti(DEV, events[i], LPI(9), COLLECTION)) ||
			    !its_do(its_event(ITS_INT, DEV, events[i]))) {
				EXPECT(!exists);
				note("event %u stalls the ITS", events[i]);
				continue;
			}
			EXPECT_EQ(exists, its_taken(LPI(9)));
		}
}

/* What the architecture calls unpredictable must not hurt the host: it ends, and the rest works. */
TEST(lpi_of_two_events, "an LPI that two events claim harms nothing, whoever of them may raise it",
     LAW("IHI 0069H, 5.3.14"),
     FIXES(FIX("id unknown", "KVM: arm64: vgic-its: Don't map an LPI from more than one event")),
     NEEDS(GICV3 | ITS), ACTIONS(SAVE | RESTORE), FLAGS(TEST_FRESH_VM), CASES(2))
{
	for (unsigned int moved = 0; moved < 2; moved++)
		CASE ("moved=%u", moved) {
			its_begin();
			its_map_event(3, COLLECTION);
			its_must(its_mapti(DEV, 1, LPI(30), COLLECTION));
			its_do(its_mapti(DEV, 2, LPI(30), COLLECTION));
			lpi_configure(LPI(30), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
			its_do(its_invall(COLLECTION));
			its_do(its_event(ITS_INT, DEV, 1));
			take_interrupts();
			if (moved)
				sync(SAVE | RESTORE);
			its_do(its_event(ITS_DISCARD, DEV, 1));
			its_do(its_event(ITS_DISCARD, DEV, 2));
			irq_log_clear();
			its_int(DEV, 3);
			EXPECT_EQ(1, its_taken(LPI(3)));
		}
}
