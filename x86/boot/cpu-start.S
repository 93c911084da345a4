/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where another CPU begins after a SIPI: at the start of a page below 1 MiB, in
 * real mode (SDM vol. 3A, MP Initialization).  What lies between cpu_page_begin
 * and cpu_page_end is copied there, and may be copied to several pages.
 */
#include "x86/boot/layout.h"

	.section .rodata
	.globl cpu_page_begin, cpu_page_end
	.code16
cpu_page_begin:
	cli
	mov %cs, %ax
	mov %ax, %ds
	movzwl %ax, %ebp		/* tells where it began */
	lgdtl page_gdt_register - cpu_page_begin
	mov $0x11, %eax			/* ET PE: CD and NW, which INIT sets, are clear */
	mov %eax, %cr0
	ljmpl $0x18, $cpu_start32
	.balign 4
page_gdt_register: .word 0x7f
	.long cpu_gdt
cpu_page_end:

	/* The runtime's own, however a test has changed the GDT. */
	.balign 8
cpu_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 08 64-bit code */
	.quad 0x00cf93000000ffff	/* 10 data */
	.quad 0x00cf9b000000ffff	/* 18 32-bit code */
	.fill 12, 8, 0

	.text
	.code32
cpu_start32:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $0x20, %eax			/* CR4.PAE */
	mov %eax, %cr4
	mov $boot_pml4, %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx		/* EFER.LME */
	mov $0x100, %eax
	xor %edx, %edx
	wrmsr
	mov $0x80000011, %eax		/* PG ET PE */
	mov %eax, %cr0
	ljmp $0x08, $cpu_start64
	.code64
cpu_start64:
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov cpu_starting(%rip), %rdi
	mov (%rdi), %rsp
	mov %ebp, %esi
	call cpu_main
	ud2
