// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events in the tables that a VMM saves and restores: one that has lost its collection,
 * and one that DISCARD took away, are not in them.  Law: IHI 0069H, 5.3 (DISCARD, MAPC);
 * Documentation/virt/kvm/devices/arm-vgic-its.rst, "ITS Table ABI REV0".
 */
#include "arm64/vgic/vgic.h"

/* The first event of an ITT, one amid it, and its last. */
static const u32 events[] = { 0, 13, (1u << EVENT_BITS) - 1 };
enum { EVENTS = ARRAY_SIZE(events) };

/* All three again, whatever became of their entries and collections. */
static void expect_mapped_anew(void)
{
	its_do(its_mapd(DEV, its_itt(0), EVENT_BITS, false));
	memset((void *)its_itt(0), 0, ITS_ITT_BYTES);
	ASSERT(its_do(its_mapd(DEV, its_itt(0), EVENT_BITS, true)));
	ASSERT(its_do(its_mapc(COLLECTION, 0, true)));
	for (unsigned int i = 0; i < EVENTS; i++) {
		tables_map(events[i], COLLECTION);
		EXPECT_EQ(1, msi_taken(events[i]));
	}
}

/* --- MAPC with V = 0 --- */

static const struct unmapping {
	const char *name;
	u8 events; /* those of OTHER_COLLECTION, which is unmapped: bits of events[] */
	bool all; /* COLLECTION is unmapped too */
} unmappings[] = {
	{ "first", BIT(0), false },
	{ "middle", BIT(1), false },
	{ "last", BIT(2), false },
	{ "first-and-last", BIT(0) | BIT(2), false },
	{ "every", BIT(0) | BIT(1) | BIT(2), false },
	{ "of-both-collections", BIT(1), true },
};

/* What a guest does before the tables are saved. */
enum before { NOTHING, MOVI_THERE, DISCARD_IT, MAPC_AGAIN, BEFORE_COUNT };
static const char *const before_names[BEFORE_COUNT] = { "nothing", "movi-there", "discard",
							"mapc-again" };

static void do_before(enum before before, u8 unmapped)
{
	if (before == MAPC_AGAIN)
		ASSERT(its_do(its_mapc(OTHER_COLLECTION, 0, true)));
	/* Commands in error (5.3.2); what they name stays as it is. */
	for (unsigned int i = 0; i < EVENTS; i++) {
		if (before == MOVI_THERE)
			its_do(its_movi(DEV, events[i], OTHER_COLLECTION));
		if (before == DISCARD_IT && unmapped & BIT(i))
			its_do(its_event(ITS_DISCARD, DEV, events[i]));
	}
}

static void save_without_collection(const struct unmapping *u, enum before before)
{
	u8 unmapped = u->all ? BIT(EVENTS) - 1 : u->events;

	tables_begin();
	ASSERT(its_do(its_mapc(OTHER_COLLECTION, 0, true)));
	for (unsigned int i = 0; i < EVENTS; i++)
		tables_map(events[i], u->events & BIT(i) ? OTHER_COLLECTION : COLLECTION);
	/* What this save wrote the next one takes away. */
	ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
	ASSERT(its_do(its_mapc(OTHER_COLLECTION, 0, false)));
	if (u->all)
		ASSERT(its_do(its_mapc(COLLECTION, 0, false)));
	do_before(before, u->events);

	ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
	for (unsigned int i = 0; i < EVENTS; i++) {
		u64 ite = table_entry(ITE(events[i]));

		/* Whether MAPC gives a collection its events back is UNPREDICTABLE. */
		if (unmapped & BIT(i) && before != MAPC_AGAIN)
			EXPECT_EQ(0, ITE_LPI(ite));
		if (unmapped & BIT(i))
			continue;
		EXPECT_EQ(EVENT_LPI(events[i]), ITE_LPI(ite));
		EXPECT_EQ(COLLECTION, ITE_COLLECTION(ite));
	}
	EXPECT_ANSWER(0, restore());
	for (unsigned int i = 0; i < EVENTS; i++)
		if (!(unmapped & BIT(i)))
			EXPECT_EQ(1, msi_taken(events[i]));
		else if (before != MAPC_AGAIN)
			EXPECT_EQ(0, msi_taken(events[i]));
	expect_mapped_anew();
}

TEST(unmapped_collection,
     "an event whose collection is unmapped does not hinder a save, and no restore brings it back",
     LAW("IHI 0069H, 5.3 (MAPC); Documentation/virt/kvm/devices/arm-vgic-its.rst"),
     FIXES(FIX("id unknown",
	       "KVM: arm64: vgic-its: Don't dereference a NULL collection on ITT save")),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL | SIGNAL_MSI), FLAGS(TEST_FRESH_VM),
     CASES(ARRAY_SIZE(unmappings) * BEFORE_COUNT))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(unmappings); i++)
		for (enum before before = 0; before < BEFORE_COUNT; before++)
			CASE ("unmapped=%s,before=%s", unmappings[i].name, before_names[before])
				save_without_collection(&unmappings[i], before);
}

/* --- DISCARD --- */

static const struct discarding {
	const char *name;
	u8 mapped, discarded; /* bits of events[] */
} discardings[] = {
	{ "first", 7, BIT(0) },	    { "middle", 7, BIT(1) }, { "last", 7, BIT(2) },
	{ "only", BIT(1), BIT(1) }, { "every", 7, 7 },
};

/* When the tables are saved. */
enum { SAVE_BEFORE = BIT(0), SAVE_BEHIND = BIT(1) };
static const char *const saves[] = { "", "before", "behind", "both" };

static void restore_discarded(const struct discarding *d, unsigned int save)
{
	tables_begin();
	for (unsigned int i = 0; i < EVENTS; i++)
		if (d->mapped & BIT(i))
			tables_map(events[i], COLLECTION);
	if (save & SAVE_BEFORE)
		ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
	for (unsigned int i = 0; i < EVENTS; i++)
		if (d->discarded & BIT(i))
			ASSERT(its_do(its_event(ITS_DISCARD, DEV, events[i])));
	if (save & SAVE_BEHIND)
		ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
	for (unsigned int i = 0; i < EVENTS; i++)
		if (d->discarded & BIT(i))
			EXPECT_EQ(0, ITE_LPI(table_entry(ITE(events[i]))));
	EXPECT_ANSWER(0, restore());
	for (unsigned int i = 0; i < EVENTS; i++)
		EXPECT_EQ(d->mapped & ~d->discarded & BIT(i) ? 1 : 0, msi_taken(events[i]));
	expect_mapped_anew();
}

TEST(discarded_event_stays_away,
     "an event that DISCARD took away is not in the tables, and no restore brings it back",
     LAW("IHI 0069H, 5.3 (DISCARD); Documentation/virt/kvm/devices/arm-vgic-its.rst"),
     FIXES(FIX("7602ffd1d5e8927fadd5187cb4aed2fdc9c47143",
	       "KVM: arm64: vgic-its: Clear ITE when DISCARD frees an ITE")),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL | SIGNAL_MSI), FLAGS(TEST_FRESH_VM),
     CASES(ARRAY_SIZE(discardings) * 3))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(discardings); i++)
		for (unsigned int save = SAVE_BEFORE; save <= (SAVE_BEFORE | SAVE_BEHIND); save++)
			CASE ("event=%s,saved=%s", discardings[i].name, saves[save])
				restore_discarded(&discardings[i], save);
}
