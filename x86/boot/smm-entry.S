/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an SMI leads: what lies between smm_entry_begin and smm_entry_end is copied to
 * SMBASE + 8000H.  A CPU comes as in real mode, but with segments of 4 GiB, and goes on in
 * 64-bit mode.  RSM restores whatever is used here.
 */
#include "x86/boot/smm.h"

	.section .rodata
	.globl smm_entry_begin, smm_entry_end
	.code16
smm_entry_begin:
	mov $smm_found, %ebx
	mov $0x7c00, %esp		/* free memory: the stack of 16-bit code */
	pushfl
	popl FOUND_EFLAGS(%ebx)
	xor %eax, %eax
	mov %cs, %ax
	mov %eax, FOUND_CS(%ebx)
	mov %ds, %ax
	mov %eax, FOUND_DS(%ebx)
	mov %ss, %ax
	mov %eax, FOUND_SS(%ebx)
	mov %cr0, %eax
	mov %eax, FOUND_CR0(%ebx)
	mov %cr4, %eax
	mov %eax, FOUND_CR4(%ebx)
	mov %dr7, %eax
	mov %eax, FOUND_DR7(%ebx)
	mov $0xc0000080, %ecx		/* EFER */
	rdmsr
	mov %eax, FOUND_EFER(%ebx)

	mov $smm_gdt_register, %ebx
	lgdtl (%ebx)
	mov $0x20, %eax			/* CR4.PAE */
	mov %eax, %cr4
	mov $boot_pml4, %eax
	mov %eax, %cr3
	mov $0x100, %eax		/* EFER.LME */
	xor %edx, %edx
	wrmsr
	mov $0x80000011, %eax		/* PG ET PE */
	mov %eax, %cr0
	ljmpl $0x08, $smm_start64
smm_entry_end:

	.balign 8
smm_gdt_register: .word 0x7f
	.long gdt_pristine
	.balign 8
smm_idt_register: .word 0xfff
	.quad idt

	.text
	.code64
smm_start64:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $smm_stack_top, %rsp
	lidt smm_idt_register
	cld
	call smm_main
	rsm

	.section .bss
	.balign 16
	.globl smm_found
smm_found: .skip 32
smm_stack: .skip 0x2000
smm_stack_top:
