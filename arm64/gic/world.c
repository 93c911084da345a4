// SPDX-License-Identifier: GPL-2.0-only
/* The GIC beside its model; see world.h. */
#include "arm64/gic/world.h"

static void note_step(struct gic_world *w, const char *what, u32 intid)
{
	struct text t = text_into(w->step, sizeof(w->step));

	text_add(&t, "%s of INTID %u", what, intid);
}

void world_open(struct gic_world *w)
{
	*w = (struct gic_world){ .model = { .group1_on = true, .pmr = 0xf0 } };
	w->model.bpr = (u8)READ_REGISTER(ICC_BPR1_EL1);
	note_step(w, "begin", 0);
}

struct gic_irq *world_add(struct gic_world *w, u32 intid, bool edge, u8 priority)
{
	struct gic_irq *irq = gic_model_add(&w->model, intid, edge);

	irq->priority = priority;
	irq->enabled = true;
	gic_disable(intid);
	if (intid >= INTID_SPI)
		gic_set_edge(intid, edge);
	gic_set_priority(intid, priority);
	gic_enable(intid);
	return irq;
}

static const enum gicd bank[GIC_OP_COUNT] = {
	[GIC_SET_PENDING] = GICD_ISPENDR,  [GIC_CLEAR_PENDING] = GICD_ICPENDR,
	[GIC_SET_ACTIVE] = GICD_ISACTIVER, [GIC_CLEAR_ACTIVE] = GICD_ICACTIVER,
	[GIC_ENABLE] = GICD_ISENABLER,	   [GIC_DISABLE] = GICD_ICENABLER,
};

void world_do(struct gic_world *w, struct gic_irq *irq, enum gic_op op)
{
	note_step(w, gic_op_name[op], irq->intid);
	if (bank[op])
		gic_write_bit(bank[op], irq->intid);
	else
		sync(SET_IRQ_LINE, .set_irq_line = { irq->intid, op == GIC_RAISE });
	if (op == GIC_DISABLE)
		gic_disable(irq->intid); /* waits for its effect */
	gic_model_do(irq, op);
	barrier();
}

u32 world_acknowledge(struct gic_world *w)
{
	u32 wanted = gic_model_acknowledge(&w->model), got = gic_acknowledge();
	char words[96];
	struct text t = text_into(words, sizeof(words));

	text_add(&t, "ICC_IAR1_EL1 after %s", w->step);
	expect_number(&(struct expectation){ __FILE__, __LINE__, words }, wanted, got);
	note_step(w, "acknowledge", got);
	return got;
}

void world_end(struct gic_world *w, u32 intid)
{
	gic_end(intid);
	gic_model_end(&w->model, intid);
	note_step(w, "EOIR", intid);
}

void world_deactivate(struct gic_world *w, u32 intid)
{
	gic_deactivate(intid);
	gic_model_deactivate(&w->model, intid);
	note_step(w, "DIR", intid);
}

void world_set_split(struct gic_world *w, bool split)
{
	u64 control = READ_REGISTER(ICC_CTLR_EL1) & ~(u64)ICC_CTLR_EOIMODE;

	WRITE_REGISTER(ICC_CTLR_EL1, control | (split ? (u64)ICC_CTLR_EOIMODE : 0));
	barrier();
	w->model.split = split;
}

void world_set_pmr(struct gic_world *w, u8 pmr)
{
	WRITE_REGISTER(ICC_PMR_EL1, pmr);
	barrier();
	w->model.pmr = pmr;
}

static bool compare(const struct gic_world *w, const char *what, u32 intid, u64 wanted, u64 got)
{
	char words[128];
	struct text t = text_into(words, sizeof(words));

	if (wanted == got)
		return true;
	text_add(&t, "%s of INTID %u after %s", what, intid, w->step);
	return expect_number(&(struct expectation){ __FILE__, __LINE__, words }, wanted, got);
}

bool world_check(struct gic_world *w)
{
	const struct gic_model *m = &w->model;
	bool same = true;

	for (unsigned int i = 0; i < m->irqs; i++) {
		const struct gic_irq *irq = &m->irq[i];

		same &= compare(w, "pending", irq->intid, gic_model_is_pending(irq),
				gic_bit(GICD_ISPENDR, irq->intid));
		same &= compare(w, "active", irq->intid, irq->active,
				gic_bit(GICD_ISACTIVER, irq->intid));
		same &= compare(w, "enabled", irq->intid, irq->enabled,
				gic_bit(GICD_ISENABLER, irq->intid));
	}
	same &= compare(w, "running priority", 0, gic_model_running(m),
			READ_REGISTER(ICC_RPR_EL1) & 0xff);
	return same;
}

void world_close(struct gic_world *w)
{
	world_set_split(w, false);
	for (unsigned int i = 0; i < w->model.irqs; i++) {
		struct gic_irq *irq = &w->model.irq[i];

		if (irq->line)
			world_do(w, irq, GIC_LOWER);
		gic_disable(irq->intid);
		gic_write_bit(GICD_ICPENDR, irq->intid);
		gic_write_bit(GICD_ICACTIVER, irq->intid);
	}
	WRITE_REGISTER(ICC_AP1R0_EL1, 0);
	world_set_pmr(w, 0xf0);
}
