/* SPDX-License-Identifier: GPL-2.0-only */
/* For assembly: the registers that a called function keeps (System V ABI), on the stack. */
#ifndef ASSAY_X86_BOOT_CALLEE_H
#define ASSAY_X86_BOOT_CALLEE_H

.macro save_callee
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
.endm

.macro restore_callee
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
.endm

#endif
