// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory operand of INS and OUTS in L2, which a host has to access itself: it
 * goes through L2's tables and the nested ones as the processor does, and what
 * forbids it exits or is #PF in L2 all the same.
 */
#include "x86/nested/npt.h"

#define PORT 0x80

L2_CODE(outs, "mov $0x80, %edx; mov %rdi, %rsi", "outsb", "");
L2_CODE(ins, "mov $0x80, %edx", "insb", "");

enum access { READ, WRITE, ACCESSES };
static const struct l2_code *const code[] = { &outs, &ins };
static const char *const name[] = { "outs", "ins" };

enum defect { NO_P, NO_W, NO_U, DEFECTS };
static const char *const defect_name[] = { "P=0", "W=0", "U=0" };
static const u64 defect_bit[] = { PTE_P, PTE_W, PTE_U };

static void run(enum access access)
{
	l2.regs.rdi = NPT_VA + NPT_OFFSET + 3;
	l2_run_at(code[access]->begin);
}

static bool forbids(enum defect defect, enum access access)
{
	return defect != NO_W || access == WRITE;
}

TEST(npt_string_io_final, "INS and OUTS in L2 exit by the nested entries of their operand's page",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(4 * DEFECTS * ACCESSES + ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * DEFECTS * ACCESSES; i++) {
		unsigned int level = i / (DEFECTS * ACCESSES) + 1;
		enum defect defect = i / ACCESSES % DEFECTS;
		enum access access = i % ACCESSES;

		CASE ("level=%u,entry=%s,instruction=%s", level, defect_name[defect],
		      name[access]) {
			npt_begin(&n);
			*n.nested[level] &= ~defect_bit[defect];
			run(access);
			if (!forbids(defect, access)) {
				EXPECT_END(*code[access]);
				continue;
			}
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(PF_U | (access == WRITE ? PF_W : 0) |
					  (defect == NO_P ? 0 : PF_P) | NPF_FINAL,
				  l2.vmcb->control.exitinfo1);
			EXPECT_EQ(NPT_GPA, l2.vmcb->control.exitinfo2 & ~0xfffull);
			EXPECT_EQ((u64)code[access]->at, l2.vmcb->save.rip);
		}
	}
	for (enum access access = READ; access < ACCESSES; access++)
		CASE ("entry=fine,instruction=%s", name[access]) {
			npt_begin(&n);
			run(access);
			EXPECT_END(*code[access]);
		}
}

TEST(npt_string_io_address,
     "an NPF of INS or OUTS in L2 has the address of the operand, to the byte",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(ACCESSES))
{
	struct npt n;

	for (enum access access = READ; access < ACCESSES; access++)
		CASE ("instruction=%s", name[access]) {
			npt_begin(&n);
			*n.nested[1] &= ~(u64)PTE_P;
			run(access);
			if (EXPECT_EXIT(SVM_EXIT_NPF))
				EXPECT_EQ(NPT_GPA + NPT_OFFSET + 3, l2.vmcb->control.exitinfo2);
		}
}

/* Which walk it was stands in bits 32 and 33, of which the next test asks. */
static void walk_case(struct npt *n, unsigned int level, enum defect defect, enum access access)
{
	npt_begin(n);
	*n->nested_table[level] &= ~defect_bit[defect];
	run(access);
}

TEST(npt_string_io_walk,
     "INS and OUTS in L2 exit by the nested entry of L2's tables, walked as user writes",
     LAW("APM vol. 2, Nested Table Walk"), NEEDS(SVM | NPT), CASES(3 * DEFECTS * ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < 3 * DEFECTS * ACCESSES; i++) {
		unsigned int level = i / (DEFECTS * ACCESSES) + 1;
		enum defect defect = i / ACCESSES % DEFECTS;
		enum access access = i % ACCESSES;

		CASE ("table=%u,entry=%s,instruction=%s", level, defect_name[defect],
		      name[access]) {
			walk_case(&n, level, defect, access);
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(PF_U | PF_W | (defect == NO_P ? 0 : PF_P),
				  (u32)l2.vmcb->control.exitinfo1);
			EXPECT_EQ((u64)n.guest[level] & ~0xfffull,
				  l2.vmcb->control.exitinfo2 & ~0xfffull);
		}
	}
}

TEST(npt_string_io_blames, "an NPF of INS or OUTS in L2 tells that the walk of L2's tables met it",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(ACCESSES))
{
	struct npt n;

	for (enum access access = READ; access < ACCESSES; access++)
		CASE ("instruction=%s", name[access]) {
			walk_case(&n, 1, NO_P, access);
			if (EXPECT_EXIT(SVM_EXIT_NPF))
				EXPECT_EQ(NPF_TABLE,
					  l2.vmcb->control.exitinfo1 & (NPF_TABLE | NPF_FINAL));
		}
}

TEST(npt_string_io_guest, "INS and OUTS in L2 are #PF in L2 by L2's own entries",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(4 * 2 * ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * 2 * ACCESSES; i++) {
		unsigned int level = i / (2 * ACCESSES) + 1;
		enum defect defect = i / ACCESSES % 2;
		enum access access = i % ACCESSES;

		CASE ("level=%u,entry=%s,instruction=%s", level, defect_name[defect],
		      name[access]) {
			npt_begin(&n);
			*n.guest[level] &= ~defect_bit[defect];
			run(access);
			if (!forbids(defect, access)) {
				EXPECT_END(*code[access]);
				continue;
			}
			if (!EXPECT_L2_EVENT(VECTOR_PF))
				continue;
			EXPECT_FLAGS(pf_error_names,
				     (access == WRITE ? PF_W : 0) | (defect == NO_P ? 0 : PF_P),
				     l2.event.error_code);
			EXPECT_EQ(NPT_VA + NPT_OFFSET + 3, l2.event.cr2);
		}
	}
}
