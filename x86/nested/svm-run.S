/* SPDX-License-Identifier: GPL-2.0-only */
/* VMRUN with everything around it that C cannot say, and where L2's events lead. */
#include "x86/boot/callee.h"

#define BOOT_TSS 0x48 /* SELECTOR_TSS */

	.text
	.code64

/*
 * void svm_run(struct l2_registers *regs, struct l1_around *l1, u64 vmcb)
 *
 * Comes back by a #VMEXIT, or by the trap handler if VMRUN faulted: the registers
 * are L2's in both cases, RSP is L1's.
 */
	.globl svm_run
svm_run:
	save_callee
	push %rsi
	push %rdi
	mov %rdx, %rax
	/* As TRY does it, on the boot CPU, whose slot is at its task register's offset. */
	movq $1f, try_slot + BOOT_TSS
	mov %rsp, try_slot + BOOT_TSS + 8
	mov %rsp, svm_stack(%rip)
	mov %rsp, 8(%rsi)
	pushfq
	pop 0(%rsi)
	mov 0(%rdi), %rbx
	mov 8(%rdi), %rcx
	mov 16(%rdi), %rdx
	mov 24(%rdi), %rsi
	mov 40(%rdi), %rbp
	mov 48(%rdi), %r8
	mov 56(%rdi), %r9
	mov 64(%rdi), %r10
	mov 72(%rdi), %r11
	mov 80(%rdi), %r12
	mov 88(%rdi), %r13
	mov 96(%rdi), %r14
	mov 104(%rdi), %r15
	mov 32(%rdi), %rdi
	vmrun %rax
1:	mov %rsp, svm_rsp(%rip)
	pushfq
	pop svm_rflags(%rip)
	cld
	mov svm_stack(%rip), %rsp
	xchg %rdi, (%rsp)
	mov %rbx, 0(%rdi)
	mov %rcx, 8(%rdi)
	mov %rdx, 16(%rdi)
	mov %rsi, 24(%rdi)
	mov %rbp, 40(%rdi)
	mov %r8, 48(%rdi)
	mov %r9, 56(%rdi)
	mov %r10, 64(%rdi)
	mov %r11, 72(%rdi)
	mov %r12, 80(%rdi)
	mov %r13, 88(%rdi)
	mov %r14, 96(%rdi)
	mov %r15, 104(%rdi)
	pop 32(%rdi)
	pop %rsi
	mov svm_rflags(%rip), %rcx
	mov %rcx, 16(%rsi)
	mov svm_rsp(%rip), %rcx
	mov %rcx, 24(%rsi)
	mov %rax, 32(%rsi)
	restore_callee
	ret

/*
 * The handlers of L2's IDT.  As with the runtime's own, every frame has a vector
 * and an error code.  L1 looks, and lets the handler return or not.
 */
	.balign 16
	.globl l2_stubs, l2_stubs_end
l2_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.set pushes_error_code, 0
	.if vector < 32			/* 8, 10 to 14, 17, 21 */
	.set pushes_error_code, (0x00227d00 >> vector) & 1
	.endif
	.if !pushes_error_code
	push $0
	.endif
	pushq $vector
	vmmcall
	jmp l2_event_return
	.set vector, vector + 1
	.endr
	.balign 16
l2_stubs_end:
l2_event_return:
	add $16, %rsp
	iretq

/* Where l2_call()'s function returns to. */
	.globl l2_return
l2_return:
	vmmcall

	.section .bss
	.balign 8
svm_stack: .skip 8
svm_rsp: .skip 8
svm_rflags: .skip 8
