// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest of several CPUs moves to a fresh VM: each CPU finds its own registers
 * there, and is running, halted or waiting for a SIPI as it was.
 */
#include "x86/boot/x86.h"

enum { ROUNDS = 4, VECTOR = 0x70, REGISTERS = 14 };

static volatile u64 ready, stop, taken;

/* --- running --- */

static struct registers {
	u64 value[REGISTERS]; /* rax rbx rcx rdx rsi rdi rbp r8 to r14 */
	volatile u64 stop, turns;
} registers;

/* All registers hold what they should while the CPU turns; r15 points to them. */
static void turn(struct registers *r)
{
	asm volatile("push %%rbp; push %%rbx\n\t"
		     "mov %0, %%r15\n\t"
		     "mov (%%r15), %%rax; mov 8(%%r15), %%rbx; mov 16(%%r15), %%rcx\n\t"
		     "mov 24(%%r15), %%rdx; mov 32(%%r15), %%rsi; mov 40(%%r15), %%rdi\n\t"
		     "mov 48(%%r15), %%rbp; mov 56(%%r15), %%r8; mov 64(%%r15), %%r9\n\t"
		     "mov 72(%%r15), %%r10; mov 80(%%r15), %%r11; mov 88(%%r15), %%r12\n\t"
		     "mov 96(%%r15), %%r13; mov 104(%%r15), %%r14\n"
		     "1: incq 120(%%r15)\n\t"
		     "cmpq $0, 112(%%r15)\n\t"
		     "je 1b\n\t"
		     "mov %%rax, (%%r15); mov %%rbx, 8(%%r15); mov %%rcx, 16(%%r15)\n\t"
		     "mov %%rdx, 24(%%r15); mov %%rsi, 32(%%r15); mov %%rdi, 40(%%r15)\n\t"
		     "mov %%rbp, 48(%%r15); mov %%r8, 56(%%r15); mov %%r9, 64(%%r15)\n\t"
		     "mov %%r10, 72(%%r15); mov %%r11, 80(%%r15); mov %%r12, 88(%%r15)\n\t"
		     "mov %%r13, 96(%%r15); mov %%r14, 104(%%r15)\n\t"
		     "pop %%rbx; pop %%rbp" ::"r"(r)
		     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
		       "r14", "r15", "memory", "cc");
}
_Static_assert(offsetof(struct registers, stop) == 112, "the layout for assembly");

static const u32 kept_msrs[] = { MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE, MSR_FS_BASE };

static void run_with_registers(void *argument)
{
	u64 wanted[REGISTERS], cr2 = 0x123456789000, random = *(u64 *)argument;

	for (unsigned int i = 0; i < ARRAY_SIZE(kept_msrs); i++)
		wrmsr(kept_msrs[i], 0x1000 * (i + 1) + 1);
	asm volatile("mov %0, %%cr2" ::"r"(cr2));
	for (unsigned int i = 0; i < REGISTERS; i++)
		registers.value[i] = wanted[i] = random_next(&random);
	turn(&registers);
	for (unsigned int i = 0; i < REGISTERS; i++)
		EXPECT_EQ(wanted[i], registers.value[i]);
	EXPECT_EQ(cr2, read_cr2());
	for (unsigned int i = 0; i < ARRAY_SIZE(kept_msrs); i++)
		EXPECT_EQ(0x1000 * (i + 1) + 1, rdmsr(kept_msrs[i]));
	EXPECT_EQ(1, apic_read(APIC_ID) >> 24);
}

TEST(cpu_survives, "the registers of a CPU beside the boot CPU survive its move to a fresh VM",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_REGS, KVM_GET_SREGS, KVM_GET_MSRS"),
     NEEDS(APIC | SYSCALL), CPUS(2), ACTIONS(SAVE | RESTORE), CASES(ROUNDS))
{
	u64 random = run_request()->seed;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		CASE ("round=%u", round) {
			memset(&registers, 0, sizeof(registers));
			ASSERT(cpu_start(1, run_with_registers, &random));
			cpu_wait_for(&registers.turns, 1);
			sync(SAVE | RESTORE);
			cpu_wait_for(&registers.turns, registers.turns + 1);
			registers.stop = 1;
			cpu_wait(1);
			random_next(&random);
		}
	}
}

/* --- halted --- */

static void take(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

static void halt(void *argument)
{
	(void)argument;
	ready = 1;
	while (!stop)
		halt_for_interrupt();
}

TEST(halted_cpu_survives, "a CPU that is halted moves to a fresh VM, and an IPI wakes it there",
     LAW("SDM vol. 2A, HLT; Documentation/virt/kvm/api.rst, KVM_GET_MP_STATE"), NEEDS(APIC),
     CPUS(2), ACTIONS(SAVE | RESTORE), CASES(ROUNDS))
{
	set_handler(VECTOR, take);
	ready = stop = taken = 0;
	ASSERT(cpu_start(1, halt, NULL));
	cpu_wait_for(&ready, 1);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		CASE ("round=%u", round) {
			/* Time to halt. */
			for (unsigned int i = 0; i < 100; i++)
				inb(0x80);
			sync(SAVE | RESTORE);
			EXPECT_EQ(round, taken);
			cpu_ipi(1, IPI_FIXED | VECTOR);
			cpu_wait_for(&taken, round + 1);
		}
	}
	EXPECT_EQ(ROUNDS, taken);
	stop = 1;
	/* If it has not halted again it ends without taking this. */
	cpu_ipi(1, IPI_FIXED | VECTOR);
	cpu_wait(1);
}

/* --- an interrupt under way --- */

static void wait_with_interrupts_off(void *argument)
{
	(void)argument;
	ready = 1;
	while (!stop)
		;
	EXPECT_EQ(0, taken);
	sti();
	while (!taken)
		inb(0x80);
	cli();
}

TEST(pending_ipi_survives, "an IPI that a CPU has not taken yet moves with it to a fresh VM",
     LAW("SDM vol. 3A, Interrupt Acceptance for Fixed Interrupts; "
	 "Documentation/virt/kvm/api.rst, KVM_GET_LAPIC"),
     NEEDS(APIC), CPUS(2), ACTIONS(SAVE | RESTORE), CASES(ROUNDS))
{
	set_handler(VECTOR, take);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		CASE ("round=%u", round) {
			ready = stop = taken = 0;
			ASSERT(cpu_start(1, wait_with_interrupts_off, NULL));
			cpu_wait_for(&ready, 1);
			cpu_ipi(1, IPI_FIXED | VECTOR);
			sync(SAVE | RESTORE);
			stop = 1;
			cpu_wait(1);
			EXPECT_EQ(1, taken);
		}
	}
}

/* --- waiting for a SIPI --- */

static void note_start(void *argument)
{
	(void)argument;
	ready++;
}

static void count_on(void *word)
{
	for (;;)
		++*(volatile u64 *)word;
}

TEST(reset_stops_cpus, "a reset of the machine stops the CPUs beside the boot CPU",
     LAW("SDM vol. 3A, Processor State After Reset; MP Initialization"), NEEDS(APIC), CPUS(2),
     ACTIONS(RESET))
{
	/* Outside the image, which the host loads again. */
	volatile u64 *word = (volatile u64 *)TEST_MEMORY;
	u64 before;

	if (!resets()) {
		*word = 0;
		ASSERT(cpu_start(1, count_on, (void *)word));
		cpu_wait_for(word, 1);
		sync(RESET);
		test_error("the guest went on behind a reset");
	}
	before = *word;
	for (unsigned int i = 0; i < 500; i++)
		inb(0x80);
	EXPECT_EQ(before, *word);
	ready = 0;
	ASSERT(cpu_start(1, note_start, NULL));
	cpu_wait(1);
	EXPECT_EQ(1, ready);
}

TEST(waiting_cpu_survives, "a CPU that waits for a SIPI still waits in a fresh VM, and starts",
     LAW("SDM vol. 3A, MP Initialization; Documentation/virt/kvm/api.rst, KVM_GET_MP_STATE"),
     NEEDS(APIC), CPUS(3), ACTIONS(SAVE | RESTORE), CASES(ROUNDS))
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		CASE ("round=%u", round) {
			unsigned int cpu = 1 + round % 2;

			ready = 0;
			cpu_ipi(cpu, IPI_INIT);
			sync(SAVE | RESTORE);
			EXPECT_EQ(0, ready);
			ASSERT(cpu_sipi(cpu, CPU_PAGE, note_start, NULL));
			cpu_wait(cpu);
			EXPECT_EQ(1, ready);
		}
	}
}
