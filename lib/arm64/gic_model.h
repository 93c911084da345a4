/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of GICv3 as one CPU of one security state sees it: the states of
 * interrupts, which of them is signalled, what acknowledging, ending and
 * deactivating do, and whom an SGI reaches.  Written from IHI 0069H (4.1, 4.2, 4.7,
 * 4.8, 12.2.20); it changes nothing but its own state, so that guest and host use it.
 *
 * Where the architecture leaves a choice (two interrupts of one priority) the model
 * says so by gic_model_is_open() and never guesses.
 */
#ifndef ASSAY_ARM64_GIC_MODEL_H
#define ASSAY_ARM64_GIC_MODEL_H

#include "lib/arm64/gic.h"

enum { GIC_MODEL_IRQS = 8, GIC_IDLE_PRIORITY = 0xff };

struct gic_irq {
	u32 intid;
	u8 priority;
	bool edge, group1, enabled;
	bool latch; /* an edge, an SGI, a write to ISPENDR */
	bool line; /* the level of the wire */
	bool active;
};

struct gic_model {
	struct gic_irq irq[GIC_MODEL_IRQS];
	unsigned int irqs;
	bool group1_on; /* in the distributor and the CPU interface */
	u8 pmr;
	u8 bpr; /* ICC_BPR1_EL1: the group priority is bits 7 to bpr */
	bool split; /* EOI mode 1 */
	/* Priorities that are active, by their group priority, one bit each. */
	u8 active_priority[256 / 8];
};

/* GIC_OP(NAME, words): what can happen to an interrupt. */
#define GIC_OPS(OP)                                                                                \
	OP(SET_PENDING, "ISPENDR")                                                                 \
	OP(CLEAR_PENDING, "ICPENDR")                                                               \
	OP(SET_ACTIVE, "ISACTIVER")                                                                \
	OP(CLEAR_ACTIVE, "ICACTIVER")                                                              \
	OP(ENABLE, "ISENABLER")                                                                    \
	OP(DISABLE, "ICENABLER")                                                                   \
	OP(RAISE, "line-high")                                                                     \
	OP(LOWER, "line-low")

enum gic_op {
#define OP(NAME, words) GIC_##NAME,
	GIC_OPS(OP)
#undef OP
		GIC_OP_COUNT
};
extern const char *const gic_op_name[GIC_OP_COUNT];

/* An interrupt as every test begins with it; returns it. */
struct gic_irq *gic_model_add(struct gic_model *m, u32 intid, bool edge);
struct gic_irq *gic_model_find(struct gic_model *m, u32 intid);

void gic_model_do(struct gic_irq *irq, enum gic_op op);
bool gic_model_is_pending(const struct gic_irq *irq);

/* ICC_HPPIR1_EL1: whatever PMR and running priority say.  INTID_SPURIOUS: none. */
u32 gic_model_highest(const struct gic_model *m);
/* Are two candidates of one priority the highest? */
bool gic_model_is_open(const struct gic_model *m);
/* What ICC_IAR1_EL1 gives, and does. */
u32 gic_model_acknowledge(struct gic_model *m);
/* Writes of ICC_EOIR1_EL1 and ICC_DIR_EL1. */
void gic_model_end(struct gic_model *m, u32 intid);
void gic_model_deactivate(struct gic_model *m, u32 intid);
/* ICC_RPR_EL1. */
u8 gic_model_running(const struct gic_model *m);
/* Is an interrupt signalled to the CPU now? */
bool gic_model_signals(const struct gic_model *m);

/*
 * The CPUs, one bit each, that a write to ICC_SGI1R_EL1 reaches (12.2.20); affinity
 * as in MPIDR_EL1: Aff3.Aff2.Aff1.Aff0 in bits 39-32, 23-16, 15-8, 7-0.
 */
u64 gic_model_sgi_targets(u64 sgi1r, const u64 *affinity, unsigned int cpus, unsigned int self);

#endif
