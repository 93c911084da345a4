/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An option ROM that the BIOS calls before it looks for a disk: it enters 64-bit
 * mode and the kernel, which Bochs has put into memory (bochs.c).  So there is no
 * boot loader, no disk and no lock of one.
 *
 * By the x86-64 boot protocol (Documentation/arch/x86/boot.rst): paging on with
 * the first 4 GiB mapped onto themselves, RSI the boot parameters.
 */
#include "harness/lab/bochs-layout.h"

#define AT(label) (label - bochs_entry)

	.section .rodata
	.globl bochs_entry, bochs_entry_end
	.balign 16
	.code16
bochs_entry:
	.byte 0x55, 0xaa, BOCHS_ROM_BYTES / 512
	cli				/* the BIOS calls the fourth byte */
	cld
	mov $0xff, %al			/* the PICs masked */
	out %al, $0x21
	out %al, $0xa1
	in $0x92, %al			/* A20 on */
	or $2, %al
	and $0xfe, %al
	out %al, $0x92

	/* PML4, then a PDPT of four pages of 1 GiB. */
	mov $BOCHS_TABLES >> 4, %ax
	mov %ax, %es
	xor %di, %di
	xor %eax, %eax
	mov $2 * 4096 / 4, %cx
	rep stosl
	movl $BOCHS_TABLES + 4096 + 3, %es:0
	mov $0x83, %eax
	mov $4096, %di
1:	mov %eax, %es:(%di)
	add $0x40000000, %eax
	add $8, %di
	cmp $4096 + 4 * 8, %di
	jne 1b

	mov $BOCHS_TABLES, %eax
	mov %eax, %cr3
	mov $0x20, %eax			/* PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx		/* EFER.LME */
	rdmsr
	or $0x100, %eax
	wrmsr
	lgdtl %cs:AT(gdt_register)
	mov $0x80000011, %eax		/* PG, ET, PE */
	mov %eax, %cr0
	ljmpl $0x10, $BOCHS_ROM + AT(long_mode)

	.code64
long_mode:
	mov $0x18, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $BOCHS_TABLES, %esp
	mov $BOCHS_PARAMETERS, %esi
	mov $BOCHS_PARAMETERS + BOCHS_ENTRY_AT, %eax
	jmp *(%rax)

	/* Their accessed bits are set: in a ROM they could not be. */
	.balign 8
gdt:	.quad 0, 0
	.quad 0x00af9b000000ffff	/* 10 __BOOT_CS */
	.quad 0x00cf93000000ffff	/* 18 __BOOT_DS */
gdt_register: .word gdt_register - gdt - 1
	.long BOCHS_ROM + AT(gdt)
bochs_entry_end:
	.section .note.GNU-stack, "", @progbits
