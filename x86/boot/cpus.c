// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other CPUs: started by INIT and SIPI for what a test gives them, halted
 * afterwards.  Every start is a fresh one, so a function finds the CPU as INIT
 * and cpu_main() leave it, whatever ran there before.
 */
#include "lib/guest/run.h"
#include "x86/boot/machine.h"

struct cpu cpus[CPUS_MAX];
/* For assembly: whose stack the CPU that begins takes. */
struct cpu *volatile cpu_starting;
volatile bool cpus_started;

extern const u64 gdt_pristine[16];
extern const struct tss64 tss_pristine;
extern const u8 cpu_page_begin[], cpu_page_end[];

/* The memory of a CPU, at CPU_MEMORY. */
struct cpu_memory {
	u64 gdt[22]; /* the runtime's, and three TSS descriptors */
	struct tss64 tss;
	u8 user_stack[STACK_BYTES] __attribute__((aligned(4096)));
	u8 stack[2 * STACK_BYTES];
	u8 trap_stack[STACK_BYTES];
	u8 ist_stack[7][STACK_BYTES];
};
_Static_assert(sizeof(struct cpu_memory) <= CPU_MEMORY_BYTES, "a CPU's memory fits its place");
_Static_assert(sizeof(try_slot) >= SELECTOR_CPU_TSS + 16 * (CPUS_MAX - 1), "all have a slot");

enum { ICR_PENDING = BIT(12), ICR_ASSERT = BIT(14), APIC_SOFTWARE_ENABLE = BIT(8) };

/*
 * A second SIPI after about a second, and none after some; in ticks of the TSC.  Not
 * sooner: one that is still on its way when an INIT comes would start the CPU behind it.
 */
static const u64 patience[] = { 1ull << 31, 1ull << 33 };

static struct cpu_memory *memory_of(unsigned int cpu)
{
	return (struct cpu_memory *)(CPU_MEMORY + (u64)CPU_MEMORY_BYTES * (cpu - 1));
}

u8 *cpu_user_stack_top(unsigned int cpu)
{
	return (cpu ? memory_of(cpu)->user_stack : user_stack) + STACK_BYTES;
}

unsigned int machine_cpu(void)
{
	return cpu_number();
}

void cpu_ipi(unsigned int cpu, u32 ipi)
{
	while (apic_read(APIC_ICR) & ICR_PENDING)
		asm volatile("pause");
	apic_write(APIC_ICR_HIGH, cpu << 24);
	apic_write(APIC_ICR, ICR_ASSERT | ipi);
	while (apic_read(APIC_ICR) & ICR_PENDING)
		asm volatile("pause");
}

/* --- on the other CPU --- */

_Noreturn static void park(enum cpu_state state)
{
	asm volatile("" ::: "memory");
	this_cpu()->state = state;
	for (;;)
		asm volatile("cli; hlt" ::: "memory");
}

_Noreturn void machine_leave(void)
{
	park(CPU_LEFT);
}

/* Its own descriptors: a TSS cannot be loaded by two CPUs. */
static void load_tables(unsigned int cpu)
{
	struct cpu_memory *m = memory_of(cpu);
	u64 base = (u64)&m->tss;
	u64 *descriptor = &m->gdt[SELECTOR_CPU_TSS / 8 + 2 * (cpu - 1)];

	memset(m->gdt, 0, sizeof(m->gdt));
	memcpy(m->gdt, gdt_pristine, sizeof(gdt));
	descriptor[0] = 0x67 | base << 16 | 0x89ull << 40;
	descriptor[1] = 0;
	m->tss = tss_pristine;
	m->tss.rsp[0] = (u64)(m->trap_stack + sizeof(m->trap_stack));
	for (unsigned int i = 0; i < 7; i++)
		m->tss.ist[i] = (u64)(m->ist_stack[i] + STACK_BYTES);
	load_gdt(m->gdt, sizeof(m->gdt) - 1);
	load_idt(idt, sizeof(idt) - 1);
	asm volatile("lldt %w0" ::"r"(0));
	asm volatile("ltr %w0" ::"r"(SELECTOR_CPU_TSS + 16 * (cpu - 1)));
}

void cpu_main(struct cpu *c, u64 code_segment);
void cpu_main(struct cpu *c, u64 code_segment)
{
	load_tables((unsigned int)(c - cpus));
	control_registers_reset();
	apic_write(APIC_SPURIOUS, APIC_SOFTWARE_ENABLE | 0xff);
	c->began = code_segment;
	c->in_user = false;
	c->trying = NULL;
	c->state = CPU_RUNNING;
	c->function(c->argument);
	park(CPU_RETURNED);
}

/* --- on the boot CPU --- */

static bool wait_for_start(const struct cpu *c, u64 ticks)
{
	u64 begin = machine_ticks();

	while (c->state == CPU_STARTING && machine_ticks() - begin < ticks)
		asm volatile("pause");
	return c->state != CPU_STARTING;
}

bool cpu_sipi(unsigned int cpu, u64 page, void (*function)(void *argument), void *argument)
{
	struct cpu *c = &cpus[cpu];

	cpus_started = true;
	memcpy((void *)page, cpu_page_begin, (size_t)(cpu_page_end - cpu_page_begin));
	c->stack = (u64)(memory_of(cpu)->stack + sizeof(memory_of(cpu)->stack));
	c->function = function;
	c->argument = argument;
	c->state = CPU_STARTING;
	asm volatile("" ::: "memory");
	cpu_starting = c;
	for (unsigned int i = 0; i < ARRAY_SIZE(patience); i++) {
		cpu_ipi(cpu, IPI_STARTUP | (u32)(page >> 12));
		if (wait_for_start(c, patience[i]))
			return true;
	}
	return false;
}

bool cpu_start_at(unsigned int cpu, u64 page, void (*function)(void *argument), void *argument)
{
	/* First it must stop: it may be running what it is about to be given anew. */
	cpu_ipi(cpu, IPI_INIT);
	return cpu_sipi(cpu, page, function, argument);
}

bool cpu_start(unsigned int cpu, void (*function)(void *argument), void *argument)
{
	if (!cpu || cpu >= run.request.cpus)
		test_error("the test has no CPU %u: it needs CPUS(%u)", cpu, cpu + 1);
	return cpu_start_at(cpu, CPU_PAGE, function, argument);
}

/*
 * A wait that lasts exits now and then: where vCPUs share a physical CPU, the other one
 * would else run only when the scheduler's slice is over.
 */
enum { POST_PORT = 0x80, RELAXES_PER_EXIT = 512 };

void cpu_relax(void)
{
	asm volatile("pause" ::: "memory");
	if (++this_cpu()->relaxes % RELAXES_PER_EXIT == 0)
		outb(POST_PORT, 0);
	if (cpu_number())
		return;
	for (unsigned int i = 1; i < CPUS_MAX; i++)
		if (cpus[i].state == CPU_LEFT)
			test_abandon();
}

void cpu_wait(unsigned int cpu)
{
	while (cpus[cpu].state != CPU_RETURNED)
		cpu_relax();
	asm volatile("" ::: "memory");
	expect_report_cpu(cpu, true);
}

void cpu_wait_for(const volatile u64 *word, u64 value)
{
	while (*word < value)
		cpu_relax();
	asm volatile("" ::: "memory");
}

u64 cpu_page_of(unsigned int cpu)
{
	return cpus[cpu].began << 4;
}

static void do_nothing(void *argument)
{
	(void)argument;
}

/*
 * INIT alone gives no answer, and a CPU that still runs would spoil the next
 * test: one that starts again has been stopped.
 */
void cpus_stop(void)
{
	static const struct expectation e = { __FILE__, __LINE__, "INIT and SIPI" };

	for (unsigned int i = 1; i < CPUS_MAX; i++) {
		enum cpu_state state = cpus[i].state;

		if ((state == CPU_STARTING || state == CPU_RUNNING) &&
		    !cpu_start_at(i, CPU_PAGE, do_nothing, NULL))
			expect_keep(i, &e, "the CPU starts again", "it does not");
		if (state != CPU_OFF)
			cpu_ipi(i, IPI_INIT);
		cpus[i].state = CPU_OFF;
	}
	cpus_started = false;
}
