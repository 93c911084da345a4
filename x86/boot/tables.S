/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of the machine as data: GDT, IDT, TSS, the 256 trap stubs, the
 * boot page tables.  Nothing is built at run time, because on some hosts every
 * instruction at CPL 0 is emulated and costs microseconds.
 */
#include "x86/boot/layout.h"

/* The GDT's entries, SDM vol. 3A, Segment Descriptors; accessed and busy bits as after a load. */
.macro gdt_entries tss_type
	.quad 0
	.quad 0x00af9b000000ffff	/* 08 64-bit code */
	.quad 0x00cf93000000ffff	/* 10 data */
	.quad 0x00cf9b000000ffff	/* 18 32-bit code */
	.quad 0x00cffb000000ffff	/* 20 32-bit code, DPL 3 */
	.quad 0x00cff3000000ffff	/* 28 data, DPL 3 */
	.quad 0x00affb000000ffff	/* 30 64-bit code, DPL 3 */
	.quad 0x00009b000000ffff	/* 38 16-bit code */
	.quad 0x000093000000ffff	/* 40 16-bit data */
	.word 0x67, FIXED_TSS & 0xffff	/* 48 TSS, two entries */
	.byte FIXED_TSS >> 16, \tss_type
	.word 0
	.quad 0
	.fill 5, 8, 0			/* 58 to 78 the tests' own */
.endm

.macro idt_entries
	.set stub, FIXED_STUBS
	.rept 256
	.word stub & 0xffff, 0x08
	.byte 0
	.byte 0x8e
	.word stub >> 16
	.long 0, 0
	.set stub, stub + STUB_BYTES
	.endr
.endm

/* IST1 to IST7 all have a stack; no gate uses one unless a test says so. */
.macro tss_entries
	.long 0
	.quad trap_stack_top, 0, 0	/* RSP0 to RSP2; the loop's own stack is another */
	.quad 0
	.set n, 1
	.rept 7
	.quad ist_stack + n * 0x4000
	.set n, n + 1
	.endr
	.quad 0
	.word 0, 104
.endm

	.section .fixed, "awx"
	.globl gdt, idt, tss, fixed_end
gdt:	gdt_entries 0x89
	.balign 4096
idt:	idt_entries
	.balign 4096
tss:	tss_entries
	.balign 4096

	/* The stubs make every event look alike: vector and error code are always there. */
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept 256
	.balign STUB_BYTES
	.set pushes_error_code, 0
	.if vector < 32			/* 8, 10 to 14, 17, 21 */
	.set pushes_error_code, (0x00227d00 >> vector) & 1
	.endif
	.if !pushes_error_code
	push $0
	.endif
	pushq $vector
	jmp trap_common
	.set vector, vector + 1
	.endr
	.balign 4096

	/* 4 GiB onto themselves, and the first GiB for CPL 3; A and D are set already. */
	.globl boot_pml4
boot_pml4:
	.quad pdpt + 0x63
	.fill 127, 8, 0
	.quad user_pdpt + 0x67
	.fill 383, 8, 0
pdpt:
	.quad pd + 0x63, pd + 0x1063, pd + 0x2063, pd + 0x3063
	.fill 508, 8, 0
user_pdpt:
	.quad user_pd + 0x67
	.fill 511, 8, 0
pd:
	.set page, 0
	.rept 2048
	.quad page + 0xe3
	.set page, page + 0x200000
	.endr
user_pd:
	.set page, 0
	.rept 512
	.quad page + 0xe7
	.set page, page + 0x200000
	.endr
fixed_end:

	/* What machine_reset() puts back. */
	.section .rodata
	.balign 16
	.globl gdt_pristine, idt_pristine, tss_pristine
gdt_pristine: gdt_entries 0x89
idt_pristine: idt_entries
tss_pristine: tss_entries

	.section .bss
	.balign 4096
	.globl kernel_stack, kernel_stack_top, ist_stack, user_stack
kernel_stack: .skip 0x4000
kernel_stack_top:
trap_stack: .skip 0x4000
trap_stack_top:
ist_stack: .skip 7 * 0x4000
user_stack: .skip 0x4000
