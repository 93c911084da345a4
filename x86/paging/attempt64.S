/* SPDX-License-Identifier: GPL-2.0-only */
/* See attempt.h. */
#include "x86/paging/attempt.h"

	.text
	.code64

/* void attempt_enter(struct attempt *a) */
	.globl attempt_enter
attempt_enter:
	mov %rdi, %r10
	mov %rdi, current(%rip)
	mov %rsp, stack(%rip)
	mov ATTEMPT_CODE(%r10), %r9
	mov ATTEMPT_VA(%r10), %rdi
	mov ATTEMPT_OPERAND(%r10), %rsi
	mov $0x80, %edx			/* the port of the string instructions */
	xor %eax, %eax
	cmpl $0, ATTEMPT_USER(%r10)
	jne 1f
	pushq ATTEMPT_RFLAGS(%r10)
	popfq
	call *%r9
	mov current(%rip), %r11
	movl $256, ATTEMPT_VECTOR(%r11)	/* VECTOR_NONE */
	mov %rax, ATTEMPT_RESULT(%r11)
	jmp leave
1:	pushq $0x28 | 3
	pushq ATTEMPT_USER_STACK(%r10)
	pushq ATTEMPT_RFLAGS(%r10)
	pushq $0x30 | 3
	push %r9
	iretq
leave:
	mov %cr2, %rax
	mov %rax, ATTEMPT_CR2(%r11)
	mov stack(%rip), %rsp
	pushq $2			/* AC off again; RFLAGS_FIXED */
	popfq
	ret

/* The same for code that changes registers. */
	.globl attempt_enter_saving
attempt_enter_saving:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	call attempt_enter
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* Accesses change nothing but RAX, so the code that made one just goes on. */
taken:
	mov current(%rip), %r11
	popq ATTEMPT_VECTOR(%r11)
	popq ATTEMPT_ERROR(%r11)
	popq ATTEMPT_RIP(%r11)
	pop %r10
	popq ATTEMPT_PUSHED(%r11)
	mov %rax, ATTEMPT_RESULT(%r11)
	jmp leave

/* By an interrupt: nothing happened that should not. */
interrupted:
	mov current(%rip), %r11
	movl $256, ATTEMPT_VECTOR(%r11)
	jmp leave

	.globl attempt_ud, attempt_ss, attempt_gp, attempt_pf, attempt_ac
attempt_ud:
	pushq $0
	pushq $6
	jmp taken
attempt_ss:
	pushq $12
	jmp taken
attempt_gp:
	pushq $13
	jmp taken
attempt_pf:
	pushq $14
	jmp taken
attempt_ac:
	pushq $17
	jmp taken

/* A tick of attempt_bounded(): the last one ends it. */
	.globl attempt_tick
attempt_tick:
	push %rax
	mov $0xfee000b0, %eax		/* the local APIC's EOI */
	movl $0, (%rax)
	pop %rax
	decl attempt_ticks(%rip)
	jz 1f
	iretq
1:	pushq $0
	pushq $0x41			/* VECTOR_ENDLESS */
	jmp taken

/* Where user code returns to: HLT is #GP there. */
	.globl attempt_user_return
attempt_user_return:
	hlt

.macro access name, prefix:vararg
	.globl \name
	.balign 16
\name:	\prefix
.endm

	access access_read
	mov (%rdi), %rax
	ret
	access access_write
	mov %rsi, (%rdi)
	ret
	access access_fetch
	call *%rdi
	ret
	access access_segment		/* a descriptor in the LDT, its selector in RSI */
	mov %esi, %fs
	ret
	access access_locked
	lock add %rsi, (%rdi)
	ret
	access access_read32
	mov (%rdi), %eax
	ret
	access access_write32
	mov %esi, (%rdi)
	ret
	access access_forced_read, ud2; .ascii "kvm"
	mov (%rdi), %rax
	ret
	access access_forced_write, ud2; .ascii "kvm"
	mov %rsi, (%rdi)
	ret
	access access_forced_locked, ud2; .ascii "kvm"
	lock add %rsi, (%rdi)
	ret
	access access_outs		/* from RSI */
	outsb
	ret
	access access_ins		/* to RDI */
	insb
	ret
	access access_stack		/* changes RBP if it faults */
	push %rbp
	mov %rdi, %rbp
	mov (%rbp), %rax
	pop %rbp
	ret
	access access_int80		/* its gate leads behind it */
	int $0x80
	jmp interrupted
	ret
	access access_load_cr0
	mov %rdi, %cr0
	ret
	access access_load_cr3
	mov %rdi, %cr3
	ret
	access access_load_cr4
	mov %rdi, %cr4
	ret
	access access_invpcid		/* descriptor in memory, type in RSI */
	invpcid (%rdi), %rsi
	ret

	.section .bss
	.balign 8
current: .skip 8
	.globl attempt_ticks
attempt_ticks: .skip 4
stack:	.skip 8
