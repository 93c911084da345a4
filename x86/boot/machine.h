/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the x86 runtime know of each other; tests do not include it. */
#ifndef ASSAY_X86_BOOT_MACHINE_H
#define ASSAY_X86_BOOT_MACHINE_H

#include "x86/boot/layout.h"
#include "x86/boot/x86.h"

extern const u8 trap_stubs[256 * STUB_BYTES];

void trap_reset(void);
/* Between tests: acknowledge whatever arrives and say nothing. */
void trap_discard(bool on);
void interrupts_reset(void);

#endif
