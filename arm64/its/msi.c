// SPDX-License-Identifier: GPL-2.0-only
/*
 * GITS_TRANSLATER: a write of a device is an event of the ITS, counted exactly, and
 * wakes a CPU that waits.  Law: IHI 0069H, 5.2 and 12.20.2.
 */
#include "arm64/its/its.h"

/* How long what must come may take on a busy machine, in ticks of the counter. */
#define PATIENCE (1ull << 31)

#define TRANSLATER (PLATFORM_ITS + (u64)GITS_TRANSLATER)

TEST(msi_is_an_event, "a write to GITS_TRANSLATER raises the event of its data, each time once",
     LAW("IHI 0069H, 12.20.2"), NEEDS(GICV3 | ITS), ACTIONS(SIGNAL_MSI), CASES(8))
{
	its_begin();
	for (u32 event = 0; event < 32; event += 4)
		CASE ("event=%u", event) {
			its_map_event(event, COLLECTION);
			for (unsigned int n = 0; n < 4; n++) {
				sync(SIGNAL_MSI, .signal_msi = { TRANSLATER, event, DEV });
				EXPECT_EQ(1, its_taken(LPI(event)));
				/* Nor does it come again. */
				sync(0);
				EXPECT_EQ(0, its_taken(LPI(event)));
			}
		}
}

/* Hosts may report the error to whoever sent it; the guest must see nothing. */
TEST(msi_unmapped, "a write for an event that is not mapped raises nothing",
     LAW("IHI 0069H, 5.2.11"), NEEDS(GICV3 | ITS), ACTIONS(SIGNAL_MSI), CASES(3))
{
	static const u32 events[] = { 9, 31, 1000 };

	its_begin();
	its_map_event(4, COLLECTION);
	irq_log_clear();
	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
		CASE ("event=%u", events[i]) {
			sync_try(SIGNAL_MSI, .signal_msi = { TRANSLATER, events[i], DEV });
			take_interrupts();
			EXPECT_EQ(0, irq_log[0].count);
			sync(SIGNAL_MSI, .signal_msi = { TRANSLATER, 4, DEV });
			EXPECT_EQ(1, its_taken(LPI(4)));
		}
}

/* An ITS may remember where the last message went; a command must make it forget. */
TEST(msi_after_unmapping,
     "a message that raised its event raises nothing after DISCARD, MAPD or MAPC with V = 0",
     LAW("IHI 0069H, 5.3.7, 5.3.9, 5.3.11"), NEEDS(GICV3 | ITS), ACTIONS(SIGNAL_MSI), CASES(3))
{
	static const char *const endings[] = { "DISCARD", "MAPD", "MAPC" };

	for (unsigned int i = 0; i < ARRAY_SIZE(endings); i++)
		CASE ("by=%s", endings[i]) {
			its_begin();
			its_map_event(4, COLLECTION);
			sync(SIGNAL_MSI, .signal_msi = { TRANSLATER, 4, DEV });
			EXPECT_EQ(1, its_taken(LPI(4)));
			if (i == 0)
				its_must(its_event(ITS_DISCARD, DEV, 4));
			else if (i == 1)
				its_must(its_mapd(DEV, its_itt(0), EVENT_BITS, false));
			else
				its_must(its_mapc(COLLECTION, 0, false));
			its_must(its_sync(0));
			sync_try(SIGNAL_MSI, .signal_msi = { TRANSLATER, 4, DEV });
			EXPECT_EQ(0, its_taken(LPI(4)));
		}
}

TEST(msi_wakes, "an MSI wakes a CPU that waits in WFI", LAW("Arm ARM D1.6"), NEEDS(GICV3 | ITS),
     ACTIONS(WAIT_HALTED | SIGNAL_MSI), CASES(4))
{
	its_begin();
	its_map_event(4, COLLECTION);
	for (unsigned int n = 0; n < 4; n++)
		CASE ("round=%u", n) {
			irq_log_clear();
			sync(WAIT_HALTED | SIGNAL_MSI, .signal_msi = { TRANSLATER, 4, DEV });
			wait_for_interrupt();
			EXPECT_EQ(1, irq_log_count(0, LPI(4)));
		}
	irq_log_clear();
}

TEST(msi_across_save, "an MSI that came before a move is taken behind it, once",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst"), NEEDS(GICV3 | ITS),
     ACTIONS(SIGNAL_MSI | SAVE | RESTORE), CASES(2))
{
	its_begin();
	its_map_event(4, COLLECTION);
	for (unsigned int n = 0; n < 2; n++)
		CASE ("round=%u", n) {
			sync(SIGNAL_MSI | SAVE | RESTORE, .signal_msi = { TRANSLATER, 4, DEV });
			EXPECT_EQ(1, its_taken(LPI(4)));
		}
}

/* A line that only sends the message of an event of DEV, and an eventfd for it. */
#define MESSAGE_LINE (INTID_SPI + PLATFORM_SPIS)

static void route(u32 event)
{
	sync(ROUTE_MSI, .route_msi = { MESSAGE_LINE, TRANSLATER, event, DEV });
}

static u64 irqfd(void)
{
	return sync_value(sync(IRQFD, .irqfd = { MESSAGE_LINE, 0 }), IRQFD);
}

/* The host's kernel may deliver in a thread of its own: what must come is waited for. */
static u64 taken_soon(u32 lpi)
{
	u64 count = its_taken(lpi), begin = machine_ticks();

	while (!count && machine_ticks() - begin < PATIENCE)
		count = its_taken(lpi);
	return count;
}

TEST(msi_by_irqfd, "an eventfd that is bound to a message raises its event, each time once",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD and KVM_SET_GSI_ROUTING; IHI 0069H, 12.20.2"),
     NEEDS(GICV3 | ITS), ACTIONS(ROUTE_MSI | IRQFD | RAISE_IRQFD), CASES(8))
{
	u64 event_fd;

	its_begin();
	route(0);
	event_fd = irqfd();
	for (u32 event = 0; event < 32; event += 4)
		CASE ("event=%u", event) {
			its_map_event(event, COLLECTION);
			route(event);
			for (unsigned int n = 0; n < 4; n++) {
				sync(RAISE_IRQFD, .raise_irqfd = { event_fd });
				EXPECT_EQ(1, taken_soon(LPI(event)));
				sync(0);
				EXPECT_EQ(0, its_taken(LPI(event)));
			}
		}
}

TEST(irqfd_wakes, "an eventfd wakes a CPU that waits in WFI", LAW("Arm ARM D1.6"),
     NEEDS(GICV3 | ITS), ACTIONS(WAIT_HALTED | ROUTE_MSI | IRQFD | RAISE_IRQFD), CASES(4))
{
	u64 event_fd;

	its_begin();
	its_map_event(4, COLLECTION);
	route(4);
	event_fd = irqfd();
	for (unsigned int n = 0; n < 4; n++)
		CASE ("round=%u", n) {
			irq_log_clear();
			sync(WAIT_HALTED | RAISE_IRQFD, .raise_irqfd = { event_fd });
			wait_for_interrupt();
			EXPECT_EQ(1, irq_log_count(0, LPI(4)));
		}
	irq_log_clear();
}
