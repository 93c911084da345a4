// SPDX-License-Identifier: GPL-2.0-only
/* What tests of direct interrupts and doorbells begin with; see doorbell.h. */
#include "arm64/doorbell/doorbell.h"

enum { EVENT_BITS = 5 };
#define RECORD (TEST_MEMORY + 0x200000)

const struct wait waits[WAITS] = { { "wfi", true, 0 }, { "psci-suspend", false, 1 } };

volatile struct blocked_record *const record = (struct blocked_record *)RECORD;

static void count(struct trap_frame *frame)
{
	u32 intid = gic_acknowledge();

	(void)frame;
	if (intid >= INTID_SPECIAL && intid < INTID_LPI)
		return;
	record->taken += intid == DEVICE_LPI;
	gic_end(intid);
}

void doorbell_map(u32 event, u32 lpi, u8 priority)
{
	ASSERT(its_do(its_mapti(DEVICE_ID, event, lpi, COLLECTION)));
	lpi_configure(lpi, LPI_PRIORITY(priority) | LPI_RES1 | LPI_ENABLED);
	ASSERT(its_do(its_event(ITS_INV, DEVICE_ID, event)));
}

void doorbell_prepare(void)
{
	static const u32 masked[] = { EDGE_SPI, LEVEL_SPI };

	its_open();
	ASSERT(its_do(its_mapd(DEVICE_ID, its_itt(0), EVENT_BITS, true)));
	ASSERT(its_do(its_mapc(COLLECTION, 0, true)));
	doorbell_map(0, DEVICE_LPI, GIC_PRIORITY);
	doorbell_map(1, MASKED_LPI, MASKED);
	for (unsigned int i = 0; i < ARRAY_SIZE(masked); i++) {
		gic_set_edge(masked[i], masked[i] == EDGE_SPI);
		gic_set_priority(masked[i], MASKED);
		gic_enable(masked[i]);
	}
	gic_set_edge(PULSED_SPI, false);
	gic_enable(PULSED_SPI);
	memset((void *)record, 0, sizeof(*record));
	set_irq_handler(count);
}

void doorbell_assign(void)
{
	sync(ASSIGN_DEVICE, .assign_device = { DOORBELL_TRANSLATER, 0, DEVICE_ID });
}

void doorbell_begin(void)
{
	doorbell_prepare();
	doorbell_assign();
}

static void wait_as(const struct wait *w, u64 how)
{
	if (how & BLOCKED_NEVER)
		return;
	if (w->suspend)
		psci(PSCI_CPU_SUSPEND, 0, 0, 0);
	else
		asm volatile("wfi" ::: "memory");
}

void doorbell_rounds(const struct wait *w, enum blocked_waker waker, u64 line, u64 rounds, u64 how)
{
	record->direct = DEVICE_LPI; /* tells the driver which it is */
	how |= w->crowded && !(how & BLOCKED_NEVER) ? BLOCKED_CROWDED : 0;
	sync(BLOCKED_ROUNDS, .blocked_rounds = { waker, line, rounds, how, (u64)record });
	irq_unmask();
	while (!record->done) {
		wait_as(w, how);
		record->loops++;
	}
	irq_mask();
	heartbeat();
}

void doorbell_note(const char *what)
{
	note("%s: %u rounds, woken %u, windows %u, lost %u (recovered %u), late %u, "
	     "doorbells %u, host MSIs %u, slowest %u us",
	     what, (unsigned int)record->rounds, (unsigned int)record->woken,
	     (unsigned int)record->windows, (unsigned int)record->lost,
	     (unsigned int)record->recovered, (unsigned int)record->late,
	     (unsigned int)record->doorbells, (unsigned int)record->host_msis,
	     (unsigned int)record->slowest);
}

void doorbell_require_direct(void)
{
	if (!record->direct)
		skip("the host forwards no LPI in hardware: no GICv4, or kvm-arm.vgic_v4_enable = "
		     "0");
}

void doorbell_judge(const char *what)
{
	doorbell_require_direct();
	doorbell_note(what);
	window(what, record->windows);
	EXPECT_EQ(0, record->lost);
	EXPECT_EQ(record->rounds, record->taken);
	EXPECT_EQ(0, record->host_msis);
	if (!record->windows)
		test_error("window not reached: no wake left the vCPU blocked");
}
