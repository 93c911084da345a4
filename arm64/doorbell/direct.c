// SPDX-License-Identifier: GPL-2.0-only
/*
 * LPIs of a device that hardware delivers into the vCPU (GICv4): they are direct, and
 * wake a vCPU that blocks, whatever else woke its thread before.  When a vCPU blocks,
 * KVM makes its vPE non-resident and asks for a doorbell; on an old kernel a wake
 * that left the vCPU not runnable made the vPE resident again, and the next time
 * nobody asked.  Law: IHI 0069H, 8.1 to 8.3; Arm ARM D1.6.
 */
#include "arm64/boot/its.h"
#include "lib/arm64/blocked.h"

enum { DEVICE_ID = 8, EVENT_BITS = 5, COLLECTION = 1, ROUNDS = 6, PREEMPTED_ROUNDS = 100 };
#define DEVICE_LPI (INTID_LPI + 16u)
#define MASKED_LPI (INTID_LPI + 17u)
#define RECORD (TEST_MEMORY + 0x200000)
#define TRANSLATER (PLATFORM_ITS + (u64)GITS_TRANSLATER)
/* Not higher than ICC_PMR_EL1's 0xf0. */
#define MASKED 0xf8

enum { EDGE_SPI = 80, LEVEL_SPI = 82, PULSED_SPI = 84 };

/* How a guest waits: the vCPU blocks in either; only WFI must be trapped for that. */
static const struct wait {
	const char *name;
	bool crowded;
	u32 suspend; /* by PSCI */
} waits[] = { { "wfi", true, 0 }, { "psci-suspend", false, 1 } };

static volatile struct blocked_record *const record = (struct blocked_record *)RECORD;

static void count(struct trap_frame *frame)
{
	u32 intid = gic_acknowledge();

	(void)frame;
	if (intid >= INTID_SPECIAL && intid < INTID_LPI)
		return;
	record->taken += intid == DEVICE_LPI;
	gic_end(intid);
}

static void map(u32 event, u32 lpi, u8 priority)
{
	ASSERT(its_do(its_mapti(DEVICE_ID, event, lpi, COLLECTION)));
	lpi_configure(lpi, LPI_PRIORITY(priority) | LPI_RES1 | LPI_ENABLED);
	ASSERT(its_do(its_event(ITS_INV, DEVICE_ID, event)));
}

static void begin(void)
{
	static const u32 masked[] = { EDGE_SPI, LEVEL_SPI };

	its_open();
	ASSERT(its_do(its_mapd(DEVICE_ID, its_itt(0), EVENT_BITS, true)));
	ASSERT(its_do(its_mapc(COLLECTION, 0, true)));
	map(0, DEVICE_LPI, GIC_PRIORITY);
	map(1, MASKED_LPI, MASKED);
	for (unsigned int i = 0; i < ARRAY_SIZE(masked); i++) {
		gic_set_edge(masked[i], masked[i] == EDGE_SPI);
		gic_set_priority(masked[i], MASKED);
		gic_enable(masked[i]);
	}
	gic_set_edge(PULSED_SPI, false);
	gic_enable(PULSED_SPI);
	set_irq_handler(count);
	sync(ASSIGN_DEVICE, .assign_device = { TRANSLATER, 0, DEVICE_ID });
}

/* Rounds of one kind; the record tells. */
static void do_rounds(const struct wait *w, enum blocked_waker waker, u64 line, u64 rounds)
{
	memset((void *)record, 0, sizeof(*record));
	record->direct = DEVICE_LPI; /* tells the driver which it is */
	sync(BLOCKED_ROUNDS, .blocked_rounds = { waker, line, rounds, w->crowded, RECORD });
	irq_unmask();
	while (!record->done) {
		if (w->suspend)
			psci(PSCI_CPU_SUSPEND, 0, 0, 0);
		else
			asm volatile("wfi" ::: "memory");
		record->loops++;
	}
	irq_mask();
	heartbeat();
}

static void note_record(const char *what)
{
	note("%s: %u rounds, woken %u, windows %u, lost %u (recovered %u), late %u, "
	     "doorbells %u, host MSIs %u, slowest %u us",
	     what, (unsigned int)record->rounds, (unsigned int)record->woken,
	     (unsigned int)record->windows, (unsigned int)record->lost,
	     (unsigned int)record->recovered, (unsigned int)record->late,
	     (unsigned int)record->doorbells, (unsigned int)record->host_msis,
	     (unsigned int)record->slowest);
}

/* Without this nothing here is about doorbells. */
static void require_direct(void)
{
	if (!record->direct)
		skip("the host forwards no LPI in hardware: no GICv4, or kvm-arm.vgic_v4_enable = "
		     "0");
}

TEST(direct, "an assigned device's LPI is forwarded by hardware, and the host takes none of it",
     LAW("IHI 0069H, 8.1"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM), CASES(2))
{
	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		CASE ("wait=%s", waits[i].name) {
			do_rounds(&waits[i], WAKER_NONE, 0, 2 * ROUNDS);
			require_direct();
			note_record(waits[i].name);
			EXPECT_EQ(2 * ROUNDS, record->direct);
			EXPECT_EQ(0, record->host_msis);
			EXPECT_EQ(2 * ROUNDS, record->taken);
			EXPECT_EQ(0, record->lost);
			EXPECT(record->doorbells > 0);
		}
}

/* What wakes the thread; each is nothing that the guest could take. */
static const struct waking {
	const char *name;
	enum blocked_waker waker;
	u32 line;
} wakings[] = {
	{ "masked-edge-by-line", WAKER_LINE, EDGE_SPI },
	{ "masked-level-by-line", WAKER_LINE, LEVEL_SPI },
	{ "level-pulse", WAKER_LINE_PULSE, PULSED_SPI },
	{ "masked-edge-by-irqfd", WAKER_IRQFD, EDGE_SPI },
	{ "masked-lpi-by-msi", WAKER_MSI, DEVICE_ID },
};

TEST(doorbell_after_wake,
     "a vCPU that was woken with nothing to take, and blocks again, is woken by a direct LPI",
     LAW("IHI 0069H, 8.3"),
     FIXES(FIX("b321c31c9b7b309dcde5e8854b741c8e6a9a05f0",
	       "KVM: arm64: vgic-v4: Make the doorbell request robust w.r.t preemption")),
     NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(2 * ARRAY_SIZE(wakings)))
{
	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(wakings); n++)
			CASE ("wait=%s,waker=%s", waits[i].name, wakings[n].name) {
				do_rounds(&waits[i], wakings[n].waker, wakings[n].line, ROUNDS);
				require_direct();
				note_record(wakings[n].name);
				window(wakings[n].name, record->windows);
				EXPECT_EQ(0, record->lost);
				EXPECT_EQ(record->rounds, record->taken);
				EXPECT_EQ(0, record->host_msis);
				if (!record->windows)
					test_error("window not reached: no wake left the vCPU "
						   "blocked");
			}
}

/* Wakes that are none: the doorbell was asked for and still is. */
TEST(doorbell_undisturbed,
     "a vCPU whose thread is moved or signalled while it blocks is woken by a direct LPI",
     LAW("IHI 0069H, 8.3"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM), CASES(4))
{
	static const enum blocked_waker none[] = { WAKER_SIGNAL, WAKER_MOVE };

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(none); n++)
			CASE ("wait=%s,by=%s", waits[i].name, n ? "move" : "signal") {
				do_rounds(&waits[i], none[n], 0, ROUNDS);
				require_direct();
				EXPECT_EQ(0, record->lost);
				EXPECT_EQ(ROUNDS, record->taken);
			}
}

/* The seed of it all: preempted between the vPE's becoming non-resident and the block. */
TEST(doorbell_under_preemption,
     "a vCPU that is preempted while it is about to block is woken by a direct LPI",
     LAW("IHI 0069H, 8.3"),
     FIXES(FIX("b321c31c9b7b309dcde5e8854b741c8e6a9a05f0",
	       "KVM: arm64: vgic-v4: Make the doorbell request robust w.r.t preemption")),
     NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(2))
{
	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		CASE ("wait=%s", waits[i].name) {
			do_rounds(&waits[i], WAKER_PREEMPT, 0, PREEMPTED_ROUNDS);
			require_direct();
			note_record(waits[i].name);
			window("preemptions", record->preemptions);
			window("doorbells", record->doorbells);
			EXPECT_EQ(0, record->lost);
			EXPECT_EQ(record->rounds, record->taken);
			if (!record->preemptions)
				test_error("window not reached: the vCPU was never preempted");
		}
}
