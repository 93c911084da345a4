/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One instruction at CPL 0 or at CPL 3, with registers of the test's choice:
 * hosts that run CPL 3 on the processor emulate CPL 0, so every law here is
 * judged at both, by a test each.
 */
#ifndef ASSAY_X86_INSTRUCTION_PERFORM_H
#define ASSAY_X86_INSTRUCTION_PERFORM_H

#include "x86/boot/x86.h"

/* What the instruction finds, and what it leaves if it does not fault. */
struct registers {
	u64 rax, rbx, rcx, rdx, rsi, rflags;
};

/* RDI is not the instruction's: it leads to the registers. */
#define INSTRUCTION(name, text)                                                                    \
	asm(".pushsection .text\n"                                                                 \
	    "instruction_" #name ":\n\t"                                                           \
	    "push %rbx\n\t"                                                                        \
	    "push 40(%rdi)\n\t"                                                                    \
	    "mov (%rdi), %rax\n\tmov 8(%rdi), %rbx\n\tmov 16(%rdi), %rcx\n\t"                      \
	    "mov 24(%rdi), %rdx\n\tmov 32(%rdi), %rsi\n\t"                                         \
	    "popfq\n"                                                                              \
	    "instruction_" #name "_at: " text "\n\t"                                               \
	    "pushfq\n\t"                                                                           \
	    "mov %rax, (%rdi)\n\tmov %rbx, 8(%rdi)\n\tmov %rcx, 16(%rdi)\n\t"                      \
	    "mov %rdx, 24(%rdi)\n\tmov %rsi, 32(%rdi)\n\t"                                         \
	    "pop 40(%rdi)\n\t"                                                                     \
	    "pop %rbx\n\t"                                                                         \
	    "ret\n"                                                                                \
	    ".popsection\n");                                                                      \
	extern const u8 instruction_##name[], instruction_##name##_at[];                           \
	static const struct instruction name = { instruction_##name, instruction_##name##_at }

struct instruction {
	const u8 *begin, *at;
};

/*
 * Addresses that neither 48 nor 57 bits hold, next to those that 57 do.  A
 * processor that has CR4.LA57 may take 57 bits as a base though that is 0, and a
 * hypervisor may hide from its guest that it does.
 */
#define NOT_CANONICAL { 0x0100000000000000, 0xfeffffffffffffff, 0x8000000012345678 }

#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* Run it, with interrupts on if RFLAGS says so; the registers are changed only if there was no fault. */
struct fault perform(const struct instruction *i, unsigned int cpl, struct registers *r);

/* An address of the image as this CPL sees it. */
u64 address_at(unsigned int cpl, const void *pointer);

/* Was it this event, at this instruction, at this CPL, with the error code 0? */
#define EXPECT_REFUSED(vector, instruction, cpl, fault)                                            \
	expect_refused(EXPECTATION_("event"), VECTOR_##vector, instruction, cpl, fault)
bool expect_refused(const struct expectation *e, u64 vector, const struct instruction *i,
		    unsigned int cpl, struct fault got);

#endif
