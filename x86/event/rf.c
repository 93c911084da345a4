// SPDX-License-Identifier: GPL-2.0-only
/*
 * RF in the pushed image (SDM vol. 3B, 17.3.1.1): 1 for faults, but not for
 * instruction breakpoints; as it was, which is 0, for everything that comes
 * between two instructions.
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(div_zero, "xor %ecx, %ecx", "divl %ecx", "");
SNIPPET(load, "", "mov (%rdi), %rax", "");
SNIPPET(step, "", "nop", "nop");
SNIPPET(int3, "", "int3", "");
SNIPPET(sti_hlt, "", "sti; hlt", "cli");
SNIPPET(int_n, "", "int $0x40", "nop");
SNIPPET(identify, "", "cpuid", "nop");
SNIPPET(port, "", "in $0x80, %al", "nop");
SNIPPET(device, "", "mov (%rdi), %eax", "nop");
SNIPPET(device_add, "", "addl %eax, (%rdi)", "nop");

static void expect_rf(unsigned int vector, bool wanted)
{
	if (EXPECT_SEEN((u16)vector))
		EXPECT_FLAGS(rflags_names, wanted ? RFLAGS_RF : 0,
			     seen_word(0, WORD_RFLAGS) & RFLAGS_RF);
}

static void faults(unsigned int cpl)
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
		u64 argument;
		enum vector vector;
	} rows[] = {
		{ "ud", &undefined, 0, VECTOR_UD },
		{ "de", &div_zero, 0, VECTOR_DE },
		{ "gp", &load, NON_CANONICAL, VECTOR_GP },
		{ "pf", &load, 0x411000000000, VECTOR_PF },
	};

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("fault=%s", rows[i].name) {
			stage_run(rows[i].snippet, cpl, STAGE_RFLAGS, rows[i].argument);
			expect_rf(rows[i].vector, true);
		}
}

TEST(faults_push_rf_at_cpl0, "a fault pushes RF = 1, at CPL 0", LAW("SDM vol. 3B, 17.3.1.1"),
     CASES(4))
{
	faults(0);
}

TEST(faults_push_rf_at_cpl3, "a fault pushes RF = 1, at CPL 3", LAW("SDM vol. 3B, 17.3.1.1"),
     CASES(4))
{
	faults(3);
}

static void traps(unsigned int cpl)
{
	stage_open();
	CASE ("trap=single-step") {
		stage_run(&step, cpl, STAGE_RFLAGS | RFLAGS_TF, 0);
		expect_rf(VECTOR_DB, false);
	}
	write_dr6(DR6_FIXED);
	CASE ("trap=instruction-breakpoint") {
		write_dr0(stage_address(step.at, cpl));
		write_dr7(DR7_FIXED | DR7_G0);
		stage_run(&step, cpl, STAGE_RFLAGS, 0);
		write_dr7(DR7_FIXED);
		expect_rf(VECTOR_DB, false);
	}
	write_dr6(DR6_FIXED);
}

TEST(traps_push_no_rf_at_cpl0, "single steps and instruction breakpoints push RF = 0, at CPL 0",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(2))
{
	traps(0);
}

TEST(traps_push_no_rf_at_cpl3, "single steps and instruction breakpoints push RF = 0, at CPL 3",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(2))
{
	traps(3);
}

/* RF is cleared when the instruction begins: set before, it is 0 in the image. */
static void software(unsigned int cpl)
{
	stage_open();
	stage.returns[0x40] = false;
	for (unsigned int rf = 0; rf < 2; rf++) {
		u64 rflags = STAGE_RFLAGS | (rf ? RFLAGS_RF : 0);

		CASE ("instruction=int3,rf=%u", rf) {
			stage_gate(VECTOR_BP, GATE_INTERRUPT | GATE_DPL3, 0, true);
			stage_run(&int3, cpl, rflags, 0);
			expect_rf(VECTOR_BP, false);
		}
		CASE ("instruction=int-n,rf=%u", rf) {
			stage_gate_bare(0x40, GATE_INTERRUPT | GATE_DPL3, 0);
			stage_run(&int_n, cpl, rflags, 0);
			expect_rf(0x40, false);
		}
	}
}

TEST(software_interrupts_push_no_rf_at_cpl0, "INT n and INT3 push RF = 0, at CPL 0",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(4))
{
	software(0);
}

TEST(software_interrupts_push_no_rf_at_cpl3, "INT n and INT3 push RF = 0, at CPL 3",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(4))
{
	software(3);
}

TEST(interrupts_push_no_rf, "an interrupt between two instructions pushes RF = 0",
     LAW("SDM vol. 3B, 17.3.1.1"), NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	stage_open();
	stage.eoi = true;
	request_self(0x41);
	stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
	expect_rf(0x41, false);
}

/* What IRETQ loads holds for one instruction, whoever carries that out. */
TEST(rf_ends_with_its_instruction,
     "RF that IRET set is 0 behind one instruction, so that a breakpoint there is met",
     LAW("SDM vol. 3B, 17.3.1.1"), NEEDS(APIC), CASES(5))
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
	} rows[] = {
		{ "nop", &step },	    { "cpuid", &identify },	   { "in", &port },
		{ "device-load", &device }, { "device-add", &device_add },
	};

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s", rows[i].name) {
			u64 next = stage_address(rows[i].snippet->next, 0);

			write_dr6(DR6_FIXED);
			write_dr0(next);
			write_dr7(DR7_FIXED | DR7_G0);
			stage_run(rows[i].snippet, 0, STAGE_RFLAGS | RFLAGS_RF,
				  APIC_BASE_ADDRESS + APIC_TIMER_INITIAL);
			write_dr7(DR7_FIXED);
			write_dr6(DR6_FIXED);
			if (EXPECT_SEEN(VECTOR_DB))
				EXPECT_EQ(next, seen_word(0, WORD_RIP));
		}
}
