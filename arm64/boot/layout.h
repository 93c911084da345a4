/* SPDX-License-Identifier: GPL-2.0-only */
/* What assembly and C of the arm64 runtime must agree on. */
#ifndef ASSAY_ARM64_BOOT_LAYOUT_H
#define ASSAY_ARM64_BOOT_LAYOUT_H

#define STACK_BYTES 0x8000

/* struct cpu: assembly knows these members. */
#define CPU_RESUME 0 /* where a TRY goes on */
#define CPU_STACK 8 /* the top of its stack */

/* struct trap_frame */
#define FRAME_BYTES 288

#endif
