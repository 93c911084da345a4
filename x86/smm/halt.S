/* SPDX-License-Identifier: GPL-2.0-only */
/* HLT with every general register but RSP loaded, and what they are behind it (registers.c). */

#include "x86/boot/callee.h"

#define EACH_REGISTER(do)                                                                          \
	do rax, 0; do rcx, 1; do rdx, 2; do rbx, 3; do rbp, 5; do rsi, 6; do rdi, 7; do r8, 8;     \
	do r9, 9; do r10, 10; do r11, 11; do r12, 12; do r13, 13; do r14, 14; do r15, 15

.macro load register, number
	mov registers_in + 8 * \number, %\register
.endm
.macro keep register, number
	mov %\register, registers_out + 8 * \number
.endm

	.text
	.globl registers_halt, registers_behind_halt, registers_elsewhere
registers_halt:
	save_callee
	mov %rsp, registers_in + 8 * 4
	EACH_REGISTER(load)
	hlt
registers_behind_halt:
	movq $0, registers_landed
1:	mov %rsp, registers_out + 8 * 4
	pushfq
	popq registers_rflags
	EACH_REGISTER(keep)
	mov registers_in + 8 * 4, %rsp
	movq $0x2, -8(%rsp)		/* RFLAGS as the compiler wants them */
	sub $8, %rsp
	popfq
	restore_callee
	ret
registers_elsewhere:
	movq $1, registers_landed
	jmp 1b
