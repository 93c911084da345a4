/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways into CPL 3 other than IRET: where they arrive, and who tries them at CPL 3. */
#ifndef ASSAY_X86_INSTRUCTION_USER_MODE_H
#define ASSAY_X86_INSTRUCTION_USER_MODE_H

#include "x86/instruction/perform.h"

/* A UD2, the same in 64-bit and 32-bit code. */
extern const u8 user_arrives[];

/* For run_user(): the argument is what they would go to. */
u64 user_sysretq(u64 argument);
u64 user_sysretl(u64 argument);
u64 user_sysexitq(u64 argument);

#endif
