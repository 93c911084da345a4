// SPDX-License-Identifier: GPL-2.0-only
/*
 * What waits while a CPU is in system-management mode, and what an SMI waits for (SDM
 * vol. 3C, SMM: Handling Multiple SMIs, NMI Handling While in SMM, Interrupts).
 */
#include "x86/boot/smm.h"

enum { INTERRUPT = 0x61 };

static u64 nmis, interrupts, nmis_in_smm, interrupts_in_smm, entries_in_smm;

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	nmis++;
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

static void open(void (*handler)(void))
{
	smm_open(handler);
	nmis = interrupts = 0;
	nmis_in_smm = interrupts_in_smm = entries_in_smm = ~0ull;
	set_handler(VECTOR_NMI, on_nmi);
	set_handler(INTERRUPT, on_interrupt);
}

/* Exits, behind which a host delivers what it may. */
static void give_time(void)
{
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
}

static unsigned int injections;
static u64 moves; /* SAVE | RESTORE or nothing */

static void nmi_in_handler(void)
{
	for (unsigned int i = 0; i < injections; i++)
		sync(INJECT_NMI);
	if (moves)
		sync(moves);
	give_time();
	nmis_in_smm = nmis;
}

static void nmi_test(u64 move)
{
	moves = move;
	for (injections = 1; injections <= 2; injections++)
		CASE ("nmis=%u", injections) {
			open(nmi_in_handler);
			smm_halt();
			give_time();
			EXPECT_EQ(1, smm.entries);
			EXPECT_EQ(0, nmis_in_smm);
			EXPECT_EQ(1, nmis);
		}
}

#define WHERE                                                                                      \
	LAW("SDM vol. 3C, NMI Handling While in SMM; APM vol. 2, Exceptions and Interrupts in "    \
	    "SMM")

TEST(nmi_waits, "NMIs in an SMI handler wait for its RSM, and become one", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI | INJECT_NMI), CASES(2))
{
	nmi_test(0);
}

TEST(nmi_waits_across_save, "NMIs in an SMI handler that moved to a fresh VM wait for its RSM",
     WHERE, ACTIONS(WAIT_HALTED | INJECT_SMI | INJECT_NMI | SAVE | RESTORE), CASES(2))
{
	nmi_test(SAVE | RESTORE);
}

static void interrupt_in_handler(void)
{
	apic_self_ipi(INTERRUPT);
	give_time();
	interrupts_in_smm = interrupts;
}

TEST(interrupt_waits, "an interrupt in an SMI handler waits for its RSM and for IF",
     LAW("SDM vol. 3C, SMM, Exceptions and Interrupts Within SMM"), NEEDS(APIC),
     ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	open(interrupt_in_handler);
	smm_halt();
	EXPECT_EQ(0, interrupts_in_smm);
	give_time();
	EXPECT_EQ(0, interrupts);
	take_interrupts();
	EXPECT_EQ(1, interrupts);
}

/* The second entry raises nothing. */
static void smi_in_handler(void)
{
	if (smm.entries > 1)
		return;
	for (unsigned int i = 0; i < injections; i++)
		sync(INJECT_SMI);
	if (moves)
		sync(moves);
	give_time();
	entries_in_smm = smm.entries;
}

static void smi_test(u64 move)
{
	moves = move;
	for (injections = 1; injections <= 3; injections++)
		CASE ("smis=%u", injections) {
			open(smi_in_handler);
			smm_halt();
			give_time();
			EXPECT_EQ(1, entries_in_smm);
			EXPECT_EQ(2, smm.entries);
		}
}

TEST(smi_waits, "SMIs in an SMI handler wait for its RSM, and become one",
     LAW("SDM vol. 3C, Handling Multiple SMIs"), ACTIONS(WAIT_HALTED | INJECT_SMI), CASES(3))
{
	smi_test(0);
}

TEST(smi_waits_across_save, "SMIs in an SMI handler that moved to a fresh VM wait for its RSM",
     LAW("SDM vol. 3C, Handling Multiple SMIs"), ACTIONS(WAIT_HALTED | INJECT_SMI | SAVE | RESTORE),
     CASES(3))
{
	smi_test(SAVE | RESTORE);
}

TEST(pending_across_save, "an SMI that is pending moves to a fresh VM and comes there, once",
     LAW("SDM vol. 3C, SMI Interrupt"), ACTIONS(INJECT_SMI | SAVE | RESTORE))
{
	smm_open(NULL);
	sync(INJECT_SMI | SAVE | RESTORE);
	give_time();
	EXPECT_EQ(1, smm.entries);
	EXPECT_EQ(RFLAGS_FIXED, smm.found.eflags);
}

/* --- an SMI within an NMI's handler --- */

static u64 nested_nmis, smi_in_nmi;

static void nmi_with_smi(struct trap_frame *f)
{
	(void)f;
	if (nmis++)
		return;
	smm_halt();
	smi_in_nmi = smm.entries;
	/* RSM has not unblocked NMIs. */
	sync(INJECT_NMI);
	give_time();
	nested_nmis = nmis;
}

static void move_in_handler(void)
{
	if (moves)
		sync(moves);
}

static void within_nmi(u64 move)
{
	open(move_in_handler);
	set_handler(VECTOR_NMI, nmi_with_smi);
	moves = move;
	nested_nmis = smi_in_nmi = ~0ull;
	sync(WAIT_HALTED | INJECT_NMI);
	asm volatile("hlt" ::: "memory");
	give_time();
	EXPECT_EQ(1, smi_in_nmi);
	EXPECT_EQ(1, nested_nmis);
	EXPECT_EQ(2, nmis);
}

TEST(within_nmi, "an SMI in an NMI's handler leaves NMIs blocked behind its RSM", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI | INJECT_NMI))
{
	within_nmi(0);
}

TEST(within_nmi_across_save,
     "an SMI handler within an NMI's that moved to a fresh VM leaves NMIs blocked", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI | INJECT_NMI | SAVE | RESTORE))
{
	within_nmi(SAVE | RESTORE);
}
