/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page at which a CPU begins in real mode, and writes down how it found itself:
 * in struct init_page (init.c) at RECORD, then it halts.  And a real-mode handler
 * for NMIs, which counts those that came before the CPU was told to begin.
 */
#include "x86/event/init.h"

	.section .rodata
	.globl init_page_begin, init_page_end
	.code16

.macro keep field, value
	movl \value, RECORD + \field
.endm
.macro keep_control field, register
	mov \register, %eax
	keep \field, %eax
.endm

init_page_begin:
	mov %cs, %ax
	mov %ax, %ds
	keep INIT_CS, %eax
	keep INIT_EBX, %ebx
	keep INIT_ECX, %ecx
	keep INIT_ESI, %esi
	keep INIT_EDI, %edi
	keep INIT_EBP, %ebp
	keep INIT_ESP, %esp
	mov $INIT_STACK, %esp
	mov %ax, %ss
	pushfl
	pop %eax
	keep INIT_EFLAGS, %eax
	keep_control INIT_CR0, %cr0
	keep_control INIT_CR2, %cr2
	keep_control INIT_CR3, %cr3
	keep_control INIT_CR4, %cr4
	keep_control INIT_DR0, %dr0
	keep_control INIT_DR6, %dr6
	keep_control INIT_DR7, %dr7
	mov $0xc0000080, %ecx		/* EFER */
	rdmsr
	keep INIT_EFER, %eax
	movl $1, RECORD + INIT_DONE
1:	cli
	hlt
	jmp 1b

	.org init_page_begin + INIT_NMI
	/* On the stack: IP, CS, FLAGS. */
	push %bp
	mov %sp, %bp
	incl %cs:RECORD + INIT_NMIS
	cmpw $0xf000, 4(%bp)
	je 2f
	pop %bp
	iret
	/* It should not run, and what it would run is the firmware. */
2:	incl %cs:RECORD + INIT_WAKEUPS
3:	cli
	hlt
	jmp 3b
init_page_end:
