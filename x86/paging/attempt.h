/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access in 64-bit mode, at CPL 0 or 3, and everything that came of it.
 * Much shorter than TRY and run_user(), because the matrix does it for each of
 * thousands of cases, and on some hosts CPL 0 is emulated.
 */
#ifndef ASSAY_X86_PAGING_ATTEMPT_H
#define ASSAY_X86_PAGING_ATTEMPT_H

#ifdef __ASSEMBLER__
#define ATTEMPT_CODE 0
#define ATTEMPT_VA 8
#define ATTEMPT_OPERAND 16
#define ATTEMPT_RFLAGS 24
#define ATTEMPT_USER 32
#define ATTEMPT_VECTOR 40
#define ATTEMPT_ERROR 48
#define ATTEMPT_CR2 56
#define ATTEMPT_RIP 64
#define ATTEMPT_PUSHED 72
#define ATTEMPT_RESULT 80
#define ATTEMPT_USER_STACK 88
#else

#include "x86/boot/x86.h"

/* The layout is known to attempt64.S. */
struct attempt {
	u64 code;    /* one of the accesses below; for CPL 3 at its USER_ALIAS */
	u64 va;      /* its RDI */
	u64 operand; /* its RSI */
	u64 rflags;
	u64 user; /* at CPL 3 */
	/* What happened: VECTOR_NONE, or an event as it was pushed. */
	u64 vector, error_code;
	u64 cr2; /* afterwards, whatever happened */
	u64 rip, pushed_rflags;
	u64 result; /* RAX, if nothing happened */
	u64 user_stack;
};

/* Take over #UD, #SS, #GP, #PF and #AC until the test ends. */
void attempt_prepare(void);
void attempt(struct attempt *a);
/*
 * Run a C function at CPL 3, where it stands, on the stack that ends at
 * user_stack.  The page tables must map both for it.
 */
void attempt_call(struct attempt *a);

/* The accesses.  Each begins with the instruction that accesses. */
extern const u8 access_read[], access_write[], access_fetch[], access_segment[], access_locked[];
extern const u8 access_read32[], access_write32[];
/* The same behind KVM's forced-emulation prefix; and the prefix alone, before a NOP. */
extern const u8 access_forced_read[], access_forced_write[], access_forced_locked[];
extern const u8 access_forced_nop[];
#define FORCED_PREFIX_BYTES 5

#endif
#endif
