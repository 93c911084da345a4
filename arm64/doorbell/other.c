// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second vCPU as the waker: what it does to interrupts of the first wakes that one's
 * thread, and leaves it with nothing to take.  Each deed is over before the thread runs
 * (kvm-arm64-wake.c).  Law: IHI 0069H, 8.3, and 4.8 for what is masked.
 */
#include "arm64/doorbell/doorbell.h"

enum { MASKED_SGI = 5, END_SGI = 6, HELD_SPI = 88, DISABLED_SPI = 90, ENABLED_SPI = 92 };

/* --- what vCPU 1 does --- */

static void send_sgi(void)
{
	gic_send_sgi(SGI1R(MASKED_SGI, 1));
}

static void enable(void)
{
	gic_disable(HELD_SPI);
	gic_enable(HELD_SPI);
}

static void make_pending(void)
{
	gic_write_bit(GICD_ICPENDR, HELD_SPI);
	gic_write_bit(GICD_ISPENDR, HELD_SPI);
}

/* Of an interrupt that vCPU 0 would take if it were enabled when its thread runs. */
static void pulse_enable(void)
{
	gic_enable(DISABLED_SPI);
	gic_disable(DISABLED_SPI);
}

static void pulse_pending(void)
{
	gic_write_bit(GICD_ISPENDR, ENABLED_SPI);
	gic_write_bit(GICD_ICPENDR, ENABLED_SPI);
}

/* An interrupt that waits for its group, and for nothing else while it is enabled. */
static void pulse_group(void)
{
	gic_control(CTLR_ARE | CTLR_DS);
	gic_set_priority(HELD_SPI, GIC_PRIORITY);
	gic_control(CTLR_ARE | CTLR_DS | CTLR_ENABLE_GRP1);
	gic_set_priority(HELD_SPI, MASKED);
}

/* Hosts stop the other CPUs for that, and let them go. */
static void read_active(void)
{
	gic_bit(GICD_ISACTIVER, HELD_SPI);
}

static void its_interrupt(void)
{
	its_do(its_event(ITS_INT, DEVICE_ID, 1));
}

static const struct deed {
	const char *name;
	void (*act)(void);
} deeds[] = {
	{ "masked-sgi", send_sgi },
	{ "enable-of-masked", enable },
	{ "pending-of-masked", make_pending },
	{ "enable-pulse", pulse_enable },
	{ "pending-pulse", pulse_pending },
	{ "group-enable", pulse_group },
	{ "active-read", read_active },
	{ "masked-lpi-by-int", its_interrupt },
};

/* --- vCPU 1 --- */

static volatile u64 ready, done, held;

/* An interrupt ends its wait, but not while it holds interrupts back itself. */
static void serve(void *argument)
{
	const struct deed *d = argument;
	u32 intid;

	gic_enable(END_SGI);
	ready = 1;
	while (!done) {
		if (!held)
			psci(PSCI_CPU_SUSPEND, 0, 0, 0);
		intid = gic_acknowledge();
		if (intid != INTID_SPURIOUS)
			gic_end(intid);
		if (record->asked == record->acted)
			continue;
		d->act();
		barrier();
		record->acted++;
	}
}

static void begin_other(const struct deed *d)
{
	memset((void *)record, 0, sizeof(*record));
	ready = done = held = 0;
	barrier();
	ASSERT(cpu_start(1, serve, (void *)d));
	cpu_wait_for(&ready, 1);
}

static void end_other(void)
{
	done = 1;
	barrier();
	gic_send_sgi(SGI1R(END_SGI, 2));
	cpu_wait(1);
}

static void begin(void)
{
	doorbell_begin();
	gic_set_edge(CALL_SPI, true);
	gic_route(CALL_SPI, 1);
	gic_enable(CALL_SPI);
	gic_set_priority(MASKED_SGI, MASKED);
	gic_enable(MASKED_SGI);
	gic_set_priority(HELD_SPI, MASKED);
	gic_enable(HELD_SPI);
	gic_write_bit(GICD_ISPENDR, HELD_SPI);
	gic_write_bit(GICD_ISPENDR, DISABLED_SPI);
	gic_enable(ENABLED_SPI);
}

TEST(doorbell_after_other,
     "a vCPU that another one woke with nothing to take, and that blocks again, is woken by a "
     "direct LPI",
     LAW("IHI 0069H, 8.3"),
     FIXES(FIX("b321c31c9b7b309dcde5e8854b741c8e6a9a05f0",
	       "KVM: arm64: vgic-v4: Make the doorbell request robust w.r.t preemption")),
     NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS), CPUS(2),
     FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(WAITS *ARRAY_SIZE(deeds)))
{
	begin();
	for (unsigned int i = 0; i < WAITS; i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(deeds); n++)
			CASE ("wait=%s,by=%s", waits[i].name, deeds[n].name) {
				begin_other(&deeds[n]);
				doorbell_rounds(&waits[i], WAKER_OTHER, CALL_SPI, ROUNDS, 0);
				end_other();
				doorbell_judge(deeds[n].name);
			}
}

/* --- what holds the LPI itself back --- */

static void toggle_group(void)
{
	held = !held;
	gic_control(CTLR_ARE | CTLR_DS | (held ? 0 : CTLR_ENABLE_GRP1));
}

TEST(doorbell_behind_group,
     "a direct LPI that came while GICD_CTLR held its group back wakes the vCPU when it does not",
     LAW("IHI 0069H, 12.9.4"), NEEDS(GICV3 | ITS | PSCI), ACTIONS(ASSIGN_DEVICE | BLOCKED_ROUNDS),
     CPUS(2), FLAGS(TEST_FRESH_VM | TEST_HAS_WINDOW), CASES(WAITS))
{
	static const struct deed toggle = { "toggle-group", toggle_group };

	begin();
	for (unsigned int i = 0; i < WAITS; i++)
		CASE ("wait=%s", waits[i].name) {
			begin_other(&toggle);
			doorbell_rounds(&waits[i], WAKER_OTHER_AROUND, CALL_SPI, ROUNDS, 0);
			end_other();
			doorbell_judge("the doorbell of what is held back");
		}
}
