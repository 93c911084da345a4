/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine control block and its codes (APM vol. 2, appendix B and
 * appendix C), in the manual's names.  The guest of this block is called L2 here:
 * the payload itself, which runs it, is a guest already, L1.
 */
#ifndef ASSAY_X86_NESTED_VMCB_H
#define ASSAY_X86_NESTED_VMCB_H

#include "lib/x86/cpu.h"

/* Appendix B, table B-1. */
struct vmcb_control {
	u32 intercept[6]; /* 000h; bit n of the whole is the intercept of exit code n */
	u8 reserved_018[0x24];
	u16 pause_filter_threshold; /* 03ch */
	u16 pause_filter_count;
	u64 iopm_base_pa; /* 040h */
	u64 msrpm_base_pa;
	u64 tsc_offset;
	u32 guest_asid; /* 058h */
	u32 tlb_control;
	u64 v_intr;   /* 060h: enum v_intr_bits */
	u64 shadow;   /* 068h: enum shadow_bits */
	u64 exitcode; /* 070h: enum svm_exit */
	u64 exitinfo1;
	u64 exitinfo2;
	u64 exitintinfo; /* 088h: enum event_bits */
	u64 np_enable;	 /* 090h */
	u64 avic_apic_bar;
	u64 ghcb_pa;
	u64 eventinj; /* 0a8h: enum event_bits */
	u64 n_cr3;    /* 0b0h */
	u64 lbr_virtualization_enable;
	u64 vmcb_clean; /* 0c0h */
	u64 nrip;	/* 0c8h */
	u8 bytes_fetched;
	u8 instruction_bytes[15];
	u64 avic_backing_page; /* 0e0h */
	u8 reserved_0e8[0x318];
};

struct vmcb_segment {
	u16 selector;
	u16 attrib; /* descriptor bits 55:52 and 47:40 */
	u32 limit;  /* in bytes, whatever G */
	u64 base;
};

/* Appendix B, table B-2; at 400h of the VMCB. */
struct vmcb_save {
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_0a0[0x2b];
	u8 cpl; /* 0cbh */
	u32 reserved_0cc;
	u64 efer; /* 0d0h */
	u8 reserved_0d8[0x70];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip; /* 148h */
	u8 reserved_180[0x58];
	u64 rsp; /* 1d8h */
	u64 s_cet, ssp, isst_addr;
	u64 rax; /* 1f8h */
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2; /* 240h */
	u8 reserved_248[0x20];
	u64 g_pat; /* 268h */
	u64 dbgctl, br_from, br_to, last_excp_from, last_excp_to;
	u8 reserved_298[0x968];
};

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};

#define VMCB_AT(field, offset)                                                                     \
	_Static_assert(offsetof(struct vmcb, field) == (offset), "APM vol. 2, appendix B: " #field)
VMCB_AT(control.pause_filter_threshold, 0x3c);
VMCB_AT(control.iopm_base_pa, 0x40);
VMCB_AT(control.guest_asid, 0x58);
VMCB_AT(control.v_intr, 0x60);
VMCB_AT(control.shadow, 0x68);
VMCB_AT(control.exitcode, 0x70);
VMCB_AT(control.exitintinfo, 0x88);
VMCB_AT(control.np_enable, 0x90);
VMCB_AT(control.eventinj, 0xa8);
VMCB_AT(control.n_cr3, 0xb0);
VMCB_AT(control.nrip, 0xc8);
VMCB_AT(control.avic_backing_page, 0xe0);
VMCB_AT(save.es, 0x400);
VMCB_AT(save.fs, 0x440);
VMCB_AT(save.tr, 0x490);
VMCB_AT(save.cpl, 0x4cb);
VMCB_AT(save.efer, 0x4d0);
VMCB_AT(save.cr4, 0x548);
VMCB_AT(save.rip, 0x578);
VMCB_AT(save.rsp, 0x5d8);
VMCB_AT(save.rax, 0x5f8);
VMCB_AT(save.sysenter_eip, 0x638);
VMCB_AT(save.cr2, 0x640);
VMCB_AT(save.g_pat, 0x668);
VMCB_AT(save.last_excp_to, 0x690);
_Static_assert(sizeof(struct vmcb) == 0x1000, "APM vol. 2, appendix B");
#undef VMCB_AT

/*
 * EXIT(NAME, code): appendix C.  Codes below A0h are the numbers of their intercept
 * bits too, counted from the beginning of the VMCB.
 */
#define SVM_EXITS(EXIT)                                                                            \
	EXIT(CR0_READ, 0x00) EXIT(CR3_READ, 0x03) EXIT(CR4_READ, 0x04) EXIT(CR8_READ, 0x08)        \
	EXIT(CR0_WRITE, 0x10) EXIT(CR3_WRITE, 0x13) EXIT(CR4_WRITE, 0x14) EXIT(CR8_WRITE, 0x18)    \
	EXIT(DR0_READ, 0x20) EXIT(DR6_READ, 0x26) EXIT(DR7_READ, 0x27)                             \
	EXIT(DR0_WRITE, 0x30) EXIT(DR6_WRITE, 0x36) EXIT(DR7_WRITE, 0x37)                          \
	EXIT(EXCEPTION, 0x40)                                                                      \
	EXIT(INTR, 0x60) EXIT(NMI, 0x61) EXIT(SMI, 0x62) EXIT(INIT, 0x63) EXIT(VINTR, 0x64)        \
	EXIT(CR0_SEL_WRITE, 0x65) EXIT(IDTR_READ, 0x66) EXIT(GDTR_READ, 0x67)                      \
	EXIT(LDTR_READ, 0x68) EXIT(TR_READ, 0x69) EXIT(IDTR_WRITE, 0x6a) EXIT(GDTR_WRITE, 0x6b)    \
	EXIT(LDTR_WRITE, 0x6c) EXIT(TR_WRITE, 0x6d) EXIT(RDTSC, 0x6e) EXIT(RDPMC, 0x6f)            \
	EXIT(PUSHF, 0x70) EXIT(POPF, 0x71) EXIT(CPUID, 0x72) EXIT(RSM, 0x73) EXIT(IRET, 0x74)      \
	EXIT(SWINT, 0x75) EXIT(INVD, 0x76) EXIT(PAUSE, 0x77) EXIT(HLT, 0x78) EXIT(INVLPG, 0x79)    \
	EXIT(INVLPGA, 0x7a) EXIT(IOIO, 0x7b) EXIT(MSR, 0x7c) EXIT(TASK_SWITCH, 0x7d)               \
	EXIT(FERR_FREEZE, 0x7e) EXIT(SHUTDOWN, 0x7f) EXIT(VMRUN, 0x80) EXIT(VMMCALL, 0x81)         \
	EXIT(VMLOAD, 0x82) EXIT(VMSAVE, 0x83) EXIT(STGI, 0x84) EXIT(CLGI, 0x85)                    \
	EXIT(SKINIT, 0x86) EXIT(RDTSCP, 0x87) EXIT(ICEBP, 0x88) EXIT(WBINVD, 0x89)                 \
	EXIT(MONITOR, 0x8a) EXIT(MWAIT, 0x8b) EXIT(MWAIT_CONDITIONAL, 0x8c) EXIT(XSETBV, 0x8d)     \
	EXIT(NPF, 0x400)

enum svm_exit {
#define EXIT(name, code) SVM_EXIT_##name = code,
	SVM_EXITS(EXIT)
#undef EXIT
};
/* All 64 bits of EXITCODE. */
#define SVM_EXIT_INVALID (~0ull)

enum v_intr_bits {
	V_TPR = BITS(7, 0), V_IRQ = BIT(8), V_GIF = BIT(9), V_IGN_TPR = BIT(20),
	V_INTR_MASKING = BIT(24),
};
#define V_INTR_PRIO(priority) ((u64)(priority) << 16)
#define V_INTR_VECTOR(vector) ((u64)(vector) << 32)

enum shadow_bits { INTERRUPT_SHADOW = BIT(0), GUEST_INTERRUPT_MASK = BIT(1) };

/* EVENTINJ and EXITINTINFO (15.20, 15.7.2). */
enum event_bits {
	EVENT_INTR = 0 << 8, EVENT_NMI = 2 << 8, EVENT_EXCEPTION = 3 << 8, EVENT_SWINT = 4 << 8,
	EVENT_TYPE = BITS(10, 8), EVENT_HAS_ERROR = BIT(11), EVENT_VALID = BIT(31),
};
#define EVENT_ERROR(code) ((u64)(code) << 32)

/* EXITINFO1 of an IOIO exit (15.10.2). */
enum ioio_bits {
	IOIO_IN = BIT(0), IOIO_STR = BIT(2), IOIO_REP = BIT(3), IOIO_SZ8 = BIT(4),
	IOIO_SZ16 = BIT(5), IOIO_SZ32 = BIT(6), IOIO_A16 = BIT(7), IOIO_A32 = BIT(8),
	IOIO_A64 = BIT(9),
};
#define IOIO_PORT(port) ((u64)(port) << 16)

/* EXITINFO1 of a nested page fault (15.25.6), above the page-fault error code. */
#define NPF_FINAL BIT(32)
#define NPF_TABLE BIT(33)

enum svm_msr { MSR_VM_CR = 0xc0010114, MSR_VM_HSAVE_PA = 0xc0010117 };
enum vm_cr_bits { VM_CR_SVMDIS = BIT(4) };

#endif
