// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other CPUs: started by PSCI for what a test gives them, off afterwards.  A
 * CPU turns itself off; one that does not come to its end is the end of the VM.
 */
#include "arm64/boot/machine.h"
#include "lib/guest/run.h"

struct cpu cpus[CPUS_MAX];

extern void cpu_entry(void);

static u8 stack[CPUS_MAX - 1][STACK_BYTES] __attribute__((aligned(16)));

/* How long a CPU that is told to stop may take; ticks. */
#define PATIENCE (1ull << 31)

/* Set to make every CPU but the boot CPU leave at its next cpu_relax(). */
static volatile bool stopping;

unsigned int machine_cpu(void)
{
	return (unsigned int)(this_cpu() - cpus);
}

u64 cpu_affinity(unsigned int cpu)
{
	return cpu; /* Aff0: fewer than 16, in one cluster */
}

/* --- on the other CPU --- */

_Noreturn static void turn_off(enum cpu_state state)
{
	asm volatile("msr daifset, #0xf; dsb sy" ::: "memory");
	this_cpu()->state = state;
	psci(PSCI_CPU_OFF, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}

_Noreturn void machine_leave(void)
{
	turn_off(CPU_LEFT);
}

void cpu_main(void);
void cpu_main(void)
{
	struct cpu *c = this_cpu();

	if (gic_present())
		gic_reset_cpu();
	c->trying = false;
	c->state = CPU_RUNNING;
	asm volatile("dsb sy; sev" ::: "memory");
	c->function(c->argument);
	turn_off(CPU_RETURNED);
}

/* --- on the boot CPU --- */

static bool is_off(unsigned int cpu)
{
	u64 begin = machine_ticks();

	while (psci(PSCI_AFFINITY_INFO, cpu_affinity(cpu), 0, 0) != AFFINITY_OFF)
		if (machine_ticks() - begin > PATIENCE)
			return false;
	return true;
}

bool cpu_start(unsigned int cpu, void (*function)(void *argument), void *argument)
{
	struct cpu *c = &cpus[cpu];

	if (!cpu || cpu >= run.request.cpus)
		test_error("the test has no CPU %u: it needs CPUS(%u)", cpu, cpu + 1);
	c->stack = (u64)(stack[cpu - 1] + STACK_BYTES);
	c->function = function;
	c->argument = argument;
	if (c->state != CPU_OFF && !is_off(cpu))
		return false;
	c->state = CPU_STARTING;
	asm volatile("dsb sy" ::: "memory");
	if (psci(PSCI_CPU_ON, cpu_affinity(cpu), (u64)cpu_entry, (u64)c) != PSCI_SUCCESS)
		return false;
	while (c->state == CPU_STARTING)
		cpu_relax();
	return true;
}

void cpu_relax(void)
{
	asm volatile("yield" ::: "memory");
	if (machine_cpu()) {
		if (stopping)
			machine_leave();
		return;
	}
	for (unsigned int i = 1; i < CPUS_MAX; i++)
		if (cpus[i].state == CPU_LEFT)
			test_abandon();
}

void cpu_wait(unsigned int cpu)
{
	while (cpus[cpu].state != CPU_RETURNED)
		cpu_relax();
	asm volatile("dsb sy" ::: "memory");
	expect_report_cpu(cpu, true);
}

void cpu_wait_for(const volatile u64 *word, u64 value)
{
	while (*word < value)
		cpu_relax();
	asm volatile("dsb sy" ::: "memory");
}

/* A CPU that does not turn itself off would spoil the next test: this one fails for it. */
void cpus_stop(void)
{
	static const struct expectation e = { __FILE__, __LINE__, "CPU_OFF" };

	stopping = true;
	for (unsigned int i = 1; i < CPUS_MAX; i++) {
		if (cpus[i].state != CPU_OFF && !is_off(i))
			expect_keep(i, &e, "the CPU turned itself off", "it did not");
		cpus[i].state = CPU_OFF;
	}
	stopping = false;
}
