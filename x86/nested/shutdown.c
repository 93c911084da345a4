// SPDX-License-Identifier: GPL-2.0-only
/*
 * An L2 that can deliver nothing shuts down: whatever began it, and whatever the
 * reason for which the table, the stack or the handler of #DF is not there.
 */
#include "x86/nested/svm.h"

/* No paging structure maps it. */
#define UNMAPPED 0x411000000000ull

L2_CODE(undefined, "", "ud2", "");
L2_CODE(int_n, "", "int $0x50", "");
L2_CODE(read_rdi, "", "mov (%rdi), %rax", "");
L2_CODE(divide, "xor %ecx, %ecx", "div %ecx", "");

static const struct {
	const char *name;
	const struct l2_code *code;
} firsts[] = { { "UD", &undefined }, { "INT-n", &int_n }, { "PF", &read_rdi }, { "DE", &divide } };

enum reason { NO_IDT, SHORT_IDT, NO_STACK, REASONS };
static const char *const reason_name[] = { "IDT-not-mapped", "IDT-limit-0", "stack-not-mapped" };

static void begin(enum reason reason)
{
	l2_begin();
	l2.regs.rdi = UNMAPPED + 0x3000;
	if (reason == NO_IDT)
		l2.vmcb->save.idtr.base = UNMAPPED;
	else if (reason == SHORT_IDT)
		l2.vmcb->save.idtr.limit = 0;
	else
		l2.vmcb->save.rsp = UNMAPPED + 0x800;
}

TEST(l2_shuts_down, "an L2 that cannot deliver #DF either exits by SHUTDOWN",
     LAW("APM vol. 2, Shutdown Intercept; Double-Fault Exception"), NEEDS(SVM),
     CASES(ARRAY_SIZE(firsts) * REASONS))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(firsts) * REASONS; i++) {
		enum reason reason = i % REASONS;

		CASE ("first=%s,reason=%s", firsts[i / REASONS].name, reason_name[reason]) {
			begin(reason);
			l2_run_at(firsts[i / REASONS].code->begin);
			EXPECT_EXIT(SVM_EXIT_SHUTDOWN);
			/* L1 and its interrupts are as before. */
			l2_begin();
			l2_run_at(undefined.begin);
			EXPECT_L2_EVENT(VECTOR_UD);
		}
	}
}
