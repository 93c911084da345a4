/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GIC beside its model: every operation is done to both, and every state that
 * the guest can read is compared (lib/arm64/gic_model.h).  All is asked by polling,
 * with interrupts masked at the CPU.
 */
#ifndef ASSAY_ARM64_GIC_WORLD_H
#define ASSAY_ARM64_GIC_WORLD_H

#include "arm64/boot/arm64.h"
#include "lib/arm64/gic_model.h"

/* SPIs that no device of any machine uses. */
#define SPI_FIRST 80
#define SPI_LAST 95

struct gic_world {
	struct gic_model model;
	char step[64]; /* the last operation, for a failure */
};

/* As machine_reset() left the GIC. */
void world_open(struct gic_world *w);
/* Enabled, of this trigger and priority. */
struct gic_irq *world_add(struct gic_world *w, u32 intid, bool edge, u8 priority);
void world_do(struct gic_world *w, struct gic_irq *irq, enum gic_op op);
/* Acknowledge: what the model says must come.  Returns what came. */
u32 world_acknowledge(struct gic_world *w);
void world_end(struct gic_world *w, u32 intid);
void world_deactivate(struct gic_world *w, u32 intid);
void world_set_split(struct gic_world *w, bool split);
void world_set_pmr(struct gic_world *w, u8 pmr);
/* Returns whether all is as the model has it. */
bool world_check(struct gic_world *w);
/* End and deactivate whatever is active, so that the next case begins anew. */
void world_close(struct gic_world *w);

#endif
