// SPDX-License-Identifier: GPL-2.0-only
/* The model of GICv3; see gic_model.h. */
#include "lib/arm64/gic_model.h"

#define OP(NAME, words) words,
const char *const gic_op_name[GIC_OP_COUNT] = { GIC_OPS(OP) };
#undef OP

struct gic_irq *gic_model_add(struct gic_model *m, u32 intid, bool edge)
{
	struct gic_irq *irq = &m->irq[m->irqs++];

	*irq = (struct gic_irq){ .intid = intid, .edge = edge, .group1 = true, .priority = 0xa0 };
	return irq;
}

struct gic_irq *gic_model_find(struct gic_model *m, u32 intid)
{
	for (unsigned int i = 0; i < m->irqs; i++)
		if (m->irq[i].intid == intid)
			return &m->irq[i];
	return NULL;
}

/* 4.1: a level-sensitive interrupt is pending while its wire is high, or was made so. */
bool gic_model_is_pending(const struct gic_irq *irq)
{
	return irq->latch || (!irq->edge && irq->line);
}

void gic_model_do(struct gic_irq *irq, enum gic_op op)
{
	switch (op) {
	case GIC_SET_PENDING:
		irq->latch = true;
		break;
	case GIC_CLEAR_PENDING: /* of no effect on the wire */
		irq->latch = false;
		break;
	case GIC_SET_ACTIVE:
		irq->active = true;
		break;
	case GIC_CLEAR_ACTIVE:
		irq->active = false;
		break;
	case GIC_ENABLE:
		irq->enabled = true;
		break;
	case GIC_DISABLE:
		irq->enabled = false;
		break;
	case GIC_RAISE:
		if (irq->edge && !irq->line)
			irq->latch = true;
		irq->line = true;
		break;
	case GIC_LOWER:
		irq->line = false;
		break;
	case GIC_OP_COUNT:
		break;
	}
}

/* --- priorities (4.8) --- */

static u8 group_priority(const struct gic_model *m, u8 priority)
{
	return priority & (u8)(0xff << m->bpr);
}

u8 gic_model_running(const struct gic_model *m)
{
	for (unsigned int p = 0; p < 256; p++)
		if (m->active_priority[p / 8] >> p % 8 & 1)
			return (u8)p;
	return GIC_IDLE_PRIORITY;
}

/* Pending and not active: an interrupt that is both waits for its deactivation. */
static bool is_candidate(const struct gic_irq *irq)
{
	return gic_model_is_pending(irq) && !irq->active && irq->enabled && irq->group1;
}

static const struct gic_irq *highest(const struct gic_model *m)
{
	const struct gic_irq *best = NULL;

	for (unsigned int i = 0; m->group1_on && i < m->irqs; i++)
		if (is_candidate(&m->irq[i]) && (!best || m->irq[i].priority < best->priority))
			best = &m->irq[i];
	return best;
}

u32 gic_model_highest(const struct gic_model *m)
{
	const struct gic_irq *irq = highest(m);

	return irq ? irq->intid : (u32)INTID_SPURIOUS;
}

bool gic_model_is_open(const struct gic_model *m)
{
	const struct gic_irq *best = highest(m);

	for (unsigned int i = 0; best && i < m->irqs; i++)
		if (&m->irq[i] != best && is_candidate(&m->irq[i]) &&
		    m->irq[i].priority == best->priority)
			return true;
	return false;
}

/* Higher than PMR says, and of a group priority above the running one. */
bool gic_model_signals(const struct gic_model *m)
{
	const struct gic_irq *irq = highest(m);

	if (!irq || irq->priority >= m->pmr)
		return false;
	return gic_model_running(m) == GIC_IDLE_PRIORITY ||
	       group_priority(m, irq->priority) < gic_model_running(m);
}

u32 gic_model_acknowledge(struct gic_model *m)
{
	struct gic_irq *irq = (struct gic_irq *)highest(m);
	u8 priority;

	if (!gic_model_signals(m))
		return INTID_SPURIOUS;
	irq->active = true;
	irq->latch = false;
	priority = group_priority(m, irq->priority);
	m->active_priority[priority / 8] |= (u8)(1 << priority % 8);
	return irq->intid;
}

/* The priority drop is of the highest active priority, whatever INTID is written. */
void gic_model_end(struct gic_model *m, u32 intid)
{
	u8 running = gic_model_running(m);

	if (intid >= INTID_SPECIAL && intid < INTID_LPI)
		return;
	if (running != GIC_IDLE_PRIORITY)
		m->active_priority[running / 8] &= (u8) ~(1 << running % 8);
	if (!m->split && gic_model_find(m, intid))
		gic_model_find(m, intid)->active = false;
}

void gic_model_deactivate(struct gic_model *m, u32 intid)
{
	struct gic_irq *irq = gic_model_find(m, intid);

	if (m->split && irq)
		irq->active = false;
}

u64 gic_model_sgi_targets(u64 sgi1r, const u64 *affinity, unsigned int cpus, unsigned int self)
{
	u64 list = sgi1r & 0xffff, range = sgi1r >> 44 & 0xf, targets = 0;
	u64 cluster = (sgi1r >> 48 & 0xff) << 32 | (sgi1r >> 32 & 0xff) << 16 |
		      (sgi1r >> 16 & 0xff) << 8;

	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		u64 aff0 = affinity[cpu] & 0xff;

		if (sgi1r & SGI1R_IRM)
			targets |= cpu != self ? BIT(cpu) : 0;
		else if ((affinity[cpu] & ~0xffull) == cluster && aff0 >> 4 == range &&
			 list >> (aff0 & 0xf) & 1)
			targets |= BIT(cpu);
	}
	return targets;
}
