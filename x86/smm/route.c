// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMIs as IPIs of the local APIC (SDM vol. 3A, Interrupt Command Register, delivery mode
 * 010B), to oneself and to another CPU, in whatever mode they find it.
 */
#include "x86/boot/smm.h"

TEST(ipi_to_self, "an SMI by the local APIC's ICR runs the handler, once",
     LAW("SDM vol. 3A, Interrupt Command Register"), NEEDS(APIC), ACTIONS(INJECT_SMI))
{
	smm_open(NULL);
	smm_raise(); /* and SMM has the memory of the rest */
	EXPECT_EQ(1, smm.entries);
	for (unsigned int i = 0; i < 8; i++) {
		cpu_ipi(0, IPI_SMI);
		inb(0x80);
		EXPECT_EQ(i + 2, smm.entries);
	}
}

/* --- another CPU --- */

/* Whatever is lost of the registers shows in their sum. */
#define SPIN(name, loop)                                                                           \
	static u64 name(u64 argument)                                                              \
	{                                                                                          \
		volatile u64 *words = (volatile u64 *)argument;                                    \
		u64 sum = 0;                                                                       \
                                                                                                   \
		asm volatile("mov $1, %%r8; mov $2, %%r9; mov $3, %%r10; mov $4, %%r11;"           \
			     "mov $5, %%rcx; mov $6, %%rdx; 1: " loop                              \
			     "incq (%1); cmpq $0, 8(%1); je 1b;"                                   \
			     "lea (%%r8, %%r9), %0; add %%r10, %0; add %%r11, %0; add %%rcx, %0;"  \
			     "add %%rdx, %0"                                                       \
			     : "=&r"(sum)                                                          \
			     : "r"(words)                                                          \
			     : "r8", "r9", "r10", "r11", "rcx", "rdx", "memory", "cc");            \
		return sum;                                                                        \
	}
SPIN(spin, "pause;")
enum { SUM = 1 + 2 + 3 + 4 + 5 + 6 };

static volatile u64 words[2]; /* rounds, stop */
static u64 sums[2];
static struct fault user_fault;

static void at_cpl0(void *unused)
{
	(void)unused;
	sums[0] = spin((u64)words);
}

static void at_cpl3(void *unused)
{
	(void)unused;
	user_fault = run_user(spin, (u64)USER(words), 0, &sums[1]);
}

static void halted(void *unused)
{
	(void)unused;
	words[0] = 1;
	while (!words[1])
		asm volatile("cli; hlt" ::: "memory");
}

static volatile u64 handler_cpu, handled;

static void note_cpu(void)
{
	handler_cpu = cpu_number();
	handled++;
}

static void send_smi(void)
{
	u64 before = handled;

	cpu_ipi(1, IPI_SMI);
	cpu_wait_for(&handled, before + 1);
	EXPECT_EQ(1, handler_cpu);
}

static void meet(void (*function)(void *unused), u64 smis)
{
	words[0] = words[1] = 0;
	smm_open(note_cpu);
	ASSERT(cpu_start(1, function, NULL));
	cpu_wait_for(&words[0], 1);
	for (u64 i = 0; i < smis; i++)
		send_smi();
	words[1] = 1;
	if (function == halted)
		send_smi();
	cpu_wait(1);
}

TEST(ipi_to_another,
     "an SMI to another CPU runs the handler there, and what it interrupted goes on",
     LAW("SDM vol. 3A, Interrupt Command Register; vol. 3C, SMM"), NEEDS(APIC), CPUS(2),
     ACTIONS(INJECT_SMI), CASES(3))
{
	enum { SMIS = 50 };

	smm_open(NULL);
	smm_raise();
	CASE ("meets=cpl0") {
		meet(at_cpl0, SMIS);
		EXPECT_EQ(SUM, sums[0]);
	}
	CASE ("meets=cpl3") {
		meet(at_cpl3, SMIS);
		EXPECT_NO_FAULT(user_fault);
		EXPECT_EQ(SUM, sums[1]);
	}
	CASE ("meets=halted")
		meet(halted, SMIS);
}
