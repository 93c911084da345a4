/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access, at CPL 0 or 3, and everything that came of it.  Much shorter than
 * TRY and run_user(), because the matrix does it for each of thousands of
 * cases, and on some hosts CPL 0 is emulated.
 */
#ifndef ASSAY_X86_PAGING_ATTEMPT_H
#define ASSAY_X86_PAGING_ATTEMPT_H

/* The layout of struct attempt for assembly. */
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
#define ATTEMPT_CR0 96
#define ATTEMPT_CR3 104
#define ATTEMPT_CR4 112
#define ATTEMPT_EFER 120

/* In the GDT, for the modes outside 64-bit mode. */
#define SELECTOR_LDT32 0x58
#define SELECTOR_TSS32 0x68

#ifndef __ASSEMBLER__

#include "x86/boot/x86.h"

struct attempt {
	u64 code;    /* one of the accesses below; for CPL 3 where that may execute it */
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
	u64 cr0, cr3, cr4, efer; /* attempt32() alone: what the mode is made of */
};

/* Take over #UD, #SS, #GP, #PF and #AC until the test ends. */
void attempt_prepare(void);
void attempt(struct attempt *a);
/*
 * The same for an access that some subject makes again and again and never ends:
 * after a while on it the vector is VECTOR_ENDLESS.  Without a local APIC it is
 * attempt().
 */
enum { VECTOR_ENDLESS = 0x41 };
void attempt_bounded(struct attempt *a);
/* The same at CPL 0 for code that changes registers. */
void attempt_enter_saving(struct attempt *a);

/*
 * Run a C function at CPL 3, where it stands, on the stack that ends at
 * user_stack.  The page tables must map both for it.
 */
void attempt_call(struct attempt *a);

/*
 * The same as attempt() in a mode outside 64-bit mode: leaves it, makes the mode,
 * does the access, comes back.  The page tables map the image onto itself, and
 * again for CPL 3 at USER_ALIAS32.  LDTR is loaded from SELECTOR_LDT32.
 */
#define USER_ALIAS32 0x40000000ull
void attempt32_prepare(void);
void attempt32(struct attempt *a);

/*
 * Go to other 64-bit page tables by way of paging turned off, as changes of
 * CR4.LA57 need; the code and the stack are mapped onto themselves in both.
 */
void switch_paging(u64 cr3, u64 cr4);

/* The accesses.  Each begins with the instruction that accesses. */
enum access_code { CODE_READ, CODE_WRITE, CODE_FETCH, CODE_SEGMENT, CODE_LOCKED, CODE_COUNT };
extern const u8 *const access_native[CODE_COUNT];
extern const u8 *const access_32bit_operands[CODE_COUNT]; /* what the local APIC takes */
extern const u8 *const access_forced[CODE_COUNT]; /* behind KVM's forced-emulation prefix */
#define FORCED_PREFIX_BYTES 5
extern const u8 *const access_string[CODE_COUNT]; /* OUTS and INS; a read's address is its RSI */
extern const u8 *const access_legacy[CODE_COUNT]; /* of attempt32() */
/* Those of access_native by name. */
extern const u8 access_read[], access_write[], access_fetch[], access_locked[];
/* A read by way of RBP and so of SS; INT 0x80, whose gate leads two bytes on. */
extern const u8 access_stack[], access_int80[];
/* Not accesses: MOV to a control register from RDI; INVPCID of type RSI. */
extern const u8 access_load_cr0[], access_load_cr3[], access_load_cr4[], access_invpcid[];
/* Outside 64-bit mode: load CR3 from EDI; the same and read at ESI; */
extern const u8 access32_load_cr3[], access32_load_and_read[];
/* clear 8 bytes at ESI, then read at EDI. */
extern const u8 access32_clear_and_read[];
/* Edit a PDPTE, toggle bits of the register, read: struct pdpte_edit of pdpte-load.c at EDI. */
extern const u8 access32_toggle_cr0[], access32_toggle_cr4[];
/* Where the mode is entered. */
extern const u8 attempt32_mov_cr0[];

#endif
#endif
