/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways on and off the stage, and handlers for events without an error code. */

	.text
	.code64

/*
 * void stage_enter(const u64 frame[5], u64 argument): RIP, CS, RFLAGS, RSP, SS
 * as for IRETQ.  Comes back through stage_leave.
 */
	.globl stage_enter, stage_leave
stage_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, stage_stack_pointer(%rip)
	push 32(%rdi)
	push 24(%rdi)
	push 16(%rdi)
	push 8(%rdi)
	push (%rdi)
	mov %rsi, %rdi
	xor %eax, %eax
	xor %ebx, %ebx
	xor %ecx, %ecx
	xor %edx, %edx
	iretq
stage_leave:
	mov stage_stack_pointer(%rip), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* As the runtime's stubs, but no vector has an error code: INT n and interrupts. */
	.balign 16
	.globl bare_stubs
bare_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	push $0
	pushq $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

	.section .bss
	.balign 8
stage_stack_pointer: .skip 8
