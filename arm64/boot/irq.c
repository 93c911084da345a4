// SPDX-License-Identifier: GPL-2.0-only
/* The runtime's interrupt handler, and what it wrote down. */
#include "arm64/boot/machine.h"

struct irq_log irq_log[CPUS_MAX];

void irq_log_clear(void)
{
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++)
		irq_log[cpu].count = irq_log[cpu].spurious = 0;
}

u64 irq_log_count(unsigned int cpu, u32 intid)
{
	u64 count = 0;

	for (u64 i = 0; i < MIN(irq_log[cpu].count, (u64)IRQ_LOG_MAX); i++)
		count += irq_log[cpu].intid[i] == intid;
	return count;
}

void irq_taken(struct trap_frame *f);
void irq_taken(struct trap_frame *f)
{
	struct irq_log *log = &irq_log[machine_cpu()];
	u32 intid = gic_acknowledge();

	(void)f;
	if (intid >= INTID_SPECIAL && intid < INTID_LPI) {
		log->spurious++;
		return;
	}
	if (log->count < IRQ_LOG_MAX)
		log->intid[log->count] = intid;
	log->count++;
	gic_end(intid);
	if (READ_REGISTER(ICC_CTLR_EL1) & ICC_CTLR_EOIMODE && intid < INTID_LPI)
		gic_deactivate(intid);
}
