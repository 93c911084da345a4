// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT and the local APIC: which of its registers an INIT resets, and that the
 * level de-assert of INIT is none (SDM vol. 3A, Local APIC State After an INIT Reset;
 * Interrupt Command Register).
 */
#include "x86/boot/x86.h"

enum { LVT_MASKED = BIT(16), ICR_LEVEL = BIT(15), VECTOR = 0x95 };

static const struct {
	const char *name;
	enum apic_register reg;
	u32 spoiled, wanted;
} rows[] = {
	{ "TPR", APIC_TPR, 0x50, 0 },
	{ "LDR", APIC_LDR, 0x44000000, 0 },
	{ "DFR", APIC_DFR, 0x0fffffff, 0xffffffff },
	{ "LVT_TIMER", APIC_LVT_TIMER, LVT_MASKED | 0x33, LVT_MASKED },
	{ "LVT_LINT0", APIC_LVT_LINT0, 0x400, LVT_MASKED },
	{ "LVT_LINT1", APIC_LVT_LINT1, 0x400, LVT_MASKED },
	{ "LVT_ERROR", APIC_LVT_ERROR, 0x44, LVT_MASKED },
	{ "TIMER_INITIAL", APIC_TIMER_INITIAL, 0x7fffffff, 0 },
	{ "TIMER_DIVIDE", APIC_TIMER_DIVIDE, 0xb, 0 },
	{ "IRR", APIC_IRR + VECTOR / 32 * 16, 0, 0 },
	{ "ISR", APIC_ISR + VECTOR / 32 * 16, 0, 0 },
};

static volatile u64 counter;
static u32 found[ARRAY_SIZE(rows)];

static void count_on(void)
{
	for (;;)
		counter++;
}

static void spoil(void *argument)
{
	(void)argument;
	cli();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].spoiled)
			apic_write(rows[i].reg, rows[i].spoiled);
	/* Requested, and kept back by the TPR or IF. */
	apic_write(APIC_ICR, 1 << 18 | VECTOR);
	counter = 1;
	count_on();
}

static void look(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		found[i] = apic_read(rows[i].reg);
}

TEST(init_resets_apic, "INIT resets the local APIC's registers and forgets what was requested",
     LAW("SDM vol. 3A, Local APIC State After an INIT Reset"), NEEDS(APIC), CPUS(2),
     CASES(ARRAY_SIZE(rows)))
{
	counter = 0;
	ASSERT(cpu_start(1, spoil, NULL));
	cpu_wait_for(&counter, 1);
	/* Which begins with an INIT. */
	ASSERT(cpu_start(1, look, NULL));
	cpu_wait(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("register=%s", rows[i].name)
			EXPECT_EQ(rows[i].wanted, found[i]);
}

static volatile u64 stop;

static void count_until_stop(void *argument)
{
	(void)argument;
	while (!stop)
		counter++;
}

TEST(init_deassert, "the level de-assert of INIT does nothing to a CPU that runs",
     LAW("SDM vol. 3A, Interrupt Command Register (ICR)"), NEEDS(APIC), CPUS(2))
{
	counter = stop = 0;
	ASSERT(cpu_start(1, count_until_stop, NULL));
	cpu_wait_for(&counter, 1);
	apic_write(APIC_ICR_HIGH, 1u << 24);
	apic_write(APIC_ICR, ICR_LEVEL | IPI_INIT);
	for (unsigned int i = 0; i < 500; i++)
		inb(0x80);
	cpu_wait_for(&counter, counter + 1);
	cpu_wait_for(&counter, counter + 1);
	stop = 1;
	cpu_wait(1);
}
