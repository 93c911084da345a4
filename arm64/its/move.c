// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collections and CPUs: MAPC anew, MOVI and MOVALL take LPIs from one redistributor
 * to another, pending ones too, and leave those of other CPUs where they are.  Law:
 * IHI 0069H, 5.3.8, 5.3.15, 5.3.16.
 */
#include "arm64/its/its.h"

enum { CPUS_USED = 3 };

static volatile u64 ready, stop;

/* Takes interrupts as they come, polling, so that what is due has been taken. */
static void take(void *argument)
{
	(void)argument;
	lpi_open();
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	irq_unmask();
	while (!stop)
		cpu_relax();
	irq_mask();
}

static void begin(void)
{
	ready = stop = 0;
	its_begin();
	for (u64 cpu = 1; cpu < CPUS_USED; cpu++)
		ASSERT(cpu_start((unsigned int)cpu, take, (void *)cpu));
	cpu_wait_for(&ready, CPUS_USED - 1);
	for (u32 cpu = 0; cpu < CPUS_USED; cpu++)
		its_must(its_mapc(COLLECTION + cpu, cpu, true));
}

static void end(void)
{
	stop = 1;
	for (unsigned int cpu = 1; cpu < CPUS_USED; cpu++)
		cpu_wait(cpu);
}

/* Wait until it was taken somewhere: on which CPU?  And no more than once. */
static unsigned int taken_on(u32 lpi)
{
	unsigned int on = 0;
	u64 count = 0;

	while (!count) {
		take_interrupts();
		cpu_relax();
		for (unsigned int cpu = 0; cpu < CPUS_USED; cpu++)
			if (irq_log_count(cpu, lpi)) {
				count += irq_log_count(cpu, lpi);
				on = cpu;
			}
	}
	EXPECT_EQ(1, count);
	irq_log_clear();
	return on;
}

static unsigned int int_goes_to(u32 event)
{
	its_must(its_event(ITS_INT, DEV, event));
	return taken_on(LPI(event));
}

TEST(collections, "an LPI goes to the CPU that its collection is mapped to",
     LAW("IHI 0069H, 5.3.8"), NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED), CASES(CPUS_USED))
{
	begin();
	for (u32 cpu = 0; cpu < CPUS_USED; cpu++)
		CASE ("cpu=%u", cpu) {
			its_map_event(cpu, COLLECTION + cpu);
			for (unsigned int n = 0; n < 10; n++)
				EXPECT_EQ(cpu, int_goes_to(cpu));
		}
	end();
}

TEST(collection_mapped_anew, "a collection that is mapped to another CPU takes its events there",
     LAW("IHI 0069H, 5.3"), NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED), CASES(CPUS_USED))
{
	begin();
	its_map_event(3, COLLECTION);
	for (u32 cpu = CPUS_USED; cpu-- > 0;)
		CASE ("cpu=%u", cpu) {
			its_must(its_mapc(COLLECTION, cpu, true));
			its_must(its_sync(cpu));
			EXPECT_EQ(cpu, int_goes_to(3));
		}
	end();
}

TEST(collections_survive, "a collection keeps its CPU in a move, and its events go there",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst"), NEEDS(GICV3 | ITS | PSCI),
     CPUS(CPUS_USED), ACTIONS(SAVE | RESTORE), CASES(CPUS_USED))
{
	begin();
	for (u32 cpu = 0; cpu < CPUS_USED; cpu++)
		CASE ("cpu=%u", cpu) {
			its_map_event(cpu, COLLECTION + cpu);
			sync(SAVE | RESTORE);
			EXPECT_EQ(cpu, int_goes_to(cpu));
		}
	end();
}

TEST(movi, "MOVI moves one event to another collection, and leaves the others",
     LAW("IHI 0069H, 5.3.15"), NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED), CASES(CPUS_USED))
{
	begin();
	its_map_event(0, COLLECTION);
	its_map_event(1, COLLECTION);
	for (u32 cpu = 0; cpu < CPUS_USED; cpu++)
		CASE ("cpu=%u", cpu) {
			its_must(its_movi(DEV, 0, COLLECTION + cpu));
			its_must(its_sync(0));
			EXPECT_EQ(cpu, int_goes_to(0));
			EXPECT_EQ(0, int_goes_to(1));
		}
	end();
}

TEST(movi_takes_pending, "MOVI takes a pending LPI along to its new CPU", LAW("IHI 0069H, 5.3.15"),
     NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED))
{
	begin();
	its_map_event(0, COLLECTION);
	its_must(its_event(ITS_INT, DEV, 0));
	its_must(its_movi(DEV, 0, COLLECTION + 1));
	its_must(its_sync(0));
	EXPECT_EQ(1, taken_on(LPI(0)));
	end();
}

/* MOVALL is of what is pending; software moves the collections themselves by MAPC (5.3.16). */
TEST(movall, "MOVALL moves the pending LPIs of one CPU to another, and no other CPU's",
     LAW("IHI 0069H, 5.3.16"),
     FIXES(FIX("id unknown", "KVM: arm64: vgic-its: Fix MOVALL handling of source redistributor")),
     NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED), CASES(2))
{
	begin();
	its_map_event(0, COLLECTION);
	its_map_event(1, COLLECTION + 1);
	CASE ("order=movall-then-int") {
		its_must(its_movall(1, 2));
		its_must(its_sync(2));
		EXPECT_EQ(0, int_goes_to(0));
	}
	/* Masked on CPU 0: it is pending there while another CPU's LPIs are moved. */
	CASE ("order=int-then-movall") {
		its_must(its_event(ITS_INT, DEV, 0));
		its_must(its_sync(0));
		its_must(its_movall(1, 2));
		its_must(its_sync(2));
		EXPECT_EQ(0, taken_on(LPI(0)));
	}
	end();
}

TEST(movall_takes_pending, "MOVALL takes what is pending on its source along",
     LAW("IHI 0069H, 5.3.16"), NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED))
{
	begin();
	its_map_event(0, COLLECTION);
	its_must(its_event(ITS_INT, DEV, 0));
	its_must(its_mapc(COLLECTION, 2, true));
	its_must(its_movall(0, 2));
	its_must(its_sync(2));
	EXPECT_EQ(2, taken_on(LPI(0)));
	end();
}

TEST(lpis_wake_other,
     "LPIs that move around three CPUs are all taken, each once, where they belong",
     LAW("IHI 0069H, 5.3.15"), NEEDS(GICV3 | ITS | PSCI), CPUS(CPUS_USED), CASES(60))
{
	u64 state = run_request()->seed;

	begin();
	for (u32 event = 0; event < 6; event++)
		its_map_event(event, COLLECTION);
	for (unsigned int n = 0; n < 60; n++)
		CASE ("round=%u", n) {
			u32 event = (u32)(random_next(&state) >> 40) % 6;
			u32 cpu = (u32)(random_next(&state) >> 40) % CPUS_USED;

			its_must(its_movi(DEV, event, COLLECTION + cpu));
			its_must(its_sync(cpu));
			EXPECT_EQ(cpu, int_goes_to(event));
		}
	end();
}
