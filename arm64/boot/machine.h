/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the arm64 runtime know of each other; tests do not include it. */
#ifndef ASSAY_ARM64_BOOT_MACHINE_H
#define ASSAY_ARM64_BOOT_MACHINE_H

#include "arm64/boot/arm64.h"

enum cpu_state {
	CPU_OFF, /* never started, or off by PSCI */
	CPU_STARTING, /* CPU_ON was called */
	CPU_RUNNING, /* runs a function of the test */
	CPU_RETURNED, /* the function is through; the CPU turns itself off */
	CPU_LEFT, /* it was ended by a failure, and turned itself off */
};

/* What each CPU has of its own; TPIDR_EL1 points to it. */
struct cpu {
	u64 resume; /* where assembly wants it */
	u64 stack;
	volatile enum cpu_state state;
	void (*function)(void *argument);
	void *argument;
	struct fault taken; /* the last exception */
	bool trying;
};
_Static_assert(offsetof(struct cpu, resume) == CPU_RESUME, "assembly knows it");
_Static_assert(offsetof(struct cpu, stack) == CPU_STACK, "assembly knows it");
_Static_assert(sizeof(struct trap_frame) == FRAME_BYTES, "assembly knows it");

extern struct cpu cpus[CPUS_MAX];

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)READ_REGISTER(tpidr_el1);
}

void trap_reset(void);
/* Between tests, on the boot CPU. */
void gic_reset(void);
/* The redistributor and CPU interface of this CPU; nothing is pending or active there. */
void gic_reset_cpu(void);
bool gic_present(void);
/* Turn the ITS and LPIs off, if a test turned them on. */
void its_reset(void);
/* No other CPU runs the test any more. */
void cpus_stop(void);

#endif
