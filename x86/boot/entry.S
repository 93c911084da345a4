/* SPDX-License-Identifier: GPL-2.0-only */
/* The common path of all events, and the ways in and out of test bodies and CPL 3. */

#include "x86/boot/callee.h"

	.text
	.code64

.macro save_registers
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
.endm

.macro restore_registers
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rbp
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbx
	pop %rax
.endm

	.globl trap_common
trap_common:
	save_registers
	cld
	mov %rsp, %rdi
	call trap
	restore_registers
	add $16, %rsp
	iretq

/* Callee-saved registers lie on the stack that is left, its pointer in memory. */
/* void machine_run(void (*body)(void)): body gets a stack of its own. */
	.globl machine_run, machine_unwind
machine_run:
	save_callee
	mov %rsp, run_stack(%rip)
	mov $test_stack_top, %rsp
	call *%rdi
machine_unwind:
	cli
	cld
	mov run_stack(%rip), %rsp
	restore_callee
	ret

/*
 * u64 user_enter(u64 rip, u64 argument, u64 rflags, u64 rsp, u64 *kernel_stack):
 * trap() comes back through user_leave, on the stack saved there, with the user's RAX.
 */
	.globl user_enter, user_leave
user_enter:
	save_callee
	mov %rsp, (%r8)
	push $0x28 | 3
	push %rcx
	push %rdx
	push $0x30 | 3
	push %rdi
	mov %rsi, %rdi
	xor %eax, %eax
	xor %ebx, %ebx
	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebp, %ebp
	iretq
user_leave:
	restore_callee
	ret

/*
 * Where user code returns to.  HLT is #GP at CPL 3, which even hosts deliver
 * that get INT n wrong.
 */
	.globl user_return
user_return:
	hlt

	.section .bss
	.balign 4096
test_stack: .skip 0x8000
test_stack_top:
run_stack: .skip 8
