/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the payload begins, for every kind of host, at EL1 with the MMU off:
 *
 *   Image   Documentation/arch/arm64/booting.rst: the flat form begins with the header
 *   ELF     at its entry; by the note "Assay" for hosts without a loader
 *   PSCI    another CPU, from CPU_ON, with its struct cpu in x0
 *
 * Nothing is written before the MMU is on: what memory holds and what a cache
 * holds would differ.
 */
#include "arm64/boot/layout.h"
#include "lib/arm64/platform.h"

	.section .head, "ax"
	b start
	.long 0
	.quad PLATFORM_TEXT_OFFSET
	.quad image_bytes
	.quad 0x2			/* little endian, pages of 4 KiB */
	.quad 0, 0, 0
	.long 0x644d5241		/* "ARM\x64" */
	.long 0

	.section .note.assay, "a", @note
	.long 6, 24, 1
	.asciz "Assay"
	.balign 4
	.quad start, 0, kernel_stack_top

	.text
	.globl start
start:
	msr daifset, #0xf
	bl mmu_on
	ldr x0, =bss_start
	ldr x1, =image_end
1:	stp xzr, xzr, [x0], #16
	cmp x0, x1
	b.lo 1b
	ldr x0, =cpus
	bl cpu_begin
	ldr x1, =kernel_stack_top
	mov sp, x1
	bl boot_main
	b .

	.globl cpu_entry
cpu_entry:
	msr daifset, #0xf
	mov x19, x0
	bl mmu_on
	mov x0, x19
	bl cpu_begin
	ldr x1, [x0, #CPU_STACK]
	mov sp, x1
	bl cpu_main
	b .

/* Which CPU this is, and where its exceptions go. */
cpu_begin:
	msr spsel, #1
	msr tpidr_el1, x0
	ldr x1, =vectors
	msr vbar_el1, x1
	isb
	ret

/*
 * One table of 1 GiB blocks, 39-bit addresses (TCR_EL1.T0SZ = 25), inner shareable
 * write-back tables; TTBR1_EL1 unused (EPD1).
 */
mmu_on:
	ldr x1, =0x00000000ff440c00	/* MAIR: 0 Device-nGnRnE, 1 0x0c, 2 Normal NC, 3 Normal WB */
	msr mair_el1, x1
	ldr x1, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
	msr tcr_el1, x1
	ldr x1, =boot_table
	msr ttbr0_el1, x1
	isb
	tlbi vmalle1
	dsb nsh
	isb
	ldr x1, =0x30d01805		/* RES1, I C M: SCTLR_EL1 */
	msr sctlr_el1, x1
	isb
	ret

	.globl machine_run, machine_unwind
/* void machine_run(void (*body)(void)): body gets a stack of its own. */
machine_run:
	stp x19, x20, [sp, #-96]!
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x28, [sp, #64]
	stp x29, x30, [sp, #80]
	ldr x1, =run_stack
	mov x2, sp
	str x2, [x1]
	ldr x1, =test_stack_top
	mov sp, x1
	blr x0
machine_unwind:
	msr daifset, #0xf
	ldr x1, =run_stack
	ldr x2, [x1]
	mov sp, x2
	ldp x21, x22, [sp, #16]
	ldp x23, x24, [sp, #32]
	ldp x25, x26, [sp, #48]
	ldp x27, x28, [sp, #64]
	ldp x29, x30, [sp, #80]
	ldp x19, x20, [sp], #96
	ret

	.data
	.balign 4096
boot_table:
	.quad 0x0060000000000401	/* UXN PXN AF, EL1 read and write, attribute 0 */
	.quad PLATFORM_RAM | 0x004000000000070d	/* UXN AF, inner shareable, attribute 3 */
	.fill 510, 8, 0

	.bss
	.balign 4096
	.skip STACK_BYTES
kernel_stack_top:
	.skip STACK_BYTES
test_stack_top:
run_stack:
	.skip 16
