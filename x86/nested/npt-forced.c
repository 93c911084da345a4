// SPDX-License-Identifier: GPL-2.0-only
/*
 * MOV of L2's that the host emulates: its operand goes through L2's tables and the nested
 * ones as in the processor, and which of the two walks met the fault is said in bits 32
 * and 33 of EXITINFO1 (APM vol. 2, Nested versus Guest Page Faults, Fault Ordering).  Of
 * INS and OUTS: npt-string-io.c.
 */
#include "x86/nested/npt.h"

/* KVM takes the prefix for itself: where the instruction begins is behind it. */
enum { PREFIX_BYTES = 5 };
#define PREFIX ".byte 0x0f, 0x0b, 0x6b, 0x76, 0x6d\n\t" /* UD2, "kvm" */

L2_CODE(read_va, "", PREFIX "mov (%rdi), %rax", "");
L2_CODE(write_va, "", PREFIX "mov %rax, (%rdi)", "");
/* One access that is both. */
L2_CODE(add_va, "", PREFIX "add %rax, (%rdi)", "");
L2_CODE(nothing, "", PREFIX "nop", "");

static const struct {
	const char *name;
	const struct l2_code *code;
	bool writes;
} accesses[] = {
	{ "read", &read_va, false },
	{ "write", &write_va, true },
	{ "read-write", &add_va, true },
};

enum defect { NO_P, NO_W, NO_U, DEFECTS };
static const char *const defect_name[] = { "P=0", "W=0", "U=0" };
static const u64 defect_bit[] = { PTE_P, PTE_W, PTE_U };

static void need_forced(void)
{
	l2_begin();
	l2_run_at(nothing.begin);
	if (!l2.ran)
		skip("the host offers no forced emulation: the prefix ud2, 'kvm' is #UD");
}

static void run(unsigned int access)
{
	l2.regs.rdi = NPT_VA + NPT_OFFSET;
	l2.vmcb->save.rax = 0x77;
	l2_run_at(accesses[access].code->begin);
}

static void expect_npf(u64 error, u64 page)
{
	if (!EXPECT_EXIT(SVM_EXIT_NPF))
		return;
	EXPECT_EQ(error, (u32)l2.vmcb->control.exitinfo1);
	EXPECT_EQ(page, l2.vmcb->control.exitinfo2 & ~0xfffull);
}

enum { ACCESSES = ARRAY_SIZE(accesses), FINALS = 4 * DEFECTS * ACCESSES };

/* P of a read-write is that of its read, or of a write at once: either fault is true. */
TEST(npt_forced_final, "an emulated MOV in L2 exits by the nested entries of its operand's page",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(FINALS))
{
	struct npt n;

	need_forced();
	for (unsigned int i = 0; i < FINALS; i++) {
		unsigned int level = i / (DEFECTS * ACCESSES) + 1, access = i % ACCESSES;
		enum defect defect = i / ACCESSES % DEFECTS;

		CASE ("level=%u,entry=%s,access=%s", level, defect_name[defect],
		      accesses[access].name) {
			bool reads_first = accesses[access].code == &add_va && defect != NO_W;

			npt_begin(&n);
			*n.nested[level] &= ~defect_bit[defect];
			run(access);
			if (defect == NO_W && !accesses[access].writes) {
				EXPECT_END(*accesses[access].code);
				EXPECT_EQ(NPT_CONTENT, l2.vmcb->save.rax);
				continue;
			}
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(PF_U | (accesses[access].writes && !reads_first ? PF_W : 0) |
					  (defect == NO_P ? 0 : PF_P),
				  (u32)l2.vmcb->control.exitinfo1 & ~(reads_first ? PF_W : 0));
			EXPECT_EQ(NPF_FINAL, l2.vmcb->control.exitinfo1 & (NPF_FINAL | NPF_TABLE));
			EXPECT_EQ(NPT_GPA, l2.vmcb->control.exitinfo2 & ~0xfffull);
			EXPECT_EQ((u64)accesses[access].code->at + PREFIX_BYTES, l2.vmcb->save.rip);
		}
	}
}

TEST(npt_forced_walk,
     "an emulated MOV in L2 exits by the nested entry of L2's tables, walked as user writes",
     LAW("APM vol. 2, Nested Table Walk"), NEEDS(SVM | NPT), CASES(3 * DEFECTS * ACCESSES))
{
	struct npt n;

	need_forced();
	for (unsigned int i = 0; i < 3 * DEFECTS * ACCESSES; i++) {
		unsigned int level = i / (DEFECTS * ACCESSES) + 1, access = i % ACCESSES;
		enum defect defect = i / ACCESSES % DEFECTS;

		CASE ("table=%u,entry=%s,access=%s", level, defect_name[defect],
		      accesses[access].name) {
			npt_begin(&n);
			*n.nested_table[level] &= ~defect_bit[defect];
			run(access);
			expect_npf(PF_U | PF_W | (defect == NO_P ? 0 : PF_P),
				   (u64)n.guest[level] & ~0xfffull);
		}
	}
}

TEST(npt_forced_blames, "an NPF of an emulated MOV in L2 tells that the walk of L2's tables met it",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT),
     CASES(3 * ACCESSES))
{
	struct npt n;

	need_forced();
	for (unsigned int i = 0; i < 3 * ACCESSES; i++)
		CASE ("table=%u,access=%s", i / ACCESSES + 1, accesses[i % ACCESSES].name) {
			npt_begin(&n);
			*n.nested_table[i / ACCESSES + 1] &= ~(u64)PTE_P;
			run(i % ACCESSES);
			if (EXPECT_EXIT(SVM_EXIT_NPF))
				EXPECT_EQ(NPF_TABLE,
					  l2.vmcb->control.exitinfo1 & (NPF_TABLE | NPF_FINAL));
		}
}
