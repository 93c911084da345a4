/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arm64 runtime: what a test body may call beyond lib/guest/runtime.h.
 *
 * The machine of a test, restored before each: one CPU at EL1 with all interrupts
 * masked (PSTATE.DAIF), device memory and RAM mapped onto themselves up to
 * PLATFORM_MAPPED_END, caches on.  All vectors lead to trap().  The GIC (GICv3): one
 * security state as seen by the guest, affinity routing, group 1 on in distributor
 * and CPU interface; all interrupts of group 1, disabled, neither pending nor
 * active, of priority GIC_PRIORITY; SPIs edge-triggered and routed to CPU 0;
 * ICC_PMR_EL1 0xf0, ICC_BPR1_EL1 its smallest, EOI mode 0.
 */
#ifndef ASSAY_ARM64_BOOT_ARM64_H
#define ASSAY_ARM64_BOOT_ARM64_H

#include "arm64/boot/layout.h"
#include "lib/arm64/cpu.h"
#include "lib/arm64/features.h"
#include "lib/arm64/gic.h"
#include "lib/arm64/platform.h"
#include "lib/guest/runtime.h"

/* RAM that tests can count on; from TEST_MEMORY to its end it is the test's own. */
#define GUEST_MEMORY_BYTES (32ull << 20)
#define TEST_MEMORY 0x41000000ull
#define TEST_MEMORY_END (PLATFORM_RAM + GUEST_MEMORY_BYTES)

/* What the vectors save, lowest address first. */
struct trap_frame {
	u64 x[31];
	u64 sp; /* only looked at */
	u64 elr, spsr, esr, far;
};

/* An exception as it was taken. */
struct fault {
	u64 class; /* enum exception_class; EC_NONE: none was */
	u64 vector; /* entry of the table, 0 to 15 */
	u64 esr, elr, far, spsr;
};

/*
 * Run one instruction (or a few) that may fault and return what happened:
 *
 *	struct fault f = TRY("ldr %0, [%1]", : "=&r"(value) : "r"(address));
 *	EXPECT_FAULT(DATA_ABORT, f);
 *
 * Operands are those of asm(); x9 and x10 are used.  After a fault execution goes
 * on behind the instruction, with the registers as they were at the fault.
 */
#define TRY(instruction, ...)                                                                      \
	({                                                                                         \
		try_begin();                                                                       \
		TRY_ASM_("adr x9, 771f\n\t"                                                        \
			 "mrs x10, tpidr_el1\n\t"                                                  \
			 "str x9, [x10]\n\t" instruction "\n771:\n\t",                             \
			 __VA_ARGS__);                                                             \
		try_end();                                                                         \
	})
#define TRY_ASM_(code, ...) asm volatile(code __VA_ARGS__ : "x9", "x10", "memory", "cc")
void try_begin(void);
struct fault try_end(void);

#define EXPECT_FAULT(NAME, fault) expect_class(EXPECTATION_(#fault), EC_##NAME, fault)
bool expect_class(const struct expectation *e, u64 wanted, struct fault got);
const char *class_name(u64 class);

/* --- device memory: an access is one instruction that a host can decode --- */

static inline u32 read32(u64 address)
{
	u32 value;

	asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write32(u64 address, u32 value)
{
	asm volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline u64 read64(u64 address)
{
	u64 value;

	asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write64(u64 address, u64 value)
{
	asm volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline u8 read8(u64 address)
{
	u8 value;

	asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write8(u64 address, u8 value)
{
	asm volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline void barrier(void)
{
	asm volatile("dsb sy; isb" ::: "memory");
}

/* --- interrupts: arm64/boot/irq.c --- */

/* Let interrupts in, and mask them; between the two whatever is due arrives. */
static inline void irq_unmask(void)
{
	asm volatile("msr daifclr, #2; isb" ::: "memory");
}

static inline void irq_mask(void)
{
	asm volatile("msr daifset, #2; isb" ::: "memory");
}

static inline void take_interrupts(void)
{
	barrier();
	irq_unmask();
	irq_mask();
}

/* Wait with interrupts masked until one is pending, as WFI allows, then take it. */
static inline void wait_for_interrupt(void)
{
	asm volatile("dsb sy; wfi" ::: "memory");
	take_interrupts();
}

/*
 * What a CPU took: the runtime's handler acknowledges, writes the INTID down and
 * ends the interrupt.  More than IRQ_LOG_MAX are only counted.
 */
enum { IRQ_LOG_MAX = 64 };
struct irq_log {
	volatile u64 count;
	volatile u64 spurious; /* acknowledged to INTID 1023 */
	u32 intid[IRQ_LOG_MAX];
};
extern struct irq_log irq_log[CPUS_MAX];
void irq_log_clear(void);
/* How often this CPU took it. */
u64 irq_log_count(unsigned int cpu, u32 intid);
/* In its place a test's own, until the test ends; NULL: the runtime's again. */
typedef void irq_handler(struct trap_frame *frame);
void set_irq_handler(irq_handler *handler);

/* --- the GIC: arm64/boot/gic.c --- */

#define GIC_PRIORITY 0xa0

/* Registers of banks of one bit an interrupt; those below INTID 32 are this CPU's. */
bool gic_bit(enum gicd bank, u32 intid);
void gic_write_bit(enum gicd bank, u32 intid);
void gic_set_priority(u32 intid, u8 priority);
u8 gic_priority(u32 intid);
void gic_set_edge(u32 intid, bool edge);
void gic_set_group1(u32 intid, bool group1);
void gic_route(u32 intid, unsigned int cpu);
/* GICD_CTLR, with the wait for RWP. */
void gic_control(u32 value);
static inline void gic_enable(u32 intid)
{
	gic_write_bit(GICD_ISENABLER, intid);
}
/* Takes effect at once: waits for RWP. */
void gic_disable(u32 intid);
u64 gicr_of(unsigned int cpu);

static inline u32 gic_acknowledge(void)
{
	u32 intid = (u32)READ_REGISTER(ICC_IAR1_EL1);

	asm volatile("dsb sy" ::: "memory");
	return intid & 0xffffff;
}

static inline void gic_end(u32 intid)
{
	WRITE_REGISTER(ICC_EOIR1_EL1, intid);
	asm volatile("isb" ::: "memory");
}

static inline void gic_deactivate(u32 intid)
{
	WRITE_REGISTER(ICC_DIR_EL1, intid);
	asm volatile("isb" ::: "memory");
}

static inline void gic_send_sgi(u64 sgi1r)
{
	barrier();
	WRITE_REGISTER(ICC_SGI1R_EL1, sgi1r);
	asm volatile("isb" ::: "memory");
}

/* --- PSCI, by HVC --- */

s64 psci(u64 function, u64 a, u64 b, u64 c);

/*
 * More than one CPU, for tests with CPUS(n).  The boot CPU is number 0 and the only
 * one that may call what talks to the host: sync(), CASE, note(), window(),
 * heartbeat(), skip().  The others may use TRY, EXPECT and ASSERT; what fails there
 * is reported by the boot CPU.  Each has a stack, a redistributor and a CPU interface
 * of its own, set up as those of the boot CPU.
 */
bool cpu_start(unsigned int cpu, void (*function)(void *argument), void *argument);
/* Wait until its function returned.  If a failure ended it, the test ends here. */
void cpu_wait(unsigned int cpu);
/* In loops that wait for another CPU.  If a failure ended one, the test ends here. */
void cpu_relax(void);
/* Wait for a word that another CPU writes to be at least `value`. */
void cpu_wait_for(const volatile u64 *word, u64 value);
/* MPIDR_EL1's affinity of a CPU. */
u64 cpu_affinity(unsigned int cpu);

bool has_feature(u64 features);

#endif
