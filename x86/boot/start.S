/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the payload begins, for every kind of host:
 *
 *   PVH        32-bit, paging off; Xen's docs/misc/pvh: ELF note 18
 *   Multiboot  32-bit, paging off; Multiboot Specification 0.6.96, 3.1: the flat
 *              form begins with this header and is loaded by its address fields
 *   disk       our boot sector (disk/boot-sector.S) jumps to the header's entry
 *   direct     64-bit, by the note "Assay"; for hosts without firmware
 */
#include "x86/boot/layout.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0x00010000	/* the address fields are valid */

	.section .multiboot, "a"
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
	.long image_start, image_start, image_loaded_end, image_end, start32

	.section .note.pvh, "a", @note
	.long 4, 8, 18
	.asciz "Xen"
	.quad start32

	.section .note.assay, "a", @note
	.long 6, 24, 1
	.asciz "Assay"
	.balign 4
	.quad start64, boot_pml4, kernel_stack_top

	.text
	.code32
	.globl start32
start32:
	cli
	cld
	mov $bss_start, %edi
	mov $image_end, %ecx
	sub %edi, %ecx
	shr $2, %ecx
	xor %eax, %eax
	rep stosl

	lgdt gdt_register
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
	ljmp $0x08, $start64

	.code64
	.globl start64
start64:
	lgdt gdt_register
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	lldt %ax			/* firmware may leave an LDT at 0 */
	mov $kernel_stack_top, %rsp
	push $0x08
	push $1f
	lretq
1:	lidt idt_register
	mov $0x48, %eax
	ltr %ax
	call boot_main
	ud2

	.section .rodata
gdt_register: .word 0x7f
	.quad gdt
idt_register: .word 0xfff
	.quad idt
