// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an ITS has mapped stands in its tables: another table, or one that was emptied
 * while the ITS was off, has nothing in it, whatever the ITS remembers.  Law: IHI 0069H,
 * 5.2 and 12.19.1 (GITS_BASER).
 */
#include "arm64/its/its.h"

#define TRANSLATER (PLATFORM_ITS + (u64)GITS_TRANSLATER)
#define BASER_ADDRESS BITS(47, 16)
#define BASER_PAGES BITS(7, 0) /* less 1 */
/* Behind ITS_MEMORY_END, of 64 KiB each. */
#define NEW_TABLE(type) (TEST_MEMORY + 0x200000 + 0x10000ull * (type))
#define LARGE_TABLE (TEST_MEMORY + 0x300000)
enum { DEVICES = BIT(GITS_TABLE_DEVICES), COLLECTIONS = BIT(GITS_TABLE_COLLECTIONS), EVENT = 4 };

static u64 baser_of(unsigned int type)
{
	u64 at = PLATFORM_ITS + GITS_BASER;

	while ((read64(at) >> 56 & 7) != type)
		ASSERT((at += 8) < PLATFORM_ITS + GITS_BASER + 64);
	return at;
}

static void its_off(void)
{
	write32(PLATFORM_ITS + GITS_CTLR, 0);
	while (!(read32(PLATFORM_ITS + GITS_CTLR) & GITS_CTLR_QUIESCENT))
		;
}

static void its_on(void)
{
	barrier();
	write32(PLATFORM_ITS + GITS_CTLR, GITS_CTLR_ENABLED);
}

static u64 message_taken(u32 event)
{
	sync_try(SIGNAL_MSI, .signal_msi = { TRANSLATER, event, DEV });
	return its_taken(LPI(event));
}

/* A command in error may stall the ITS, but not raise anything. */
static u64 int_taken(u32 device, u32 event)
{
	its_do(its_event(ITS_INT, device, event));
	return its_taken(LPI(event));
}

/* Mapped, and seen by message and command, so that whatever remembers it does. */
static void begin(void)
{
	its_begin();
	its_map_event(EVENT, COLLECTION);
	EXPECT_EQ(1, message_taken(EVENT));
	EXPECT_EQ(1, int_taken(DEV, EVENT));
}

static void expect_mapped_anew(u32 device)
{
	if (!its_done())
		return;
	its_do(its_mapd(device, 0, EVENT_BITS, false));
	its_must(its_mapd(device, its_itt(3), EVENT_BITS, true));
	its_must(its_mapc(COLLECTION, 0, true));
	its_must(its_mapti(device, EVENT, LPI(EVENT), COLLECTION));
	its_must(its_event(ITS_INV, device, EVENT));
	EXPECT_EQ(1, int_taken(device, EVENT));
}

/* --- what is done to a table while the ITS is off --- */

static void point_elsewhere(u64 baser, unsigned int type)
{
	memset((void *)NEW_TABLE(type), 0, 0x10000);
	write64(baser, (read64(baser) & ~BASER_ADDRESS) | NEW_TABLE(type));
}

/* As a driver of 32 bits does. */
static void point_elsewhere_by_halves(u64 baser, unsigned int type)
{
	u64 value = (read64(baser) & ~BASER_ADDRESS) | NEW_TABLE(type);

	memset((void *)NEW_TABLE(type), 0, 0x10000);
	write32(baser, (u32)value);
	write32(baser + 4, (u32)(value >> 32));
}

static void empty(u64 baser, unsigned int type)
{
	u64 value = read64(baser);

	(void)type;
	write64(baser, value & ~GITS_VALID);
	memset((void *)(value & BASER_ADDRESS), 0, 0x10000);
	barrier();
	write64(baser, value);
}

static void there_and_back(u64 baser, unsigned int type)
{
	u64 value = read64(baser);

	memset((void *)(value & BASER_ADDRESS), 0, 0x10000);
	point_elsewhere(baser, type);
	write64(baser, value);
}

static const struct change {
	const char *name;
	void (*make)(u64 baser, unsigned int type);
} changes[] = {
	{ "elsewhere", point_elsewhere },
	{ "elsewhere-by-halves", point_elsewhere_by_halves },
	{ "emptied", empty },
	{ "emptied-there-and-back", there_and_back },
};

static const struct tables {
	const char *name;
	unsigned int types;
} tables[] = { { "devices", DEVICES },
	       { "collections", COLLECTIONS },
	       { "both", DEVICES | COLLECTIONS } };

/* Who is to raise it first; a move writes the tables and reads them again. */
enum { BY_MESSAGE, BY_INT, BY_INT_MOVED, BY_COUNT };
static const char *const by_names[BY_COUNT] = { "message", "INT", "INT-after-a-move" };

static void change_tables(unsigned int types, const struct change *change, unsigned int by)
{
	begin();
	its_off();
	for (unsigned int type = 0; type < 8; type++)
		if (types & BIT(type))
			change->make(baser_of(type), type);
	EXPECT_EQ(0, message_taken(EVENT));
	its_on();
	if (by == BY_INT_MOVED)
		sync(SAVE | RESTORE);
	EXPECT_EQ(0, by == BY_MESSAGE ? message_taken(EVENT) : int_taken(DEV, EVENT));
	expect_mapped_anew(DEV);
}

TEST(tables_elsewhere,
     "an ITS that is given other tables, or emptied ones, raises nothing until it is mapped anew",
     LAW("IHI 0069H, 5.2 and 12.19.1 (GITS_BASER)"),
     FIXES(FIX("id unknown", "KVM: arm64: vgic-its: Free the caches when GITS_BASER changes")),
     NEEDS(GICV3 | ITS), ACTIONS(SIGNAL_MSI | SAVE | RESTORE),
     CASES(ARRAY_SIZE(tables) * ARRAY_SIZE(changes) * BY_COUNT))
{
	for (unsigned int t = 0; t < ARRAY_SIZE(tables); t++)
		for (unsigned int c = 0; c < ARRAY_SIZE(changes); c++)
			for (unsigned int by = 0; by < BY_COUNT; by++)
				CASE ("table=%s,change=%s,by=%s", tables[t].name, changes[c].name,
				      by_names[by])
					change_tables(tables[t].types, &changes[c], by);
}

/* A page of 64 KiB holds 8192 devices, if an entry is of 8 bytes. */
TEST(table_made_smaller, "a device behind the end of a device table made smaller raises nothing",
     LAW("IHI 0069H, 5.2 and 12.19.1 (GITS_BASER)"), NEEDS(GICV3 | ITS))
{
	u32 device = 8192 + 40;
	u64 baser, value;

	its_begin();
	baser = baser_of(GITS_TABLE_DEVICES);
	if ((read64(baser) >> 48 & 0x1f) + 1 != 8)
		skip("an entry of the device table is not of 8 bytes");
	its_off();
	memset((void *)LARGE_TABLE, 0, 0x20000);
	value = (read64(baser) & ~(BASER_ADDRESS | BASER_PAGES)) | LARGE_TABLE;
	write64(baser, value | 1);
	its_on();
	its_must(its_mapd(device, its_itt(1), EVENT_BITS, true));
	its_must(its_mapc(COLLECTION, 0, true));
	its_must(its_mapti(device, EVENT, LPI(EVENT), COLLECTION));
	lpi_configure(LPI(EVENT), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	its_must(its_event(ITS_INV, device, EVENT));
	EXPECT_EQ(1, int_taken(device, EVENT));
	its_off();
	write64(baser, value);
	its_on();
	EXPECT_EQ(0, int_taken(device, EVENT));
	expect_mapped_anew(DEV);
}

/* What a driver does when the machine resumes. */
TEST(tables_written_again, "an ITS whose GITS_BASER is written as it is keeps all that is mapped",
     LAW("IHI 0069H, 12.19.1 (GITS_BASER)"),
     FIXES(FIX("id unknown", "KVM: arm64: vgic-its: Free the caches when GITS_BASER changes")),
     NEEDS(GICV3 | ITS), ACTIONS(SIGNAL_MSI), CASES(2))
{
	for (unsigned int halves = 0; halves < 2; halves++)
		CASE ("written=%s", halves ? "by-halves" : "whole") {
			begin();
			its_off();
			for (u64 at = PLATFORM_ITS + GITS_BASER, end = at + 64; at < end; at += 8) {
				u64 value = read64(at);

				if (halves) {
					write32(at, (u32)value);
					write32(at + 4, (u32)(value >> 32));
				} else {
					write64(at, value);
				}
			}
			its_on();
			EXPECT_EQ(1, message_taken(EVENT));
			EXPECT_EQ(1, int_taken(DEV, EVENT));
		}
}
