// SPDX-License-Identifier: GPL-2.0-only
/*
 * LPIs of a device that hardware delivers into the vCPU (GICv4): they are direct, and
 * wake a vCPU that blocks, whatever else woke its thread before.  When a vCPU blocks,
 * KVM makes its vPE non-resident and asks for a doorbell; on an old kernel a wake
 * that left the vCPU not runnable made the vPE resident again, and the next time
 * nobody asked.  Law: IHI 0069H, 8.1 to 8.3; Arm ARM D1.6.
 */
#include "arm64/doorbell/doorbell.h"

enum { PREEMPTED_ROUNDS = 100 };

/* Rounds begin with an empty record. */
static void do_rounds(const struct wait *w, enum blocked_waker waker, u64 line, u64 rounds)
{
	memset((void *)record, 0, sizeof(*record));
	doorbell_rounds(w, waker, line, rounds, 0);
}

TEST(direct, "an assigned device's LPI is forwarded by hardware, and the host takes none of it",
     LAW("IHI 0069H, 8.1"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM), CASES(2))
{
	doorbell_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		CASE ("wait=%s", waits[i].name) {
			do_rounds(&waits[i], WAKER_NONE, 0, 2 * ROUNDS);
			doorbell_require_direct();
			doorbell_note(waits[i].name);
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
	doorbell_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(wakings); n++)
			CASE ("wait=%s,waker=%s", waits[i].name, wakings[n].name) {
				do_rounds(&waits[i], wakings[n].waker, wakings[n].line, ROUNDS);
				doorbell_judge(wakings[n].name);
			}
}

/* Wakes that are none: the doorbell was asked for and still is. */
TEST(doorbell_undisturbed,
     "a vCPU whose thread is moved or signalled while it blocks is woken by a direct LPI",
     LAW("IHI 0069H, 8.3"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM), CASES(4))
{
	static const enum blocked_waker none[] = { WAKER_SIGNAL, WAKER_MOVE };

	doorbell_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(none); n++)
			CASE ("wait=%s,by=%s", waits[i].name, n ? "move" : "signal") {
				do_rounds(&waits[i], none[n], 0, ROUNDS);
				doorbell_require_direct();
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
	doorbell_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		CASE ("wait=%s", waits[i].name) {
			do_rounds(&waits[i], WAKER_PREEMPT, 0, PREEMPTED_ROUNDS);
			doorbell_require_direct();
			doorbell_note(waits[i].name);
			window("preemptions", record->preemptions);
			window("doorbells", record->doorbells);
			EXPECT_EQ(0, record->lost);
			EXPECT_EQ(record->rounds, record->taken);
			if (!record->preemptions)
				test_error("window not reached: the vCPU was never preempted");
		}
}
