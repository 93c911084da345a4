// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single steps over instructions that a host may complete itself: the trap comes
 * behind each of them, once, as behind any other (SDM vol. 3B, 17.3.1.4).
 */
#include "x86/event/stage.h"

/* TF is set by POPF: the instruction behind it is the first that traps. */
#define STEPPED(name, before, instruction)                                                         \
	SNIPPET(name, before "; pushfq; orq $0x100, (%rsp); popfq", instruction, "nop; nop")

STEPPED(nop_, "nop", "nop");
STEPPED(cpuid_, "xor %eax, %eax", "cpuid");
STEPPED(rdmsr_, "mov $0xc0000080, %ecx", "rdmsr");
STEPPED(wrmsr_, "mov $0x277, %ecx; rdmsr", "wrmsr");
STEPPED(rdmsr_of_apic, "mov $0x1b, %ecx", "rdmsr");
STEPPED(in_host, "nop", "in $0x80, %al");
STEPPED(out_host, "nop", "out %al, $0x80");
STEPPED(in_kernel, "nop", "in $0x21, %al");
STEPPED(out_kernel, "in $0x21, %al", "out %al, $0x21");
STEPPED(insb_, "sub $256, %rsp; mov %rsp, %rdi; mov $0x80, %edx", "insb");
STEPPED(outsb_, "mov %rsp, %rsi; mov $0x80, %edx", "outsb");
STEPPED(rdtsc_, "nop", "rdtsc");
STEPPED(mov_from_cr0, "nop", "mov %cr0, %rax");
STEPPED(mov_to_cr0, "mov %cr0, %rax", "mov %rax, %cr0");
STEPPED(mov_to_cr3, "mov %cr3, %rax", "mov %rax, %cr3");
STEPPED(mov_to_cr4, "mov %cr4, %rax", "mov %rax, %cr4");
STEPPED(mov_to_cr8, "mov %cr8, %rax", "mov %rax, %cr8");
STEPPED(mov_from_dr0, "nop", "mov %dr0, %rax");
STEPPED(mov_to_dr0, "mov %dr0, %rax", "mov %rax, %dr0");
STEPPED(clts_, "nop", "clts");
STEPPED(invlpg_, "nop", "invlpg (%rdi)");
STEPPED(wbinvd_, "nop", "wbinvd");
STEPPED(pause_, "nop", "pause");
STEPPED(apic_load, "mov $0xfee00000, %eax", "mov 0x80(%rax), %ecx");
STEPPED(apic_store, "mov $0xfee00000, %eax; xor %ecx, %ecx", "mov %ecx, 0x280(%rax)");

static const struct row {
	const char *name;
	const struct snippet *snippet;
} rows[] = {
	{ "nop", &nop_ },
	{ "cpuid", &cpuid_ },
	{ "rdmsr", &rdmsr_ },
	{ "rdmsr-of-APIC_BASE", &rdmsr_of_apic },
	{ "wrmsr", &wrmsr_ },
	{ "in", &in_host },
	{ "out", &out_host },
	{ "in-of-8259", &in_kernel },
	{ "out-to-8259", &out_kernel },
	{ "insb", &insb_ },
	{ "outsb", &outsb_ },
	{ "rdtsc", &rdtsc_ },
	{ "mov-from-cr0", &mov_from_cr0 },
	{ "mov-to-cr0", &mov_to_cr0 },
	{ "mov-to-cr3", &mov_to_cr3 },
	{ "mov-to-cr4", &mov_to_cr4 },
	{ "mov-to-cr8", &mov_to_cr8 },
	{ "mov-from-dr0", &mov_from_dr0 },
	{ "mov-to-dr0", &mov_to_dr0 },
	{ "clts", &clts_ },
	{ "invlpg", &invlpg_ },
	{ "wbinvd", &wbinvd_ },
	{ "pause", &pause_ },
	{ "load-of-APIC", &apic_load },
	{ "store-to-APIC", &apic_store },
};

TEST(step_over_exits,
     "a single step traps once behind an instruction that a host completes, with DR6.BS",
     LAW("SDM vol. 3B, Single-Step Exception Condition"), NEEDS(APIC), CASES(ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s", rows[i].name) {
			stage_open();
			write_dr6(DR6_FIXED);
			stage_run(rows[i].snippet, 0, STAGE_RFLAGS, (u64)&stage);
			if (!EXPECT_SEEN(VECTOR_DB))
				continue;
			EXPECT_EQ((u64)rows[i].snippet->next, seen_word(0, WORD_RIP));
			EXPECT_EQ(DR6_BS, stage.seen[0].dr6 & (DR6_BS | DR6_BD | DR6_BT));
			EXPECT_EQ(0, stage.seen[0].rflags & RFLAGS_TF);
		}
	write_dr6(DR6_FIXED);
}

/* --- REP: the trap is between two iterations too --- */

STEPPED(rep_outsb, "cld; mov %rsp, %rsi; mov $0x80, %edx; mov $3, %ecx", "rep outsb");
STEPPED(rep_insb, "cld; sub $256, %rsp; mov %rsp, %rdi; mov $0x80, %edx; mov $3, %ecx", "rep insb");

static u64 rip_of[4];

static void count_iterations(struct trap_frame *f)
{
	if (f->vector != VECTOR_DB)
		return;
	if (stage.count <= ARRAY_SIZE(rip_of))
		rip_of[stage.count - 1] = f->rip;
	if (stage.count >= ARRAY_SIZE(rip_of))
		f->rflags &= ~(u64)RFLAGS_TF;
}

TEST(step_over_rep, "a single step traps behind every iteration of REP INS and REP OUTS",
     LAW("SDM vol. 3B, Single-Step Exception Condition; vol. 2B, REP"), CASES(2))
{
	static const struct row reps[] = { { "outsb", &rep_outsb }, { "insb", &rep_insb } };

	for (unsigned int i = 0; i < ARRAY_SIZE(reps); i++)
		CASE ("instruction=%s", reps[i].name) {
			const struct snippet *s = reps[i].snippet;

			stage_open();
			stage.returns[VECTOR_DB] = true;
			stage.in_handler = count_iterations;
			stage_run(s, 0, STAGE_RFLAGS, 0);
			/* Three iterations, and the NOP behind. */
			EXPECT_SEEN(VECTOR_DB, VECTOR_DB, VECTOR_DB, VECTOR_DB);
			EXPECT_EQ((u64)s->at, rip_of[0]);
			EXPECT_EQ((u64)s->at, rip_of[1]);
			EXPECT_EQ((u64)s->next, rip_of[2]);
			EXPECT_EQ((u64)s->next + 1, rip_of[3]);
		}
	write_dr6(DR6_FIXED);
}
