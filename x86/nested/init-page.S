/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page at which a CPU begins in real mode and has its host emulate what it does: INS to
 * two bytes, of a port that reads the same twice; see init-in-l2.c.
 */
#include "x86/nested/init-page.h"

	.section .rodata
	.globl nested_init_begin, nested_init_end
	.code16
nested_init_begin:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	mov %ax, %es
	mov $PORT, %dx
	mov $BYTES, %di
	insb
	insb
	mov $0xc0000080, %ecx		/* EFER */
	rdmsr
	mov %eax, EFER_FOUND
	movl $1, DONE
	.org nested_init_begin + HALT
1:	cli
	hlt
	jmp 1b
nested_init_end:
