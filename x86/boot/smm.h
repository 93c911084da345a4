/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System-management mode (SDM vol. 3C, System Management Mode; APM vol. 2, System-Management
 * Mode): a handler of the test's own at the SMBASE of a reset.
 *
 * It runs in 64-bit mode with the runtime's tables and control registers, on a stack of its
 * own, and ends in RSM.  Where it comes between a sync and its reply, it may not talk to the
 * host; it may where the CPU was halted (smm_halt()) or ran long code.
 */
#ifndef ASSAY_X86_BOOT_SMM_H
#define ASSAY_X86_BOOT_SMM_H

#ifndef __ASSEMBLER__
#include "x86/boot/x86.h"

/* As its first instruction found the CPU. */
struct smm_found {
	u32 cs, ds, ss, eflags, cr0, cr4, dr7, efer;
};

struct smm {
	volatile u64 entries;
	void (*handler)(void);
	struct smm_found found; /* the last time */
};
extern struct smm smm;

/* Lay the entry; handler may be NULL. */
void smm_open(void (*handler)(void));
/* The same at another SMBASE, below 1 MiB. */
void smm_open_at(u32 smbase);

/* An SMI as soon as the host can. */
void smm_raise(void);
/* HLT with interrupts off; an SMI comes when the CPU is halted. */
void smm_halt(void);

/*
 * The save area of processors with long mode (APM vol. 2, SMRAM State-Save Area); KVM has
 * it whatever the vendor.  Offsets are from SMBASE.
 */
enum smm_save {
	SMM_ES = 0xfe00, SMM_CS = 0xfe10, SMM_SS = 0xfe20, SMM_DS = 0xfe30, SMM_FS = 0xfe40,
	SMM_GS = 0xfe50, SMM_GDTR = 0xfe60, SMM_LDTR = 0xfe70, SMM_IDTR = 0xfe80, SMM_TR = 0xfe90,
	SMM_EFER = 0xfed0, SMM_GUEST = 0xfed8, SMM_REVISION = 0xfefc, SMM_SMBASE = 0xff00,
	SMM_CR4 = 0xff48, SMM_CR3 = 0xff50, SMM_CR0 = 0xff58, SMM_DR7 = 0xff60, SMM_DR6 = 0xff68,
	SMM_RFLAGS = 0xff70, SMM_RIP = 0xff78, SMM_R15 = 0xff80, SMM_RAX = 0xfff8,
};
/* Of a segment register there. */
enum { SMM_SELECTOR = 0, SMM_ATTRIBUTES = 2, SMM_LIMIT = 4, SMM_SEGMENT_BASE = 8 };
#define SMM_SAVED(type, offset) (*(volatile type *)(SMM_BASE + (u64)(offset)))
/* Skips where the area is not known to be this one. */
void smm_need_save_area(void);
#endif

#define SMM_BASE 0x30000
#define SMM_ENTRY 0x8000 /* from SMBASE */

/* struct smm_found */
#define FOUND_CS 0
#define FOUND_DS 4
#define FOUND_SS 8
#define FOUND_EFLAGS 12
#define FOUND_CR0 16
#define FOUND_CR4 20
#define FOUND_DR7 24
#define FOUND_EFER 28

#endif
