/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86-64 runtime: what a test body may call beyond lib/guest/runtime.h.
 *
 * The machine of a test, restored before each: one CPU in 64-bit mode at CPL 0
 * with interrupts off, 4-level paging, the first 4 GiB mapped onto themselves
 * with supervisor 2 MiB pages, and the first GiB again for user mode at
 * USER_ALIAS.  CR0 = PE MP ET NE WP AM PG, CR4 = PAE (and OSFXSR), EFER = LME LMA NXE
 * (where there is NX).  All 256 vectors lead to trap().  The PICs are masked,
 * the local APIC is on, its LINT1 an NMI, its TPR 0.
 */
#ifndef ASSAY_X86_BOOT_X86_H
#define ASSAY_X86_BOOT_X86_H

#include "lib/guest/runtime.h"
#include "lib/x86/cpu.h"
#include "lib/x86/features.h"
#include "x86/boot/layout.h"

/* Guest-physical memory that tests can count on, and where the image ends. */
#define GUEST_MEMORY_BYTES (32ull << 20)
/* Memory from here to GUEST_MEMORY_BYTES is the test's own (the image lies below). */
#define TEST_MEMORY 0x1000000ull

/* The first GiB of memory with U/S = 1: PML4 entry 128. */
#define USER_ALIAS 0x400000000000ull
#define USER(pointer) ((__typeof__(&*(pointer)))((u64)(pointer) + USER_ALIAS))

/* Segment selectors of the runtime's GDT. */
enum selector {
	SELECTOR_CODE64 = 0x08,
	SELECTOR_DATA = 0x10,
	SELECTOR_CODE32 = 0x18,
	SELECTOR_USER_CODE32 = 0x20 | 3,
	SELECTOR_USER_DATA = 0x28 | 3,
	SELECTOR_USER_CODE64 = 0x30 | 3,
	SELECTOR_CODE16 = 0x38,
	SELECTOR_DATA16 = 0x40,
	SELECTOR_TSS = 0x48, /* two entries */
	SELECTOR_SPARE = 0x58, /* and up to SELECTOR_LIMIT: the test's own */
	SELECTOR_LIMIT = 0x7f,
};

struct __attribute__((packed)) table_register {
	u16 limit;
	u64 base;
};

/* A gate of the IDT in 64-bit mode (SDM vol. 3A, 64-Bit Mode IDT). */
struct idt_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type; /* P, DPL, 0, type */
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

enum gate_type { GATE_INTERRUPT = 0x8e, GATE_TRAP = 0x8f, GATE_DPL3 = 0x60 };

struct __attribute__((packed)) tss64 {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7]; /* ist[0] is IST1 */
	u64 reserved2;
	u16 reserved3;
	u16 iopb;
};

/* Page-aligned, each alone in its pages, so that tests can unmap them. */
extern struct idt_gate idt[256];
extern u64 gdt[16];
extern struct tss64 tss;

void load_gdt(const void *base, u16 limit);
void load_idt(const void *base, u16 limit);
/* Lead a vector to code of the test's own; ist 0 to 7. */
void set_gate(unsigned int vector, const void *code, enum gate_type type, unsigned int ist);
/* Lead a vector to the runtime again, with another type or stack. */
void set_gate_default(unsigned int vector, enum gate_type type, unsigned int ist);

/* The stacks of IST1 to IST7; no gate uses one unless a test says so by set_gate(). */
#define STACK_BYTES 0x4000
extern u8 ist_stack[7][STACK_BYTES];

/* What the stubs save, lowest address first; the last five words are the CPU's own. */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector;
	u64 error_code; /* 0 if the vector has none */
	u64 rip, cs, rflags, rsp, ss;
};

/* An event as it was taken. */
struct fault {
	u64 vector; /* VECTOR_NONE: none was */
	u64 error_code;
	u64 rip, cs, rflags, rsp, ss; /* as pushed */
	u64 cr2, dr6;                 /* as read in the handler */
	u64 frame;                    /* the address of the pushed RIP */
};

/*
 * Who takes a vector: a handler if one is set, else a TRY in progress, else the
 * test fails with the whole frame.  A handler returns to the interrupted code.
 */
typedef void trap_handler(struct trap_frame *frame);
void set_handler(unsigned int vector, trap_handler *handler);

/*
 * Run one instruction (or a few) that may fault and return what happened:
 *
 *	struct fault f = TRY("movb $1, (%0)", : : "r"(va));
 *	EXPECT_FAULT(PF, f);
 *
 * Operands are those of asm(); r11 is used.  After a fault execution goes on
 * behind the instruction, with the registers as they were at the fault.  The CPU
 * must be in protected mode when it begins, for it is told from others by STR.
 */
#define TRY(instruction, ...)                                                                      \
	({                                                                                         \
		try_begin();                                                                       \
		TRY_ASM_("str %%r11\n\t"                                                          \
			 "movq $771f, try_slot(%%r11)\n\t"                                         \
			 "movq %%rsp, try_slot+8(%%r11)\n\t" instruction "\n771:\n\t",             \
			 __VA_ARGS__);                                                             \
		try_end();                                                                         \
	})
/* Clobbers come with a comma of their own: use TRY_CLOBBER for more than memory, cc and r11. */
#define TRY_ASM_(text, operands...) asm volatile(text operands : "memory", "cc", "r11")
/*
 * Where to go on.  Each CPU has a slot of its own, at the offset that its task
 * register holds: TSS descriptors are as large as slots.
 */
struct try_slot {
	u64 resume, stack;
};
enum { TRY_SLOTS = 0xb0 / 16 };
extern struct try_slot try_slot[TRY_SLOTS];
void try_begin(void);
struct fault try_end(void);

/*
 * Before an instruction: KVM is asked to emulate it (its module parameter
 * force_emulation_prefix); elsewhere it is #UD.
 */
#define FORCED "ud2; .ascii \"kvm\""
#define forced_emulation_offered() (TRY(FORCED "; nop", ::).vector == VECTOR_NONE)
/* Where it is not, the test is a skip. */
void need_forced_emulation(void);

/* The name of a vector: "#PF", "NMI", "none", "vector 65". */
const char *vector_name(u64 vector);
/* Did the wanted event come, and no other?  Reports the whole fault if not. */
#define EXPECT_FAULT(vector, fault)                                                                \
	expect_vector(EXPECTATION_(#fault), VECTOR_##vector, (fault))
#define EXPECT_VECTOR(vector, fault) expect_vector(EXPECTATION_(#fault), vector, (fault))
#define EXPECT_NO_FAULT(fault) expect_vector(EXPECTATION_(#fault), VECTOR_NONE, (fault))
bool expect_vector(const struct expectation *e, u64 wanted, struct fault got);

/*
 * Run code at CPL 3 at its USER_ALIAS until it takes an event or returns.
 * It gets `argument` in RDI and the stack user_stack; it may touch the image
 * through RIP-relative addresses and what USER() points to, nothing else.
 * rflags adds to FIXED (IF, TF, AC, IOPL...).  VECTOR_NONE means that it
 * returned; *result is then its RAX.
 */
struct fault run_user(u64 (*code)(u64 argument), u64 argument, u64 rflags, u64 *result);
extern u8 user_stack[STACK_BYTES];

/* The runtime's page tables; tests may put tables of their own below PML4 entries 129 to 255. */
extern u64 boot_pml4[512];

/*
 * The runtime's tables, but the first GiB is for CPL 3 where it is, not only at
 * USER_ALIAS; until CR3 is loaded with boot_pml4 again.
 */
void use_low_user_memory(void);

/* Interrupts: EOI to the local APIC; an IPI to oneself; one instruction with interrupts on. */
void apic_eoi(void);
void apic_self_ipi(unsigned int vector);
/* sti; nop; cli: events that are due arrive here. */
void take_interrupts(void);
/* sti; hlt; cli: wait until an event came. */
void halt_for_interrupt(void);

/* Names for EXPECT_FLAGS. */
extern const struct flag_name pf_error_names[7];
extern const struct flag_name rflags_names[16];

bool has_feature(u64 features);
/* Where the manuals differ; neither: the law is not known to be this processor's. */
bool vendor_is_intel(void);
bool vendor_is_amd(void);
/* Is it Linux's KVM that gives this CPUID? Whether or not it says that there is a hypervisor. */
bool hypervisor_is_kvm(void);

/*
 * More than one CPU, for tests with CPUS(n).  The boot CPU is number 0 and the only
 * one that may call what talks to the host: sync(), CASE, note(), window(),
 * heartbeat(), skip().  The others may use TRY, run_user(), EXPECT and ASSERT; what
 * fails there is reported by the boot CPU, and so is an event that nobody expected.
 * Their machine is that of the boot CPU, with a GDT, a TSS and stacks of their own
 * and the same IDT and handlers; their local APIC's LINT1 is masked.
 */
/* Start CPU number `cpu` (again) by INIT and SIPI; false if it does not come. */
bool cpu_start(unsigned int cpu, void (*function)(void *argument), void *argument);
/* The same by a page of the test's choice below 1 MiB, for which cpu_page_of() then answers. */
bool cpu_start_at(unsigned int cpu, u64 page, void (*function)(void *argument), void *argument);
/* The same without an INIT, for a CPU that waits for a SIPI. */
bool cpu_sipi(unsigned int cpu, u64 page, void (*function)(void *argument), void *argument);
/* The page at which it found itself after the SIPI, by its CS. */
u64 cpu_page_of(unsigned int cpu);
/* Wait until its function returned.  If a failure ended it, the test ends here. */
void cpu_wait(unsigned int cpu);
/* In loops that wait for another CPU.  If a failure ended one, the test ends here. */
void cpu_relax(void);
/* Wait for a word that another CPU writes to be at least `value`. */
void cpu_wait_for(const volatile u64 *word, u64 value);
u8 *cpu_user_stack_top(unsigned int cpu);

/* Delivery modes of the ICR (SDM vol. 3A, Interrupt Command Register), and a vector. */
enum ipi {
	IPI_FIXED = 0, IPI_SMI = 2 << 8, IPI_NMI = 4 << 8, IPI_INIT = 5 << 8, IPI_STARTUP = 6 << 8,
};
void cpu_ipi(unsigned int cpu, u32 ipi_and_vector);

static inline u64 task_register(void)
{
	u64 selector;

	asm volatile("str %0" : "=r"(selector));
	return selector;
}

/* Has this test started another CPU? */
extern volatile bool cpus_started;

/*
 * Which CPU is this?  Where there is but one nothing is asked of it: after some
 * tests it cannot even tell its task register.
 */
static inline unsigned int cpu_number(void)
{
	u64 tr = cpus_started ? task_register() : 0;

	return tr < SELECTOR_CPU_TSS ? 0 : (unsigned int)(tr - SELECTOR_CPU_TSS) / 16 + 1;
}

#endif
