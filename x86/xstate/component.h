/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The components of XCR0 behind SSE, found by CPUID and filled with values that
 * a load takes as they are.  Not AMX, whose tiles need a configuration.
 */
#ifndef ASSAY_X86_XSTATE_COMPONENT_H
#define ASSAY_X86_XSTATE_COMPONENT_H

#include "x86/xstate/user.h"

struct component {
	const char *name;
	unsigned int number;
	size_t said; /* what lies behind these bytes of it is reserved; 0: nothing */
	void (*fill)(u8 *bytes, size_t size, u64 seed);
};

enum { COMPONENTS = 8 };
extern const struct component component[COMPONENTS];

/* What CPUID says of them, once components_begin() has asked. */
extern struct xstate_component layout[XSTATE_COMPONENTS];

/*
 * Enable every component that this CPU and the table have; the bits behind SSE
 * are returned, in the order of the table or not.
 */
u64 components_begin(void);
/* Is it one of them?  If not, `cases` cases are not covered, by the missing fact. */
bool component_here(const struct component *c, u64 enabled, u64 cases);

/* An image with these components filled and all others in their initial configuration. */
void components_image(struct xsave_area *area, u64 filled, u64 seed);
/* How many bytes of a component are said to be anything. */
size_t component_bytes(const struct component *c);
/* Do the components of the standard format that `enabled` holds have the same bytes in both? */
bool expect_components(const struct xsave_area *wanted, const struct xsave_area *got, u64 enabled);

#endif
