// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested paging: the stage that forbids an access is the one that is blamed.  L2's
 * own tables give #PF in L2, nested ones #VMEXIT(NPF) with the guest-physical address
 * and what L2 was about to do; which walk it was stands in bits 32 and 33.
 */
#include "x86/nested/npt.h"

L2_CODE(read_va, "", "mov (%rdi), %rax", "");
L2_CODE(write_va, "", "mov %rax, (%rdi)", "");
L2_CODE(call_va, "", "call *%rdi", "");

enum access { READ, WRITE, FETCH, ACCESSES };

static const struct {
	const char *name;
	const struct l2_code *code;
	u64 error;
} accesses[] = {
	{ "read", &read_va, 0 },
	{ "write", &write_va, PF_W },
	{ "fetch", &call_va, PF_I },
};

/* RSVD is the highest bit that can be one. */
static u64 reserved_bit(void)
{
	unsigned int bits = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff;

	return bits < 52 ? BIT(51) : 0;
}

enum flag { NO_P, NO_W, NO_U, NX_SET, RESERVED, FLAGS };
static const char *const flag_name[] = { "P=0", "W=0", "U=0", "NX=1", "RSVD=1" };

static void spoil(u64 *entry, enum flag flag)
{
	static const u64 clear[] = { PTE_P, PTE_W, PTE_U, 0, 0 };

	*entry &= ~clear[flag];
	if (flag == NX_SET)
		*entry |= PTE_NX;
	if (flag == RESERVED)
		*entry |= reserved_bit();
}

static void run(enum access access, unsigned int cpl)
{
	l2_set_cpl(cpl);
	/* CPL 3 has no stack of supervisor pages: CALL pushes to USER()'s. */
	l2.regs.rdi = NPT_VA + NPT_OFFSET;
	l2.vmcb->save.rax = 0x77;
	l2_run_at(accesses[access].code->begin);
}

/* Does the flag in a nested entry forbid the access, and with what error (15.25.6)? */
static bool nested_forbids(enum flag flag, enum access access, u64 *error)
{
	*error = PF_U | accesses[access].error | (flag == NO_P ? 0 : PF_P) |
		 (flag == RESERVED ? PF_RSVD : 0);
	return flag == NO_P || flag == NO_U || flag == RESERVED ||
	       (flag == NO_W && access == WRITE) || (flag == NX_SET && access == FETCH);
}

static void expect_done(enum access access)
{
	EXPECT_END(*accesses[access].code);
	if (access == READ)
		EXPECT_EQ(NPT_CONTENT, l2.vmcb->save.rax);
	if (access == WRITE)
		EXPECT_EQ(0x77, *(u64 *)(NPT_PAGE + NPT_OFFSET));
}

static u64 fault_rip(enum access access)
{
	return access == FETCH ? NPT_VA + NPT_OFFSET : l2_address(accesses[access].code->at);
}

TEST(npt_final_faults, "a right that a nested entry lacks is #VMEXIT(NPF) of the final address",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT | NX),
     CASES(4 * FLAGS * ACCESSES * 2))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * FLAGS * ACCESSES * 2; i++) {
		unsigned int level = i / (FLAGS * ACCESSES * 2) + 1, cpl = i & 1 ? 3 : 0;
		enum flag flag = i / (ACCESSES * 2) % FLAGS;
		enum access access = i / 2 % ACCESSES;
		u64 error;

		if (flag == RESERVED && !reserved_bit()) {
			cases_not_covered(1, "all 52 address bits can be set");
			continue;
		}
		CASE("level=%u,entry=%s,access=%s,cpl=%u", level, flag_name[flag],
		     accesses[access].name, cpl)
		{
			npt_begin(&n);
			spoil(n.nested[level], flag);
			run(access, cpl);
			if (!nested_forbids(flag, access, &error)) {
				expect_done(access);
				continue;
			}
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(error | NPF_FINAL, l2.vmcb->control.exitinfo1);
			EXPECT_EQ(NPT_GPA + NPT_OFFSET, l2.vmcb->control.exitinfo2);
			EXPECT_EQ(fault_rip(access), l2.vmcb->save.rip);
		}
	}
}

/* Walks of L2's tables are user-mode writes to the nested ones, whatever L2 does (15.25.5). */
TEST(npt_walk_faults, "a right that the nested entry of L2's table lacks is an NPF of the walk",
     LAW("APM vol. 2, Nested Table Walk; Nested versus Guest Page Faults, Fault Ordering"),
     NEEDS(SVM | NPT | NX), CASES(3 * FLAGS * ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < 3 * FLAGS * ACCESSES; i++) {
		unsigned int level = i / (FLAGS * ACCESSES) + 1;
		enum flag flag = i / ACCESSES % FLAGS;
		enum access access = i % ACCESSES;

		if (flag == RESERVED && !reserved_bit()) {
			cases_not_covered(1, "all 52 address bits can be set");
			continue;
		}
		CASE("table=%u,entry=%s,access=%s", level, flag_name[flag], accesses[access].name)
		{
			npt_begin(&n);
			spoil(n.nested_table[level], flag);
			run(access, 0);
			if (flag == NX_SET) {
				expect_done(access);
				continue;
			}
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(PF_W | PF_U | (flag == NO_P ? 0 : PF_P) |
					  (flag == RESERVED ? PF_RSVD : 0) | NPF_TABLE,
				  l2.vmcb->control.exitinfo1);
			EXPECT_EQ((u64)n.guest[level], l2.vmcb->control.exitinfo2 & ~7ull);
		}
	}
}

/* As the processor's own rules, with both stages: L2's is asked first. */
static bool guest_forbids(enum flag flag, enum access access, unsigned int cpl, u64 *error)
{
	*error = accesses[access].error | (flag == NO_P ? 0 : PF_P) | (cpl ? PF_U : 0) |
		 (flag == RESERVED ? PF_RSVD : 0);
	return flag == NO_P || flag == RESERVED || (flag == NO_U && cpl) ||
	       (flag == NO_W && access == WRITE) || (flag == NX_SET && access == FETCH);
}

TEST(npt_guest_faults, "a right that L2's own entry lacks is #PF in L2, even if the nested stage faults too",
     LAW("APM vol. 2, Nested versus Guest Page Faults, Fault Ordering"), NEEDS(SVM | NPT | NX),
     CASES(4 * FLAGS * ACCESSES * 2 * 2))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * FLAGS * ACCESSES * 2 * 2; i++) {
		unsigned int level = i / (FLAGS * ACCESSES * 4) + 1, cpl = i & 1 ? 3 : 0;
		enum flag flag = i / (ACCESSES * 4) % FLAGS;
		enum access access = i / 4 % ACCESSES;
		bool nested_too = i & 2;
		u64 error;

		if (flag == RESERVED && !reserved_bit()) {
			cases_not_covered(1, "all 52 address bits can be set");
			continue;
		}
		CASE("level=%u,entry=%s,access=%s,nested=%s,cpl=%u", level, flag_name[flag],
		     accesses[access].name, nested_too ? "P=0" : "fine", cpl)
		{
			npt_begin(&n);
			spoil(n.guest[level], flag);
			if (nested_too)
				spoil(n.nested[1], NO_P);
			run(access, cpl);
			if (guest_forbids(flag, access, cpl, &error)) {
				if (!EXPECT_L2_EVENT(VECTOR_PF))
					continue;
				EXPECT_FLAGS(pf_error_names, error, l2.event.error_code);
				EXPECT_EQ(NPT_VA + NPT_OFFSET, l2.event.cr2);
			} else if (nested_too) {
				EXPECT_EXIT(SVM_EXIT_NPF);
			} else {
				expect_done(access);
			}
		}
	}
}

TEST(npt_accessed_dirty, "nested entries get A from every walk and D from writes and L2's walks",
     LAW("APM vol. 2, Nested Table Walk"), NEEDS(SVM | NPT | NX), CASES(2 * 7))
{
	struct npt n;

	for (unsigned int i = 0; i < 2 * 7; i++) {
		enum access access = i / 7;
		unsigned int level = i % 7 < 4 ? i % 7 + 1 : i % 7 - 3;
		bool of_table = i % 7 >= 4;

		CASE("access=%s,nested-entry=%s%u", accesses[access].name,
		     of_table ? "of-table-" : "level-", level)
		{
			u64 wanted = PTE_A, mask = PTE_A;

			npt_begin(&n);
			run(access, 0);
			expect_done(access);
			if (of_table || level == 1) {
				wanted |= of_table || access == WRITE ? PTE_D : 0;
				mask |= PTE_D;
			}
			EXPECT_EQ(wanted, *(of_table ? n.nested_table[level] : n.nested[level]) & mask);
		}
	}
}

TEST(npt_guest_accessed_dirty, "L2's own entries get A and D as without nested paging",
     LAW("APM vol. 2, Nested Table Walk; Page-Translation-Table Entry Fields"),
     NEEDS(SVM | NPT | NX), CASES(2 * 4))
{
	struct npt n;

	for (unsigned int i = 0; i < 2 * 4; i++) {
		enum access access = i / 4;
		unsigned int level = i % 4 + 1;
		u64 dirty = level == 1 ? PTE_D : 0;

		CASE("access=%s,level=%u", accesses[access].name, level)
		{
			npt_begin(&n);
			run(access, 0);
			expect_done(access);
			EXPECT_EQ(PTE_A | (access == WRITE ? dirty : 0),
				  *n.guest[level] & (PTE_A | dirty));
		}
	}
}

/* The loop that every hypervisor has: fault, mend, go on. */
TEST(npt_mended, "after an NPF L1 mends the entry and L2 goes on as if nothing had been",
     LAW("APM vol. 2, Nested Paging"), NEEDS(SVM | NPT | NX), CASES(4 * ACCESSES))
{
	struct npt n;

	for (unsigned int i = 0; i < 4 * ACCESSES; i++) {
		unsigned int level = i / ACCESSES + 1;
		enum access access = i % ACCESSES;

		CASE("level=%u,access=%s", level, accesses[access].name)
		{
			npt_begin(&n);
			spoil(n.nested[level], NO_P);
			run(access, 0);
			EXPECT_EXIT(SVM_EXIT_NPF);
			*n.nested[level] |= PTE_P;
			l2_run();
			expect_done(access);
		}
	}
}
