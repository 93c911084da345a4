// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two intercepts of writes to CR0.  The selective one is for bits other than TS
 * and MP that change; LMSW meets it whatever it writes, CLTS never; where both are
 * set the general one is the one that exits.
 */
#include "x86/nested/svm.h"

L2_CODE(mov, "mov %cr0, %rax; xor %rdi, %rax", "mov %rax, %cr0", "");
L2_CODE(clear_ts, "", "clts", "");
L2_CODE(lmsw_register, "mov %cr0, %rax; xor %rdi, %rax", "lmsw %ax", "");
L2_CODE(lmsw_memory, "mov %cr0, %rax; xor %rdi, %rax; mov %rax, (%rsi)", "lmsw (%rsi)", "");

/* The same, where KVM's emulator executes it: the prefix of kvm.force_emulation_prefix. */
L2_CODE(mov_forced, "mov %cr0, %rax; xor %rdi, %rax; " FORCED, "mov %rax, %cr0", "");
L2_CODE(clear_ts_forced, FORCED, "clts", "");
L2_CODE(lmsw_register_forced, "mov %cr0, %rax; xor %rdi, %rax; " FORCED, "lmsw %ax", "");
L2_CODE(lmsw_memory_forced, "mov %cr0, %rax; xor %rdi, %rax; mov %rax, (%rsi); " FORCED,
	"lmsw (%rsi)", "");

enum way { MOV, CLTS, LMSW_REGISTER, LMSW_MEMORY };
static const struct l2_code *const native[] = {
	[MOV] = &mov,
	[CLTS] = &clear_ts,
	[LMSW_REGISTER] = &lmsw_register,
	[LMSW_MEMORY] = &lmsw_memory,
};
static const struct l2_code *const forced[] = {
	[MOV] = &mov_forced,
	[CLTS] = &clear_ts_forced,
	[LMSW_REGISTER] = &lmsw_register_forced,
	[LMSW_MEMORY] = &lmsw_memory_forced,
};

static const struct row {
	const char *name;
	enum way way;
	u64 change;
	bool selected;
} rows[] = {
	{ "mov,change=none", MOV, 0, false },
	{ "mov,change=TS", MOV, CR0_TS, false },
	{ "mov,change=MP", MOV, CR0_MP, false },
	{ "mov,change=TS+MP", MOV, CR0_TS | CR0_MP, false },
	{ "mov,change=EM", MOV, CR0_EM, true },
	{ "mov,change=NE", MOV, CR0_NE, true },
	{ "mov,change=WP", MOV, CR0_WP, true },
	{ "mov,change=AM", MOV, CR0_AM, true },
	{ "mov,change=CD", MOV, CR0_CD, true },
	{ "mov,change=TS+WP", MOV, CR0_TS | CR0_WP, true },
	{ "clts,change=none", CLTS, 0, false },
	{ "clts,change=TS", CLTS, CR0_TS, false },
	{ "lmsw,change=none", LMSW_REGISTER, 0, true },
	{ "lmsw,change=TS", LMSW_REGISTER, CR0_TS, true },
	{ "lmsw,change=EM", LMSW_REGISTER, CR0_EM, true },
	{ "lmsw-memory,change=none", LMSW_MEMORY, 0, true },
	{ "lmsw-memory,change=MP", LMSW_MEMORY, CR0_MP, true },
};
enum { ROWS = ARRAY_SIZE(rows) };

enum which { NEITHER, SELECTIVE, GENERAL, BOTH, WHICH };

static void write_cr0_in_l2(const struct l2_code *const code[])
{
	static const char *const which_name[] = { "neither", "selective", "general", "both" };
	static u64 operand;

	for (unsigned int i = 0; i < ROWS * WHICH; i++) {
		const struct row *r = &rows[i / WHICH];
		const struct l2_code *c = code[r->way];
		enum which which = i % WHICH;
		u64 cr0;

		CASE ("write=%s,intercept=%s", r->name, which_name[which]) {
			l2_begin();
			if (which & SELECTIVE)
				l2_intercept(SVM_EXIT_CR0_SEL_WRITE);
			if (which & GENERAL)
				l2_intercept(SVM_EXIT_CR0_WRITE);
			if (r->way == CLTS)
				l2.vmcb->save.cr0 |= r->change;
			cr0 = l2.vmcb->save.cr0;
			l2.regs.rdi = r->change;
			l2.regs.rsi = (u64)&operand;
			l2_run_at(c->begin);
			if (which & GENERAL ? EXPECT_EXIT_AT(SVM_EXIT_CR0_WRITE, *c)
			    : which == SELECTIVE && r->selected
				    ? EXPECT_EXIT_AT(SVM_EXIT_CR0_SEL_WRITE, *c)
				    : EXPECT_END(*c))
				EXPECT_EQ(l2.ran ? cr0 ^ r->change : cr0, l2.vmcb->save.cr0);
		}
	}
}

TEST(selective_cr0_write, "a write to CR0 meets the selective intercept or the general one",
     LAW("APM vol. 2, State Switch Intercepts, Selective CR0 Write; Instruction Intercepts"),
     NEEDS(SVM), CASES(ROWS *WHICH))
{
	write_cr0_in_l2(native);
}

TEST(selective_cr0_write_forced,
     "a write to CR0 that the host's emulator executes meets the intercept that it would else",
     LAW("APM vol. 2, State Switch Intercepts, Selective CR0 Write; Instruction Intercepts"),
     FIXES(FIX("3d80f4c93d3d", "KVM: nSVM: Avoid incorrect injection of SVM_EXIT_CR0_SEL_WRITE")
		   FIX("5674a76db021",
		       "KVM: nSVM: Propagate SVM_EXIT_CR0_SEL_WRITE correctly for LMSW emulation")),
     NEEDS(SVM), CASES(ROWS *WHICH))
{
	need_forced_emulation();
	write_cr0_in_l2(forced);
}
