/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Out of 64-bit mode and back (SDM vol. 3A, 9.8.5): compatibility mode, paging
 * off, the new mode's registers, paging on.  See attempt.h.
 */
#include "x86/paging/attempt.h"

#define CR0_PG 0x80000000
#define MSR_EFER 0xc0000080

#include "x86/boot/callee.h"

	.text
	.code64

/* Registers outside 64-bit mode lose their upper halves: all that matter are on the stack. */
/* To a label in compatibility mode. */
.macro to_32bit label
	pushq $0x18
	pushq $\label
	lretq
.endm

.macro set_paging on
	mov %cr0, %eax
	.if \on
	or $CR0_PG, %eax
	.else
	and $~CR0_PG, %eax
	.endif
	mov %eax, %cr0
.endm

/* void switch_paging(u64 cr3, u64 cr4) */
	.globl switch_paging
switch_paging:
	save_callee
	to_32bit 1f
	.code32
1:	set_paging 0
	mov %esi, %cr4
	mov %edi, %cr3
	set_paging 1
	ljmp $0x08, $2f
	.code64
2:	mov %esp, %esp
	restore_callee
	ret

/* void attempt32_enter(struct attempt *a) */
	.globl attempt32_enter
attempt32_enter:
	save_callee
	mov %edi, current
	mov %esp, stack
	mov %cr0, %rax
	mov %eax, long_cr0
	mov %cr3, %rax
	mov %eax, long_cr3
	mov %cr4, %rax
	mov %eax, long_cr4
	mov $MSR_EFER, %ecx
	rdmsr
	mov %eax, long_efer
	to_32bit 1f

	.code32
1:	mov %edi, %ebx
	set_paging 0
	mov $MSR_EFER, %ecx
	mov ATTEMPT_EFER(%ebx), %eax
	xor %edx, %edx
	wrmsr
	mov ATTEMPT_CR4(%ebx), %eax
	mov %eax, %cr4
	mov ATTEMPT_CR3(%ebx), %eax
	mov %eax, %cr3
	lidt idt32_register
	mov $SELECTOR_LDT32, %eax
	lldt %ax
	mov $SELECTOR_TSS32, %eax
	ltr %ax
	mov $0x28 | 3, %eax		/* usable at CPL 0 and 3 */
	mov %eax, %ds
	mov %eax, %es
	mov ATTEMPT_CR0(%ebx), %eax
	.globl attempt32_mov_cr0
attempt32_mov_cr0:
	mov %eax, %cr0
	jmp 2f
2:	mov ATTEMPT_CODE(%ebx), %ecx
	mov ATTEMPT_VA(%ebx), %edi
	mov ATTEMPT_OPERAND(%ebx), %esi
	xor %eax, %eax
	cmpl $0, ATTEMPT_USER(%ebx)
	jne 3f
	pushl ATTEMPT_RFLAGS(%ebx)
	popfl
	call *%ecx
	mov current, %ebx
	movl $256, ATTEMPT_VECTOR(%ebx)
	jmp leave32
3:	pushl $0x28 | 3
	pushl ATTEMPT_USER_STACK(%ebx)
	pushl ATTEMPT_RFLAGS(%ebx)
	pushl $0x20 | 3
	pushl %ecx
	iretl

taken32:
	mov current, %ebx
	popl ATTEMPT_VECTOR(%ebx)
	popl ATTEMPT_ERROR(%ebx)
	popl ATTEMPT_RIP(%ebx)
	popl %ecx
	popl ATTEMPT_PUSHED(%ebx)

leave32:
	mov %eax, ATTEMPT_RESULT(%ebx)
	mov %cr2, %eax
	mov %eax, ATTEMPT_CR2(%ebx)
	mov stack, %esp
	pushl $2
	popfl
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	lldt %ax
	set_paging 0
	mov long_cr4, %eax
	mov %eax, %cr4
	mov long_cr3, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	mov long_efer, %eax
	and $~0x400, %eax		/* LMA follows */
	xor %edx, %edx
	wrmsr
	mov long_cr0, %eax
	mov %eax, %cr0
	ljmp $0x08, $1f

	.code64
1:	mov %esp, %esp
	restore_callee
	ret

/* Events in the mode: 16 bytes each; with error code: 8, 10 to 14, 17, 21. */
	.code32
	.globl stubs32
	.balign 16
stubs32:
	.set vector, 0
	.rept 32
	.balign 16
	.if !((0x00227d00 >> vector) & 1)
	pushl $0
	.endif
	pushl $vector
	jmp taken32
	.set vector, vector + 1
	.endr

	.globl attempt32_user_return
attempt32_user_return:
	hlt

.macro access32 name
	.globl \name
	.balign 16
\name:
.endm

	access32 access32_read
	mov (%edi), %eax
	ret
	access32 access32_write
	mov %esi, (%edi)
	ret
	access32 access32_fetch
	call *%edi
	ret
	access32 access32_segment
	mov %esi, %fs
	ret
	access32 access32_locked
	lock addl %esi, (%edi)
	ret

	access32 access32_load_cr3
	mov %edi, %cr3
	ret
	access32 access32_load_and_read
	mov %edi, %cr3
	mov (%esi), %eax
	ret
	access32 access32_clear_and_read
	movl $0, (%esi)
	movl $0, 4(%esi)
	mov (%edi), %eax
	ret

/*
 * struct pdpte_edit at EDI: change 8 bytes, write the register twice with some
 * bits flipped, then read.  Between the writes there is no memory but the code.
 */
.macro edit_and_toggle register
	mov (%edi), %ecx
	mov 4(%edi), %eax
	mov %eax, (%ecx)
	mov 8(%edi), %eax
	mov %eax, 4(%ecx)
	mov 12(%edi), %ecx
	mov 16(%edi), %edx
	mov 20(%edi), %esi
	mov \register, %eax
	xor %ecx, %eax
	mov %eax, \register
	xor %edx, %eax
	mov %eax, \register
	invlpg (%esi)
	mov (%esi), %eax
	ret
.endm

	access32 access32_toggle_cr0
	edit_and_toggle %cr0
	access32 access32_toggle_cr4
	edit_and_toggle %cr4

	.data
	.balign 8
	.globl idt32, tss32
idt32_register: .word 32 * 8 - 1
	.long idt32
	.bss
	.balign 8
idt32:	.skip 32 * 8
tss32:	.skip 104
current: .skip 4
stack:	.skip 4
long_cr0: .skip 4
long_cr3: .skip 4
long_cr4: .skip 4
long_efer: .skip 4
