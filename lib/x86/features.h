/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU features that tests need, and where CPUID reports them (SDM vol. 2A,
 * CPUID; APM vol. 3, appendix E).  A missing one is the fact a skip names.
 */
#ifndef ASSAY_X86_FEATURES_H
#define ASSAY_X86_FEATURES_H

#include "lib/base.h"

enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/* FEATURE(NAME, leaf, subleaf, register, bit) */
#define CPU_FEATURES(FEATURE)                                                                      \
	FEATURE(PSE, 0x1, 0, EDX, 3)                                                               \
	FEATURE(MCE, 0x1, 0, EDX, 7)                                                               \
	FEATURE(APIC, 0x1, 0, EDX, 9)                                                              \
	FEATURE(SEP, 0x1, 0, EDX, 11)                                                              \
	FEATURE(PGE, 0x1, 0, EDX, 13)                                                              \
	FEATURE(PAT, 0x1, 0, EDX, 16)                                                              \
	FEATURE(PSE36, 0x1, 0, EDX, 17)                                                            \
	FEATURE(CLFLUSH, 0x1, 0, EDX, 19)                                                          \
	FEATURE(SSE2, 0x1, 0, EDX, 26)                                                             \
	FEATURE(CX16, 0x1, 0, ECX, 13)                                                             \
	FEATURE(MONITOR, 0x1, 0, ECX, 3)                                                           \
	FEATURE(PCID, 0x1, 0, ECX, 17)                                                             \
	FEATURE(SSE41, 0x1, 0, ECX, 19)                                                            \
	FEATURE(X2APIC, 0x1, 0, ECX, 21)                                                           \
	FEATURE(MOVBE, 0x1, 0, ECX, 22)                                                            \
	FEATURE(POPCNT, 0x1, 0, ECX, 23)                                                           \
	FEATURE(TSC_DEADLINE, 0x1, 0, ECX, 24)                                                     \
	FEATURE(XSAVE, 0x1, 0, ECX, 26)                                                            \
	FEATURE(AVX, 0x1, 0, ECX, 28)                                                              \
	FEATURE(SMEP, 0x7, 0, EBX, 7)                                                              \
	FEATURE(INVPCID, 0x7, 0, EBX, 10)                                                          \
	FEATURE(AVX512F, 0x7, 0, EBX, 16)                                                          \
	FEATURE(SMAP, 0x7, 0, EBX, 20)                                                             \
	FEATURE(FSGSBASE, 0x7, 0, EBX, 0)                                                          \
	FEATURE(UMIP, 0x7, 0, ECX, 2)                                                              \
	FEATURE(PKU, 0x7, 0, ECX, 3)                                                               \
	FEATURE(LA57, 0x7, 0, ECX, 16)                                                             \
	FEATURE(RDPID, 0x7, 0, ECX, 22)                                                            \
	FEATURE(PKS, 0x7, 0, ECX, 31)                                                              \
	FEATURE(AMX_TILE, 0x7, 0, EDX, 24)                                                         \
	FEATURE(XSAVEOPT, 0xd, 1, EAX, 0)                                                          \
	FEATURE(XSAVEC, 0xd, 1, EAX, 1)                                                            \
	FEATURE(XGETBV1, 0xd, 1, EAX, 2)                                                           \
	FEATURE(XSAVES, 0xd, 1, EAX, 3)                                                            \
	FEATURE(XFD, 0xd, 1, EAX, 4)                                                               \
	FEATURE(SVM, 0x80000001, 0, ECX, 2)                                                        \
	FEATURE(SKINIT, 0x80000001, 0, ECX, 12)                                                    \
	FEATURE(SYSCALL, 0x80000001, 0, EDX, 11)                                                   \
	FEATURE(NX, 0x80000001, 0, EDX, 20)                                                        \
	FEATURE(FXSR_OPT, 0x80000001, 0, EDX, 25)                                                  \
	FEATURE(PDPE1GB, 0x80000001, 0, EDX, 26)                                                   \
	FEATURE(RDTSCP, 0x80000001, 0, EDX, 27)                                                    \
	FEATURE(LONG_MODE, 0x80000001, 0, EDX, 29)                                                 \
	FEATURE(NPT, 0x8000000a, 0, EDX, 0)                                                        \
	FEATURE(NRIPS, 0x8000000a, 0, EDX, 3)                                                      \
	FEATURE(DECODE_ASSISTS, 0x8000000a, 0, EDX, 7)                                             \
	FEATURE(PAUSE_FILTER, 0x8000000a, 0, EDX, 10)                                              \
	FEATURE(VGIF, 0x8000000a, 0, EDX, 16)

enum cpu_feature_bit {
#define FEATURE(NAME, leaf, subleaf, reg, bit) CPU_BIT_##NAME,
	CPU_FEATURES(FEATURE)
#undef FEATURE
	CPU_FEATURE_COUNT
};

/* The constants that tests write: NEEDS(SMAP | LA57). */
enum cpu_feature {
#define FEATURE(NAME, leaf, subleaf, reg, bit) NAME = BIT(CPU_BIT_##NAME),
	CPU_FEATURES(FEATURE)
#undef FEATURE
};

struct cpu_feature_info {
	const char *name;
	u32 leaf;
	u8 subleaf;
	u8 reg; /* enum cpuid_register */
	u8 bit;
};

extern const struct cpu_feature_info cpu_feature_info[CPU_FEATURE_COUNT];

#endif
