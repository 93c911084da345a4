/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR and XRSTORS do, and XFD with them
 * (SDM vol. 1, 13.4 to 13.14), as a model: a CPU's components in memory, and the
 * instructions as functions on them.
 *
 * The legacy region is known by its bits only: what XSTATE_BV says of x87 and SSE,
 * not their registers.
 */
#ifndef ASSAY_X86_XSTATE_IMAGE_H
#define ASSAY_X86_XSTATE_IMAGE_H

#include "lib/x86/xstate.h"

struct xstate_cpu {
	const struct xstate_component *component; /* as CPUID describes them */
	u64 xcr0, xss;
	u64 xfd, xfd_err;
	u64 in_use; /* XINUSE */
	/* The bytes of each component, all zero where it is initial; NULL: not followed. */
	u8 *content[XSTATE_COMPONENTS];
};

enum xstate_instruction {
	XSTATE_XSAVE,
	XSTATE_XSAVEOPT,
	XSTATE_XSAVEC,
	XSTATE_XSAVES,
	XSTATE_XRSTOR,
	XSTATE_XRSTORS,
	XSTATE_INSTRUCTIONS,
};
extern const char *const xstate_instruction_name[XSTATE_INSTRUCTIONS];

/* Of XCR0, or of XCR0 | IA32_XSS: what an instruction can be asked for. */
u64 xstate_reachable(const struct xstate_cpu *cpu, enum xstate_instruction i);

/*
 * Write to the area what one of the four saving instructions writes, and nothing
 * else; `requested` is EDX:EAX.
 */
void xstate_save(const struct xstate_cpu *cpu, enum xstate_instruction i, u64 requested, u8 *area);

/*
 * Load from the area as XRSTOR or XRSTORS does.  Returns the vector of the fault
 * that it takes instead, or XSTATE_NO_FAULT.  A fault changes nothing but XFD_ERR.
 */
enum { XSTATE_NM = 7, XSTATE_GP = 13, XSTATE_NO_FAULT = 256 };
unsigned int xstate_load(struct xstate_cpu *cpu, enum xstate_instruction i, u64 requested,
			 const u8 *area);

/*
 * An instruction uses these components (a tile instruction: XTILEDATA): #NM, with
 * XFD_ERR, if XFD disables one of them.
 */
unsigned int xstate_use(struct xstate_cpu *cpu, u64 components);

/* WRMSR of IA32_XFD or IA32_XFD_ERR takes this value, where `can` are the bits that CPUID allows. */
bool xfd_valid(u64 value, u64 can);

/*
 * The size of an area for these components: in the standard format, which is also
 * what a host hands out (KVM_GET_XSAVE2) of a guest that may use them; and in the
 * compacted one.
 */
u32 xstate_standard_size(const struct xstate_component *component, u64 components);
u32 xstate_compacted_size(const struct xstate_component *component, u64 components);

/*
 * Is this a layout that the manual allows?  Components of XCR0 lie behind the
 * header and do not overlap.  Else *i and *j say which do, or which one lies wrong.
 */
bool xstate_layout_valid(const struct xstate_component *component, u64 components, unsigned int *i,
			 unsigned int *j);

#endif
