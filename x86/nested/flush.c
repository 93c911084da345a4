// SPDX-License-Identifier: GPL-2.0-only
/*
 * L1 edits tables between two VMRUNs: with TLB_CONTROL the next one goes by what
 * stands there, L2's own tables and nested ones, at each level.
 */
#include "x86/nested/npt.h"

L2_CODE(read_va, "", "mov (%rdi), %rax", "");
L2_CODE(write_va, "", "mov %rax, (%rdi)", "");

enum access { READ, WRITE, ACCESSES };
static const struct l2_code *const code[] = { &read_va, &write_va };
static const char *const access_name[] = { "read", "write" };

enum stage { GUEST, NESTED, STAGES };
static const char *const stage_name[] = { "guest", "nested" };

/* Another page with another content. */
#define OTHER_PAGE (NPT_PAGE - 0x1000)
#define OTHER_CONTENT 0x7766554433221100ull

static void run(enum access access)
{
	l2.regs.rdi = NPT_VA + NPT_OFFSET;
	l2.vmcb->save.rax = NPT_CONTENT;
	l2_run_at(code[access]->begin);
}

TEST(npt_lowered, "a right that L1 takes from a table between two VMRUNs is gone in the second",
     LAW("APM vol. 2, TLB Management, TLB Flush; Nested Paging"), NEEDS(SVM | NPT),
     CASES(STAGES * 4 * 2 * ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < STAGES * 4 * 2 * ACCESSES; i++) {
		enum stage stage = i / (4 * 2 * ACCESSES);
		unsigned int level = i / (2 * ACCESSES) % 4 + 1;
		u64 right = i / ACCESSES % 2 ? PTE_W : PTE_P;
		enum access access = i % ACCESSES;

		CASE ("stage=%s,level=%u,taken=%s,access=%s", stage_name[stage], level,
		      right == PTE_P ? "P" : "W", access_name[access]) {
			npt_begin(&n);
			run(access);
			EXPECT_END(*code[access]);
			*(stage == GUEST ? n.guest : n.nested)[level] &= ~right;
			run(access);
			if (right == PTE_W && access == READ)
				EXPECT_END(*code[access]);
			else if (stage == GUEST)
				EXPECT_L2_EVENT(VECTOR_PF);
			else
				EXPECT_EXIT(SVM_EXIT_NPF);
		}
	}
}

TEST(npt_remapped, "a page that L1 maps elsewhere between two VMRUNs is there in the second",
     LAW("APM vol. 2, TLB Management, TLB Flush; Nested Paging"), NEEDS(SVM | NPT), CASES(4))
{
	struct npt n;

	for (unsigned int i = 0; i < 4; i++)
		CASE ("stage=%s,before=%s", stage_name[i / 2], access_name[i % 2]) {
			npt_begin(&n);
			*(u64 *)(OTHER_PAGE + NPT_OFFSET) = OTHER_CONTENT;
			run(i % 2);
			EXPECT_END(*code[i % 2]);
			if (i / 2 == GUEST)
				*n.guest[1] = OTHER_PAGE | NPT_RIGHTS;
			else
				*n.nested[1] = OTHER_PAGE | NPT_RIGHTS;
			run(READ);
			if (EXPECT_END(read_va))
				EXPECT_EQ(OTHER_CONTENT, l2.vmcb->save.rax);
		}
}

/* --- without nested paging: L2 has tables of its own all the same --- */

static void own_tables(struct npt *n)
{
	npt_begin(n);
	l2.vmcb->control.np_enable = 0;
	*n->guest[1] = NPT_PAGE | NPT_RIGHTS;
}

TEST(tables_lowered,
     "without nested paging too a right taken from L2's tables is gone in the next VMRUN",
     LAW("APM vol. 2, TLB Management, TLB Flush"), NEEDS(SVM), CASES(4 * 2 * ACCESSES + 1))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * 2 * ACCESSES; i++) {
		unsigned int level = i / (2 * ACCESSES) + 1;
		u64 right = i / ACCESSES % 2 ? PTE_W : PTE_P;
		enum access access = i % ACCESSES;

		CASE ("level=%u,taken=%s,access=%s", level, right == PTE_P ? "P" : "W",
		      access_name[access]) {
			own_tables(&n);
			run(access);
			EXPECT_END(*code[access]);
			*n.guest[level] &= ~right;
			run(access);
			if (right == PTE_W && access == READ)
				EXPECT_END(*code[access]);
			else
				EXPECT_L2_EVENT(VECTOR_PF);
		}
	}
	CASE ("level=1,mapped-elsewhere") {
		own_tables(&n);
		*(u64 *)(OTHER_PAGE + NPT_OFFSET) = OTHER_CONTENT;
		run(WRITE);
		EXPECT_END(write_va);
		*n.guest[1] = OTHER_PAGE | NPT_RIGHTS;
		run(READ);
		if (EXPECT_END(read_va))
			EXPECT_EQ(OTHER_CONTENT, l2.vmcb->save.rax);
	}
}
