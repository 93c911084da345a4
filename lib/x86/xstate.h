/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The XSAVE area and its rules (SDM vol. 1, chapter 13).
 */
#ifndef ASSAY_X86_XSTATE_H
#define ASSAY_X86_XSTATE_H

#include "lib/base.h"

enum xcr0_bits {
	XCR0_X87 = BIT(0), XCR0_SSE = BIT(1), XCR0_AVX = BIT(2), XCR0_BNDREGS = BIT(3),
	XCR0_BNDCSR = BIT(4), XCR0_OPMASK = BIT(5), XCR0_ZMM_HI256 = BIT(6),
	XCR0_HI16_ZMM = BIT(7), XCR0_PKRU = BIT(9), XCR0_APX = BIT(19), XCR0_XTILECFG = BIT(17),
	XCR0_XTILEDATA = BIT(18),
};

enum xsave_layout {
	XSAVE_FCW = 0,
	XSAVE_FSW = 2,
	XSAVE_MXCSR = 24,
	XSAVE_ST0 = 32,    /* 8 registers, 16 bytes each, 10 used */
	XSAVE_XMM0 = 160,  /* 16 registers of 16 bytes */
	XSAVE_BV = 512,    /* XSTATE_BV, then XCOMP_BV, then 48 zero bytes */
	XSAVE_XCOMP_BV = 520,
	XSAVE_EXTENDED = 576,
};

/* A component as CPUID.(EAX=0DH,ECX=i) describes it (SDM vol. 1, 13.2). */
struct xstate_component {
	u32 size, offset; /* in the standard format */
	bool supervisor;  /* of IA32_XSS, not of XCR0 */
	bool aligned;     /* to 64 bytes in the compacted format */
};

enum { XSTATE_COMPONENTS = 63 };
#define XCOMP_BV_COMPACTED BIT(63)

/*
 * Where component i >= 2 lies in an area of the compacted format with this XCOMP_BV, whose
 * bit i is set (SDM vol. 1, 13.4.3).
 */
u32 xstate_compacted_offset(const struct xstate_component component[XSTATE_COMPONENTS],
			    u64 xcomp_bv, unsigned int i);

/*
 * The rules of XSETBV for XCR0 (SDM vol. 1, 13.3): would this value be accepted
 * where `supported` is CPUID.(EAX=0DH,ECX=0):EDX:EAX?
 */
bool xcr0_valid(u64 value, u64 supported);

#endif
