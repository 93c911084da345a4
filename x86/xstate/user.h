/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector and x87 registers, loaded and stored at CPL 3.  User code may use them
 * on every host, while some hosts that emulate CPL 0 cannot execute a single
 * SSE instruction there; the runtime itself uses none.
 */
#ifndef ASSAY_X86_XSTATE_USER_H
#define ASSAY_X86_XSTATE_USER_H

#include "lib/x86/xstate.h"
#include "x86/boot/x86.h"

/* An XSAVE area; 64-byte alignment is the architecture's. */
struct xsave_area {
	u8 byte[4096];
} __attribute__((aligned(64)));

/* Each ends in a failed ASSERT if its instruction faults.  The area is the kernel's pointer. */
void user_fxrstor(const struct xsave_area *area);
void user_fxsave(struct xsave_area *area);
/* XSAVE and XRSTOR with this requested-feature bitmap. */
void user_xsave(struct xsave_area *area, u64 rfbm);
void user_xrstor(const struct xsave_area *area, u64 rfbm);
/* Into the compacted format. */
void user_xsavec(struct xsave_area *area, u64 rfbm);
/* The same, returning the fault for the test to judge. */
struct fault try_user_xsave(struct xsave_area *area, u64 rfbm);
struct fault try_user_xrstor(const struct xsave_area *area, u64 rfbm);
/* XGETBV(index); the value in *value. */
struct fault try_user_xgetbv(u64 index, u64 *value);

/* XSETBV(index, value) at CPL 0. */
struct fault try_xsetbv(u32 index, u64 value);

/* CR4.OSXSAVE and XCR0 = value, which must be valid. */
void enable_xsave(u64 xcr0);
/*
 * Values for XCR0, valid and not: every combination of the bits up to ZMM, then single
 * ones behind (either of XTILE's alone among them), then XTILE's pair.
 */
enum {
	XCR0_LOW_BITS = 8,
	XCR0_SINGLE = 64 - XCR0_LOW_BITS,
	XCR0_COMBINATIONS = (1 << XCR0_LOW_BITS) + XCR0_SINGLE + 1,
};
u64 xcr0_combination(unsigned int i);
/* CPUID.(EAX=0DH,ECX=0):EDX:EAX */
u64 xcr0_supported(void);

/* A legal FXSAVE image full of a pattern that depends on seed, and its expected registers. */
void fill_legacy(struct xsave_area *area, u64 seed);
void fill_bytes(u8 *to, size_t n, u64 seed);

/* Compare the registers that both areas hold; false after the first difference, reported. */
bool expect_legacy(const struct xsave_area *wanted, const struct xsave_area *got);
bool expect_bytes(const char *what, const u8 *wanted, const u8 *got, size_t n);

#endif
