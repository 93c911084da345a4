/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86 registers and their bits, in the names of the SDM (vol. 3A, chapter 2;
 * vectors: Interrupt and Exception Handling; page-fault error code: 4.7; MSRs: vol. 4).
 */
#ifndef ASSAY_X86_CPU_H
#define ASSAY_X86_CPU_H

#include "lib/base.h"

enum cr0_bits {
	CR0_PE = BIT(0), CR0_MP = BIT(1), CR0_EM = BIT(2), CR0_TS = BIT(3), CR0_ET = BIT(4),
	CR0_NE = BIT(5), CR0_WP = BIT(16), CR0_AM = BIT(18), CR0_NW = BIT(29), CR0_CD = BIT(30),
	CR0_PG = BIT(31),
};

enum cr4_bits {
	CR4_VME = BIT(0), CR4_PVI = BIT(1), CR4_TSD = BIT(2), CR4_DE = BIT(3), CR4_PSE = BIT(4),
	CR4_PAE = BIT(5), CR4_MCE = BIT(6), CR4_PGE = BIT(7), CR4_PCE = BIT(8),
	CR4_OSFXSR = BIT(9), CR4_OSXMMEXCPT = BIT(10), CR4_UMIP = BIT(11), CR4_LA57 = BIT(12),
	CR4_VMXE = BIT(13), CR4_SMXE = BIT(14), CR4_FSGSBASE = BIT(16), CR4_PCIDE = BIT(17),
	CR4_OSXSAVE = BIT(18), CR4_SMEP = BIT(20), CR4_SMAP = BIT(21), CR4_PKE = BIT(22),
	CR4_CET = BIT(23), CR4_PKS = BIT(24),
};

enum efer_bits {
	EFER_SCE = BIT(0), EFER_LME = BIT(8), EFER_LMA = BIT(10), EFER_NXE = BIT(11),
	EFER_SVME = BIT(12),
};

enum rflags_bits {
	RFLAGS_CF = BIT(0), RFLAGS_FIXED = BIT(1), RFLAGS_PF = BIT(2), RFLAGS_AF = BIT(4),
	RFLAGS_ZF = BIT(6), RFLAGS_SF = BIT(7), RFLAGS_TF = BIT(8), RFLAGS_IF = BIT(9),
	RFLAGS_DF = BIT(10), RFLAGS_OF = BIT(11), RFLAGS_IOPL = BITS(13, 12), RFLAGS_NT = BIT(14),
	RFLAGS_RF = BIT(16), RFLAGS_VM = BIT(17), RFLAGS_AC = BIT(18), RFLAGS_VIF = BIT(19),
	RFLAGS_VIP = BIT(20), RFLAGS_ID = BIT(21),
};

/* Page-fault error code. */
enum pf_error_bits {
	PF_P = BIT(0), PF_W = BIT(1), PF_U = BIT(2), PF_RSVD = BIT(3), PF_I = BIT(4),
	PF_PK = BIT(5), PF_SS = BIT(6),
};

/* A paging-structure entry, any level. */
enum pte_bits {
	PTE_P = BIT(0), PTE_W = BIT(1), PTE_U = BIT(2), PTE_PWT = BIT(3), PTE_PCD = BIT(4),
	PTE_A = BIT(5), PTE_D = BIT(6), PTE_PS = BIT(7), PTE_PAT = BIT(7), PTE_G = BIT(8),
	PTE_PAT_LARGE = BIT(12),
};
#define PTE_NX BIT(63)
#define PTE_ADDRESS BITS(51, 12)
#define PTE_PKEY(key) ((u64)(key) << 59)

enum dr6_bits { DR6_B0 = BIT(0), DR6_BD = BIT(13), DR6_BS = BIT(14), DR6_BT = BIT(15),
		DR6_FIXED = 0xffff0ff0 };
enum dr7_bits { DR7_G0 = BIT(1), DR7_FIXED = BIT(10), DR7_GD = BIT(13) };

/* VECTOR(name, number, pushes an error code, sentence) */
#define EXCEPTIONS(VECTOR)                                                                         \
	VECTOR(DE, 0, 0, "divide error")                                                           \
	VECTOR(DB, 1, 0, "debug")                                                                  \
	VECTOR(NMI, 2, 0, "non-maskable interrupt")                                                \
	VECTOR(BP, 3, 0, "breakpoint")                                                             \
	VECTOR(OF, 4, 0, "overflow")                                                               \
	VECTOR(BR, 5, 0, "BOUND range exceeded")                                                   \
	VECTOR(UD, 6, 0, "invalid opcode")                                                         \
	VECTOR(NM, 7, 0, "device not available")                                                   \
	VECTOR(DF, 8, 1, "double fault")                                                           \
	VECTOR(TS, 10, 1, "invalid TSS")                                                           \
	VECTOR(NP, 11, 1, "segment not present")                                                   \
	VECTOR(SS, 12, 1, "stack-segment fault")                                                   \
	VECTOR(GP, 13, 1, "general protection")                                                    \
	VECTOR(PF, 14, 1, "page fault")                                                            \
	VECTOR(MF, 16, 0, "x87 floating-point error")                                              \
	VECTOR(AC, 17, 1, "alignment check")                                                       \
	VECTOR(MC, 18, 0, "machine check")                                                         \
	VECTOR(XM, 19, 0, "SIMD floating-point error")                                             \
	VECTOR(VE, 20, 0, "virtualization exception")                                              \
	VECTOR(CP, 21, 1, "control protection")

enum vector {
#define VECTOR(name, number, has_error, sentence) VECTOR_##name = number,
	EXCEPTIONS(VECTOR)
#undef VECTOR
	VECTOR_NONE = 256, /* no event was taken */
};

#define VECTORS_WITH_ERROR_CODE                                                                    \
	(BIT(8) | BIT(10) | BIT(11) | BIT(12) | BIT(13) | BIT(14) | BIT(17) | BIT(21))

enum msr {
	MSR_TSC = 0x10, MSR_APIC_BASE = 0x1b, MSR_SPEC_CTRL = 0x48, MSR_SYSENTER_CS = 0x174,
	MSR_SYSENTER_ESP = 0x175, MSR_SYSENTER_EIP = 0x176, MSR_PAT = 0x277,
	MSR_DEBUGCTL = 0x1d9, MSR_XFD = 0x1c4, MSR_XFD_ERR = 0x1c5, MSR_PKRS = 0x6e1,
	MSR_TSC_DEADLINE = 0x6e0, MSR_XSS = 0xda0,
	MSR_EFER = 0xc0000080, MSR_STAR = 0xc0000081, MSR_LSTAR = 0xc0000082,
	MSR_CSTAR = 0xc0000083, MSR_FMASK = 0xc0000084, MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101, MSR_KERNEL_GS_BASE = 0xc0000102, MSR_TSC_AUX = 0xc0000103,
};

/* The local APIC's registers (SDM vol. 3A, Local APIC Register Address Map), offsets from its base. */
#define APIC_BASE_ADDRESS 0xfee00000ull
enum apic_register {
	APIC_ID = 0x20, APIC_VERSION = 0x30, APIC_TPR = 0x80, APIC_PPR = 0xa0, APIC_EOI = 0xb0,
	APIC_LDR = 0xd0, APIC_DFR = 0xe0,
	APIC_SPURIOUS = 0xf0, APIC_ISR = 0x100, APIC_TMR = 0x180, APIC_IRR = 0x200,
	APIC_ESR = 0x280, APIC_ICR = 0x300, APIC_ICR_HIGH = 0x310, APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350, APIC_LVT_LINT1 = 0x360, APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380, APIC_TIMER_CURRENT = 0x390, APIC_TIMER_DIVIDE = 0x3e0,
};

#ifdef ASSAY_GUEST

#define CONTROL_REGISTER(name)                                                                     \
	static inline u64 read_##name(void)                                                        \
	{                                                                                          \
		u64 value;                                                                         \
		asm volatile("mov %%" #name ", %0" : "=r"(value)::"memory");                       \
		return value;                                                                      \
	}                                                                                          \
	static inline void write_##name(u64 value)                                                 \
	{                                                                                          \
		asm volatile("mov %0, %%" #name ::"r"(value) : "memory");                          \
	}
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(cr8)
CONTROL_REGISTER(dr0)
CONTROL_REGISTER(dr1)
CONTROL_REGISTER(dr2)
CONTROL_REGISTER(dr3)
CONTROL_REGISTER(dr6)
CONTROL_REGISTER(dr7)
#undef CONTROL_REGISTER

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return low | (u64)high << 32;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

struct cpuid_result {
	u32 reg[4]; /* enum cpuid_register */
};

static inline struct cpuid_result cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_result r;

	asm volatile("cpuid"
		     : "=a"(r.reg[0]), "=b"(r.reg[1]), "=c"(r.reg[2]), "=d"(r.reg[3])
		     : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (u64)high << 32;
}

static inline u64 read_rflags(void)
{
	u64 value;

	asm volatile("pushfq; popq %0" : "=r"(value)::"memory");
	return value;
}

static inline void write_rflags(u64 value)
{
	asm volatile("pushq %0; popfq" ::"r"(value) : "memory", "cc");
}

static inline void invlpg(u64 va)
{
	asm volatile("invlpg (%0)" ::"r"(va) : "memory");
}

static inline void outb(u16 port, u8 value)
{
	asm volatile("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline u8 inb(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void outl(u16 port, u32 value)
{
	asm volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline u32 inl(u16 port)
{
	u32 value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void outw(u16 port, u16 value)
{
	asm volatile("outw %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline void cli(void)
{
	asm volatile("cli" ::: "memory");
}

static inline void sti(void)
{
	asm volatile("sti" ::: "memory");
}

static inline u32 apic_read(enum apic_register reg)
{
	return *(volatile u32 *)(APIC_BASE_ADDRESS + reg);
}

static inline void apic_write(enum apic_register reg, u32 value)
{
	*(volatile u32 *)(APIC_BASE_ADDRESS + reg) = value;
}

#endif /* ASSAY_GUEST */

#endif
