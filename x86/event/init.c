// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT and SIPI as the ICR of another CPU sends them: INIT stops a CPU and leaves
 * it waiting for a SIPI, which alone starts it, at the page that it names.  What
 * INIT sets and what it leaves: SDM vol. 3A, Processor State After Reset.
 */
#include "x86/boot/x86.h"
#include "x86/event/init.h"

/* Pages below 640 KiB that no machine's firmware needs any more. */
static const u64 pages[] = { 0x2000, 0x10000, 0x55000, 0x8f000 };
#define PAGE 0x20000ull
#define WORD(offset) (*(volatile u32 *)(PAGE + RECORD + (offset)))

extern const u8 init_page_begin[], init_page_end[];

static volatile u64 counter, stop, interrupts, nmis;

static void count_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

static void count_nmi(struct trap_frame *f)
{
	(void)f;
	nmis++;
}

static void count_on(void *argument)
{
	(void)argument;
	while (!stop)
		counter++;
}

static void begin(void)
{
	u64 real_mode_vectors = 0;

	/* Or the compiler warns of a pointer that is almost NULL. */
	asm("" : "+r"(real_mode_vectors));
	counter = stop = interrupts = nmis = 0;
	/* But not the spurious-interrupt vector. */
	for (unsigned int v = 32; v < 255; v++)
		set_handler(v, count_interrupt);
	set_handler(VECTOR_NMI, count_nmi);
	memset((void *)PAGE, 0, 0x1000);
	memcpy((void *)PAGE, init_page_begin, (size_t)(init_page_end - init_page_begin));
	/* Offset and segment. */
	*(volatile u32 *)(real_mode_vectors + VECTOR_NMI * 4) = INIT_NMI | (u32)(PAGE >> 4) << 16;
}

/*
 * Time for something that must not happen: each IN leaves the guest, so that another
 * CPU's thread gets the processor too.
 */
static void give_time(void)
{
	for (unsigned int i = 0; i < 60; i++)
		inb(0x80);
}

/* One SIPI to our page, so that none is left; false if nobody came. */
static bool record(void)
{
	u64 start = machine_ticks();

	WORD(INIT_DONE) = 0;
	cpu_ipi(1, IPI_STARTUP | (u32)(PAGE >> 12));
	while (!WORD(INIT_DONE) && machine_ticks() - start < 1ull << 33)
		cpu_relax();
	return WORD(INIT_DONE);
}

TEST(sipi_page, "a SIPI starts a CPU at the page whose number is its vector",
     LAW("SDM vol. 3A, Interrupt Command Register (ICR); MP Initialization"), NEEDS(APIC), CPUS(2),
     CASES(ARRAY_SIZE(pages)))
{
	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
		CASE ("page=%#llx", (unsigned long long)pages[i]) {
			stop = 1;
			ASSERT(cpu_start_at(1, pages[i], count_on, NULL));
			cpu_wait(1);
			EXPECT_EQ(pages[i], cpu_page_of(1));
		}
	}
}

TEST(sipi_while_running, "a SIPI to a CPU that runs does nothing",
     LAW("SDM vol. 3A, MP Initialization; Interrupt Command Register (ICR)"), NEEDS(APIC), CPUS(2),
     CASES(4))
{
	begin();
	ASSERT(cpu_start(1, count_on, NULL));
	for (unsigned int i = 0; i < 4; i++) {
		CASE ("round=%u", i) {
			cpu_wait_for(&counter, counter + 1);
			cpu_ipi(1, IPI_STARTUP | (u32)(PAGE >> 12));
			give_time();
			cpu_wait_for(&counter, counter + 1);
			EXPECT_EQ(0, WORD(INIT_DONE));
		}
	}
	stop = 1;
	cpu_wait(1);
}

TEST(init_waits_for_sipi, "after INIT a CPU stands still, whatever interrupts come, until a SIPI",
     LAW("SDM vol. 3A, Local APIC State After an INIT Reset (\"Wait-for-SIPI\" State); vol. 3C, "
	 "Guest Non-Register State"),
     NEEDS(APIC), CPUS(2), CASES(3))
{
	static const struct {
		const char *name;
		u32 ipi;
	} events[] = { { "none", 0 }, { "fixed", IPI_FIXED | 0x90 }, { "NMI", IPI_NMI } };

	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++) {
		CASE ("event=%s", events[i].name) {
			u64 last;

			begin();
			ASSERT(cpu_start(1, count_on, NULL));
			cpu_wait_for(&counter, 1);
			/* Who answers at our page has stopped, and halts there until INIT comes. */
			cpu_ipi(1, IPI_INIT);
			ASSERT(record());
			last = counter;
			WORD(INIT_DONE) = 0;
			cpu_ipi(1, IPI_INIT);
			give_time();
			if (events[i].ipi)
				cpu_ipi(1, events[i].ipi);
			give_time();
			EXPECT_EQ(0, WORD(INIT_NMIS));
			EXPECT_EQ(0, nmis);
			EXPECT_EQ(0, interrupts);
			EXPECT_EQ(last, counter);
			EXPECT_EQ(0, WORD(INIT_DONE));
			EXPECT(record());
			/* An NMI may have been kept for the moment after the SIPI. */
			EXPECT_EQ(0, WORD(INIT_WAKEUPS));
			EXPECT_EQ(PAGE >> 4, WORD(INIT_CS));
		}
	}
}

/* --- what INIT sets --- */

/* CD and NW in CR0 are what they were: 1 and 0. */
static const struct {
	const char *name;
	unsigned int offset;
	u32 mask, wanted;
} set[] = {
	{ "EBX", INIT_EBX, ~0u, 0 },
	{ "ECX", INIT_ECX, ~0u, 0 },
	{ "ESI", INIT_ESI, ~0u, 0 },
	{ "EDI", INIT_EDI, ~0u, 0 },
	{ "EBP", INIT_EBP, ~0u, 0 },
	{ "ESP", INIT_ESP, ~0u, 0 },
	{ "EFLAGS", INIT_EFLAGS, ~0u, RFLAGS_FIXED },
	{ "CR0", INIT_CR0, ~(u32)(CR0_CD | CR0_NW), CR0_ET },
	{ "CR0.CD,NW", INIT_CR0, CR0_CD | CR0_NW, CR0_CD },
	{ "CR2", INIT_CR2, ~0u, 0 },
	{ "CR3", INIT_CR3, ~0u, 0 },
	{ "CR4", INIT_CR4, ~0u, 0 },
	{ "DR0", INIT_DR0, ~0u, 0 },
	{ "DR6", INIT_DR6, ~0u, DR6_FIXED },
	{ "DR7", INIT_DR7, ~0u, DR7_FIXED },
	{ "EFER.LMA", INIT_EFER, EFER_LMA, 0 },
};

/* As unlike as can be: what a reset would have set is something else. */
static void make_unlike(void *argument)
{
	struct fault f = TRY("movb $0, (%0)", : : "r"(USER_ALIAS * 3 / 2 + 0x12345678));

	(void)argument;
	EXPECT_FAULT(PF, f);
	write_cr0(read_cr0() | CR0_CD);
	write_dr0(0x1234);
	write_dr6(DR6_FIXED | DR6_B0);
	write_dr7(DR7_FIXED | DR7_G0);
	apic_write(APIC_TPR, 0x50);
	apic_write(APIC_LVT_LINT1, 0x400);
	counter = 1;
	asm volatile("mov %0, %%rbx; mov %0, %%rcx; mov %0, %%rsi; mov %0, %%rdi; mov %0, %%rbp\n\t"
		     "1: jmp 1b" ::"a"(0x5555555555555555ull)
		     : "rbx", "rcx", "rsi", "rdi");
}

TEST(init_sets, "INIT sets the registers to the values of the manual's table", NEEDS(APIC),
     LAW("SDM vol. 3A, Processor State After Reset; APM vol. 2, Initial Processor State"), CPUS(2),
     CASES(ARRAY_SIZE(set)))
{
	begin();
	ASSERT(cpu_start(1, make_unlike, NULL));
	cpu_wait_for(&counter, 1);
	give_time();
	cpu_ipi(1, IPI_INIT);
	give_time();
	ASSERT(record());
	for (unsigned int i = 0; i < ARRAY_SIZE(set); i++)
		CASE ("register=%s", set[i].name)
			EXPECT_EQ(set[i].wanted, WORD(set[i].offset) & set[i].mask);
}

/* --- what INIT leaves, and the local APIC --- */

static u64 user_loads(u64 value)
{
	u32 mxcsr = 0x1f00;

	asm volatile("movq %0, %%xmm0; movq %0, %%xmm7; ldmxcsr %1" ::"r"(value), "m"(mxcsr));
	return 0;
}

static u64 user_stores(u64 to)
{
	asm volatile("movq %%xmm0, (%0); movq %%xmm7, 8(%0); stmxcsr 16(%0)" ::"r"(to) : "memory");
	return 0;
}

static void load_and_spin(void *argument)
{
	EXPECT_NO_FAULT(run_user(user_loads, *(u64 *)argument, 0, NULL));
	apic_write(APIC_TPR, 0x50);
	apic_write(APIC_LVT_LINT1, 0x400);
	counter = 1;
	while (!stop)
		;
}

static struct {
	u64 xmm[2];
	u32 mxcsr, tpr, lint1, id;
} found;

static void look(void *argument)
{
	(void)argument;
	found.tpr = apic_read(APIC_TPR);
	found.lint1 = apic_read(APIC_LVT_LINT1);
	found.id = apic_read(APIC_ID);
	EXPECT_NO_FAULT(run_user(user_stores, (u64)USER(&found), 0, NULL));
}

TEST(init_leaves, "INIT leaves XMM registers and MXCSR, and resets the local APIC but for its ID",
     LAW("SDM vol. 3A, Processor State After Reset; Local APIC State After an INIT Reset"),
     NEEDS(APIC | SSE2), CPUS(2))
{
	u64 value = 0x1122334455667788ull;

	begin();
	memset(&found, 0, sizeof(found));
	ASSERT(cpu_start(1, load_and_spin, &value));
	cpu_wait_for(&counter, 1);
	/* Which begins with an INIT. */
	ASSERT(cpu_start(1, look, NULL));
	cpu_wait(1);
	EXPECT_EQ(value, found.xmm[0]);
	EXPECT_EQ(value, found.xmm[1]);
	EXPECT_EQ(0x1f00, found.mxcsr);
	EXPECT_EQ(0, found.tpr);
	EXPECT_EQ(BIT(16), found.lint1);
	EXPECT_EQ(1, found.id >> 24);
}
