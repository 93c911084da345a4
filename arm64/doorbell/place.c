// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a direct LPI goes: to the vCPU that MOVI names, and after its vCPU to another
 * processor of the host.  Law: IHI 0069H, 5.3 (MOVI) and 8.2.
 */
#include "arm64/doorbell/doorbell.h"

enum { END_SGI = 6 };

static volatile u64 ready, done, wrong, taken_on[2];

/* Takes the LPI where it must come, and sends the next to the other vCPU. */
static void take_and_move(struct trap_frame *frame)
{
	u64 cpu = READ_REGISTER(mpidr_el1) & 1;
	u32 intid = gic_acknowledge();

	(void)frame;
	if (intid == DEVICE_LPI) {
		wrong += (record->taken & 1) != cpu;
		taken_on[cpu]++;
		its_do(its_movi(DEVICE_ID, 0, cpu ? COLLECTION : OTHER_COLLECTION));
		its_do(its_sync(!cpu));
		barrier();
		record->taken++;
	}
	if (intid < INTID_SPECIAL || intid >= INTID_LPI)
		gic_end(intid);
}

static void wait_too(void *argument)
{
	const struct wait *w = argument;

	lpi_open();
	gic_enable(END_SGI);
	irq_unmask();
	ready = 1;
	while (!done) {
		if (w->suspend)
			psci(PSCI_CPU_SUSPEND, 0, 0, 0);
		else
			asm volatile("wfi" ::: "memory");
	}
	irq_mask();
}

/* Nobody disturbs them; or vCPU 0 is woken with nothing to take before its LPI. */
static const struct disturbance {
	const char *name;
	enum blocked_waker waker;
} disturbances[] = { { "none", WAKER_NONE }, { "masked-level-by-line", WAKER_LINE } };

static void do_rounds_of_both(const struct wait *w, const struct disturbance *d, u64 how)
{
	memset((void *)record, 0, sizeof(*record));
	ready = done = wrong = taken_on[0] = taken_on[1] = 0;
	barrier();
	ASSERT(cpu_start(1, wait_too, (void *)w));
	cpu_wait_for(&ready, 1);
	doorbell_rounds(w, d->waker, LEVEL_SPI, 2 * ROUNDS, BLOCKED_BOTH | how);
	done = 1;
	barrier();
	gic_send_sgi(SGI1R(END_SGI, 2));
	cpu_wait(1);
}

/* Each took so many, all its own. */
static void judge_both(const char *what, u64 each)
{
	doorbell_require_direct();
	doorbell_note(what);
	window("both blocked", record->rounds - record->not_blocked);
	EXPECT_EQ(0, record->lost);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(each, taken_on[0]);
	EXPECT_EQ(each, taken_on[1]);
	EXPECT_EQ(0, record->host_msis);
	if (record->not_blocked == record->rounds)
		test_error("window not reached: one never blocked");
}

TEST(doorbell_of_either,
     "of two vCPUs that block that one is woken by a direct LPI to which MOVI sent it",
     LAW("IHI 0069H, 5.3 (MOVI)"), NEEDS(GICV3 | ITS | PSCI),
     ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS), CPUS(2), FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW),
     CASES(WAITS *ARRAY_SIZE(disturbances)))
{
	doorbell_begin();
	ASSERT(its_do(its_mapc(OTHER_COLLECTION, 1, true)));
	set_irq_handler(take_and_move);
	for (unsigned int i = 0; i < WAITS; i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(disturbances); n++)
			CASE ("wait=%s,waker=%s", waits[i].name, disturbances[n].name) {
				its_do(its_movi(DEVICE_ID, 0, COLLECTION));
				do_rounds_of_both(&waits[i], &disturbances[n], 0);
				judge_both(disturbances[n].name, ROUNDS);
			}
}

/* --- two devices, each with an LPI of its own, one for either vCPU --- */

enum { SECOND_ID = 9 };
#define SECOND_LPI (INTID_LPI + 18u)

static void take_own(struct trap_frame *frame)
{
	u64 cpu = READ_REGISTER(mpidr_el1) & 1;
	u32 intid = gic_acknowledge();

	(void)frame;
	if (intid == DEVICE_LPI || intid == SECOND_LPI) {
		__atomic_add_fetch(&taken_on[cpu], 1, __ATOMIC_SEQ_CST);
		if (cpu != (intid == SECOND_LPI))
			__atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&record->taken, 1, __ATOMIC_SEQ_CST);
	}
	if (intid < INTID_SPECIAL || intid >= INTID_LPI)
		gic_end(intid);
}

/* Commands for LPIs of a redistributor that has them off are ignored (GICR_CTLR.EnableLPIs). */
static void open_lpis(void *argument)
{
	(void)argument;
	lpi_open();
}

static void assign_second(void)
{
	ASSERT(cpu_start(1, open_lpis, NULL));
	cpu_wait(1);
	ASSERT(its_do(its_mapd(SECOND_ID, its_itt(1), 5, true)));
	ASSERT(its_do(its_mapc(OTHER_COLLECTION, 1, true)));
	ASSERT(its_do(its_mapti(SECOND_ID, 0, SECOND_LPI, OTHER_COLLECTION)));
	lpi_configure(SECOND_LPI, LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	ASSERT(its_do(its_event(ITS_INV, SECOND_ID, 0)));
	sync(ASSIGN_DEVICE, .assign_device = { DOORBELL_TRANSLATER, 0, SECOND_ID });
}

TEST(doorbells_of_two, "two vCPUs that block are each woken by the direct LPI of their own device",
     LAW("IHI 0069H, 8.3"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     CPUS(2), FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(WAITS *ARRAY_SIZE(disturbances)))
{
	doorbell_begin();
	assign_second();
	set_irq_handler(take_own);
	for (unsigned int i = 0; i < WAITS; i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(disturbances); n++)
			CASE ("wait=%s,waker=%s", waits[i].name, disturbances[n].name) {
				do_rounds_of_both(&waits[i], &disturbances[n], BLOCKED_ALL_DEVICES);
				judge_both(disturbances[n].name, 2 * ROUNDS);
			}
}

TEST(doorbell_after_migration,
     "a vCPU that blocks on another processor than the one it was put from is woken by a direct "
     "LPI",
     LAW("IHI 0069H, 8.3"),
     FIXES(FIX("b321c31c9b7b309dcde5e8854b741c8e6a9a05f0",
	       "KVM: arm64: vgic-v4: Make the doorbell request robust w.r.t preemption")),
     NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(WAITS))
{
	doorbell_begin();
	for (unsigned int i = 0; i < WAITS; i++)
		CASE ("wait=%s", waits[i].name) {
			memset((void *)record, 0, sizeof(*record));
			doorbell_rounds(&waits[i], WAKER_MIGRATE, LEVEL_SPI, ROUNDS, 0);
			doorbell_judge("migrated while it blocked");
		}
}

TEST(direct_after_migration, "a vCPU that runs takes a direct LPI wherever its host moved it",
     LAW("IHI 0069H, 8.2"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW))
{
	doorbell_begin();
	doorbell_rounds(&waits[0], WAKER_MIGRATE, LEVEL_SPI, 2 * ROUNDS, BLOCKED_NEVER);
	doorbell_judge("migrated while it ran");
}
