// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts from one CPU to another: each arrives there, once, and nowhere else.
 * A request of a vector that is pending already is the same request (SDM vol. 3A,
 * Interrupt Acceptance for Fixed Interrupts), so the next one of a vector is sent
 * only when the one before was taken.
 */
#include "x86/event/stage.h"

enum { SPURIOUS = 0xff, VECTOR_FIRST = 0xa0, VECTORS = 16, ROUNDS = 96, NMIS = 32 };

/* What arrived, by the CPU that took it. */
static volatile u64 taken[CPUS_MAX][VECTORS], nmis[CPUS_MAX], others[CPUS_MAX];
static volatile u64 stop, sent_back;

static void count(struct trap_frame *f)
{
	unsigned int cpu = cpu_number();

	if (f->vector - VECTOR_FIRST < VECTORS)
		taken[cpu][f->vector - VECTOR_FIRST]++;
	else
		others[cpu]++;
	apic_eoi();
}

/* The spurious-interrupt vector may come at any time, and takes no EOI. */
static void ignore(struct trap_frame *f)
{
	(void)f;
}

static void count_nmi(struct trap_frame *f)
{
	(void)f;
	nmis[cpu_number()]++;
}

static void begin(void)
{
	memset((void *)taken, 0, sizeof(taken));
	memset((void *)nmis, 0, sizeof(nmis));
	memset((void *)others, 0, sizeof(others));
	stop = sent_back = 0;
	for (unsigned int v = 32; v < SPURIOUS; v++)
		set_handler(v, count);
	set_handler(SPURIOUS, ignore);
	set_handler(VECTOR_NMI, count_nmi);
}

/* Interrupts on, and an exit now and then, where some hosts deliver late otherwise. */
static void let_in(void)
{
	sti();
	inb(0x80);
	cli();
}

static void wait_until(const volatile u64 *word, u64 value)
{
	while (*word < value) {
		let_in();
		cpu_relax();
	}
}

/* --- one way --- */

/* Until it is told to stop; with a pointer to a word that is 0, interrupts stay off. */
static void take(void *interrupts)
{
	while (!stop) {
		if (!interrupts || *(u64 *)interrupts)
			let_in();
		else
			inb(0x80);
	}
}

static void expect_sums(unsigned int cpu, const u64 *wanted)
{
	for (unsigned int i = 0; i < VECTORS; i++)
		if (!EXPECT_EQ(wanted[i], taken[cpu][i]))
			note("that was vector %u on CPU %u", VECTOR_FIRST + i, cpu);
	EXPECT_EQ(0, others[cpu]);
	EXPECT_EQ(0, nmis[cpu]);
}

TEST(ipi_to_another, "an IPI to another CPU is taken there once, and by no other CPU",
     LAW("SDM vol. 3A, Issuing Interprocessor Interrupts; Interrupt Acceptance for Fixed "
	 "Interrupts"),
     NEEDS(APIC), CPUS(3))
{
	u64 wanted[CPUS_MAX][VECTORS] = { 0 }, random = run_request()->seed;

	begin();
	ASSERT(cpu_start(1, take, NULL));
	ASSERT(cpu_start(2, take, NULL));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int n = random_next(&random) % VECTORS, cpu = 1 + (random >> 40 & 1);

		cpu_ipi(cpu, IPI_FIXED | (VECTOR_FIRST + n));
		wait_until(&taken[cpu][n], ++wanted[cpu][n]);
		heartbeat();
	}
	stop = 1;
	cpu_wait(1);
	cpu_wait(2);
	for (unsigned int cpu = 0; cpu < 3; cpu++)
		expect_sums(cpu, wanted[cpu]);
}

TEST(ipi_burst, "IPIs of 16 vectors that are sent at once arrive once each",
     LAW("SDM vol. 3A, Interrupt Acceptance for Fixed Interrupts"), NEEDS(APIC), CPUS(2))
{
	u64 wanted[VECTORS] = { 0 };

	begin();
	ASSERT(cpu_start(1, take, NULL));
	for (unsigned int i = 0; i < ROUNDS / VECTORS; i++) {
		for (unsigned int n = 0; n < VECTORS; n++) {
			cpu_ipi(1, IPI_FIXED | (VECTOR_FIRST + n));
			wanted[n]++;
		}
		for (unsigned int n = 0; n < VECTORS; n++)
			wait_until(&taken[1][n], wanted[n]);
	}
	stop = 1;
	cpu_wait(1);
	expect_sums(1, wanted);
}

/* --- both ways at once --- */

static void ping_pong(unsigned int to, volatile u64 *sent)
{
	for (u64 i = 0; i < ROUNDS; i++) {
		unsigned int n = i % VECTORS;

		cpu_ipi(to, IPI_FIXED | (VECTOR_FIRST + n));
		*sent = i + 1;
		wait_until(&taken[to][n], i / VECTORS + 1);
	}
}

static void send_back(void *argument)
{
	(void)argument;
	ping_pong(0, &sent_back);
	while (!stop)
		let_in();
}

TEST(ipi_storm, "IPIs that two CPUs send each other at once arrive once each",
     LAW("SDM vol. 3A, Interrupt Acceptance for Fixed Interrupts"), NEEDS(APIC), CPUS(2),
     FLAGS(TEST_HAS_WINDOW))
{
	u64 wanted[VECTORS], sent;

	begin();
	for (unsigned int n = 0; n < VECTORS; n++)
		wanted[n] = (ROUNDS + VECTORS - 1 - n) / VECTORS;
	ASSERT(cpu_start(1, send_back, NULL));
	cpu_wait_for(&sent_back, 1);
	ping_pong(1, &sent);
	sent = sent_back;
	wait_until(&sent_back, ROUNDS);
	wait_until(&taken[0][(ROUNDS - 1) % VECTORS], wanted[(ROUNDS - 1) % VECTORS]);
	stop = 1;
	cpu_wait(1);
	let_in();
	expect_sums(0, wanted);
	expect_sums(1, wanted);
	window("IPIs came while others were sent", sent);
}

/* --- NMIs --- */

TEST(ipi_nmi, "an NMI that is sent to another CPU is taken there once, with interrupts off too",
     LAW("SDM vol. 3A, Interrupt Command Register (ICR); Handling Multiple NMIs"), NEEDS(APIC),
     CPUS(2), CASES(2))
{
	for (u64 flag = 0; flag < 2; flag++) {
		CASE ("if=%u", (unsigned int)flag) {
			begin();
			ASSERT(cpu_start(1, take, &flag));
			for (u64 i = 1; i <= NMIS; i++) {
				cpu_ipi(1, IPI_NMI);
				cpu_wait_for(&nmis[1], i);
			}
			stop = 1;
			cpu_wait(1);
			EXPECT_EQ(NMIS, nmis[1]);
			EXPECT_EQ(0, nmis[0]);
		}
	}
}
