// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that hosts are known to get wrong one by one, so that each deviation
 * costs one small test (SDM vol. 3A, 6.12.1.3, 6.15; vol. 2, the instructions).
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(load_rbp, "mov %rdi, %rbp", "mov 0(%rbp), %rax", "");
SNIPPET(reserved_cr4, "mov $0x80000000, %eax", "mov %rax, %cr4", "");
SNIPPET(read_word, "", "mov (%rdi), %ax", "");

static void one(const struct snippet *snippet, unsigned int cpl, u64 rflags, u64 argument,
		struct event event)
{
	stage_open();
	stage_each_gate("this", snippet, cpl, rflags, argument, &event);
}

#define FAULT(name, ...)                                                                           \
	((struct event){ .kind = EVENT_FAULT, .vector = VECTOR_##name, ##__VA_ARGS__ })

TEST(nt_at_cpl0, "NT is pushed as it was and clear in a handler, from CPL 0",
     LAW("SDM vol. 3A, 6.12.1.3"), CASES(STAGE_GATES))
{
	one(&undefined, 0, STAGE_RFLAGS | RFLAGS_NT, 0, FAULT(UD));
}

TEST(nt_at_cpl3, "NT is pushed as it was and clear in a handler, from CPL 3",
     LAW("SDM vol. 3A, 6.12.1.3"), CASES(STAGE_GATES))
{
	one(&undefined, 3, STAGE_RFLAGS | RFLAGS_NT, 0, FAULT(UD));
}

TEST(iopl_at_cpl3, "IOPL is pushed and stays in the handler, from CPL 3",
     LAW("SDM vol. 3A, 6.12.1.3"), CASES(STAGE_GATES))
{
	one(&undefined, 3, STAGE_RFLAGS | RFLAGS_IOPL, 0, FAULT(UD));
}

TEST(non_canonical_stack_at_cpl0, "a non-canonical access by RBP is #SS(0) at CPL 0",
     LAW("SDM vol. 3A, 6.15, #SS; vol. 1, 3.3.7.1"), CASES(STAGE_GATES))
{
	one(&load_rbp, 0, STAGE_RFLAGS, NON_CANONICAL, FAULT(SS));
}

TEST(non_canonical_stack_at_cpl3, "a non-canonical access by RBP is #SS(0) at CPL 3",
     LAW("SDM vol. 3A, 6.15, #SS; vol. 1, 3.3.7.1"), CASES(STAGE_GATES))
{
	one(&load_rbp, 3, STAGE_RFLAGS, NON_CANONICAL, FAULT(SS));
}

TEST(reserved_cr4_at_cpl0, "a reserved bit in CR4 is #GP(0)",
     LAW("SDM vol. 3A, 2.5; vol. 2B, MOV to control registers"), CASES(STAGE_GATES))
{
	one(&reserved_cr4, 0, STAGE_RFLAGS, 0, FAULT(GP));
}

TEST(cr4_at_cpl3, "MOV to CR4 is #GP(0) at CPL 3", LAW("SDM vol. 3A, 5.9"), CASES(STAGE_GATES))
{
	one(&reserved_cr4, 3, STAGE_RFLAGS, 0, FAULT(GP));
}

TEST(alignment_check, "a misaligned access is #AC(0) at CPL 3 with CR0.AM and RFLAGS.AC set",
     LAW("SDM vol. 3A, 6.15, #AC"), CASES(STAGE_GATES))
{
	const struct event event = FAULT(AC);

	stage_open();
	stage.handler_open = RFLAGS_AC;
	stage_each_gate("this", &read_word, 3, STAGE_RFLAGS | RFLAGS_AC,
			(u64)USER(user_stack + 1), &event);
}

TEST(ac_at_cpl0, "RFLAGS.AC is pushed and stays in the handler, from CPL 0",
     LAW("SDM vol. 3A, 6.12.1.3"), CASES(STAGE_GATES))
{
	one(&undefined, 0, STAGE_RFLAGS | RFLAGS_AC, 0, FAULT(UD));
}

TEST(ac_at_cpl3, "RFLAGS.AC is pushed and stays in the handler, from CPL 3",
     LAW("SDM vol. 3A, 6.12.1.3"), CASES(STAGE_GATES))
{
	one(&undefined, 3, STAGE_RFLAGS | RFLAGS_AC, 0, FAULT(UD));
}
