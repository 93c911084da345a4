/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the x86 runtime know of each other; tests do not include it. */
#ifndef ASSAY_X86_BOOT_MACHINE_H
#define ASSAY_X86_BOOT_MACHINE_H

#include "x86/boot/x86.h"

enum cpu_state {
	CPU_OFF,      /* never started, or waits for a SIPI */
	CPU_STARTING, /* was sent one */
	CPU_RUNNING,  /* runs a function of the test */
	CPU_RETURNED, /* the function is through; the CPU is halted */
	CPU_LEFT,     /* it was ended by a failure; the CPU is halted */
};

/* What each CPU has of its own. */
struct cpu {
	u64 stack; /* where assembly wants it */
	volatile enum cpu_state state;
	void (*function)(void *argument);
	void *argument;
	u64 began; /* the code segment that it found after the SIPI */

	struct fault taken; /* the last event */
	struct try_slot *trying; /* the slot of the last TRY, or NULL */
	bool in_user;
	u64 user_kernel_stack; /* where user_enter() left ours */
	u64 relaxes; /* how often it waited a moment for another CPU */
};
extern struct cpu cpus[CPUS_MAX];

static inline struct cpu *this_cpu(void)
{
	return &cpus[cpu_number()];
}

/* CR0, CR4 and EFER as tests find them. */
void control_registers_reset(void);
/* No other CPU runs the test any more; the next one starts them anew. */
void cpus_stop(void);

extern const u8 trap_stubs[256 * STUB_BYTES];

void trap_reset(void);
/* Between tests: acknowledge whatever arrives and say nothing. */
void trap_discard(bool on);

#endif
