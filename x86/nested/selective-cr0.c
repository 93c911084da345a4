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

static const struct row {
	const char *name;
	const struct l2_code *code;
	u64 change;
	bool selected;
} rows[] = {
	{ "mov,change=none", &mov, 0, false },
	{ "mov,change=TS", &mov, CR0_TS, false },
	{ "mov,change=MP", &mov, CR0_MP, false },
	{ "mov,change=TS+MP", &mov, CR0_TS | CR0_MP, false },
	{ "mov,change=EM", &mov, CR0_EM, true },
	{ "mov,change=NE", &mov, CR0_NE, true },
	{ "mov,change=WP", &mov, CR0_WP, true },
	{ "mov,change=AM", &mov, CR0_AM, true },
	{ "mov,change=CD", &mov, CR0_CD, true },
	{ "mov,change=TS+WP", &mov, CR0_TS | CR0_WP, true },
	{ "clts,change=none", &clear_ts, 0, false },
	{ "clts,change=TS", &clear_ts, CR0_TS, false },
	{ "lmsw,change=none", &lmsw_register, 0, true },
	{ "lmsw,change=TS", &lmsw_register, CR0_TS, true },
	{ "lmsw,change=EM", &lmsw_register, CR0_EM, true },
	{ "lmsw-memory,change=none", &lmsw_memory, 0, true },
	{ "lmsw-memory,change=MP", &lmsw_memory, CR0_MP, true },
};
enum { ROWS = ARRAY_SIZE(rows) };

enum which { NEITHER, SELECTIVE, GENERAL, BOTH, WHICH };

TEST(selective_cr0_write, "a write to CR0 meets the selective intercept or the general one",
     LAW("APM vol. 2, State Switch Intercepts, Selective CR0 Write; Instruction Intercepts"),
     NEEDS(SVM), CASES(ROWS * WHICH))
{
	static const char *const which_name[] = { "neither", "selective", "general", "both" };
	static u64 operand;

	for (unsigned int i = 0; i < ROWS * WHICH; i++) {
		const struct row *r = &rows[i / WHICH];
		enum which which = i % WHICH;
		u64 cr0;

		CASE("write=%s,intercept=%s", r->name, which_name[which])
		{
			l2_begin();
			if (which & SELECTIVE)
				l2_intercept(SVM_EXIT_CR0_SEL_WRITE);
			if (which & GENERAL)
				l2_intercept(SVM_EXIT_CR0_WRITE);
			if (r->code == &clear_ts)
				l2.vmcb->save.cr0 |= r->change;
			cr0 = l2.vmcb->save.cr0;
			l2.regs.rdi = r->change;
			l2.regs.rsi = (u64)&operand;
			l2_run_at(r->code->begin);
			if (which & GENERAL ? EXPECT_EXIT_AT(SVM_EXIT_CR0_WRITE, *r->code) :
			    which == SELECTIVE && r->selected ?
						  EXPECT_EXIT_AT(SVM_EXIT_CR0_SEL_WRITE, *r->code) :
						  EXPECT_END(*r->code))
				EXPECT_EQ(l2.ran ? cr0 ^ r->change : cr0, l2.vmcb->save.cr0);
		}
	}
}
