// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2's pages obey L2's control registers: CR0.WP, CR4.SMEP, CR4.SMAP and EFER.NXE as
 * VMRUN loaded them, whatever L1's are.
 */
#include "x86/nested/npt.h"

L2_CODE(read_va, "", "mov (%rdi), %rax", "");
L2_CODE(write_va, "", "mov %rax, (%rdi)", "");
L2_CODE(call_va, "", "call *%rdi", "");

enum bit { WP, SMEP_BIT, SMAP_BIT, NXE, BITS_COUNT };

static const struct {
	const char *name;
	u64 needs;
	const struct l2_code *code;
	u64 set, clear; /* in L2's entry */
	u32 error[2]; /* with the bit 0 and 1, or */
#define FINE (~0u)
} rows[] = {
	[WP] = { "CR0.WP", 0, &write_va, 0, PTE_W, { FINE, PF_P | PF_W } },
	[SMEP_BIT] = { "CR4.SMEP", SMEP, &call_va, 0, 0, { FINE, PF_P | PF_I } },
	[SMAP_BIT] = { "CR4.SMAP", SMAP, &read_va, 0, 0, { FINE, PF_P } },
	[NXE] = { "EFER.NXE", NX, &read_va, PTE_NX, 0, { PF_P | PF_RSVD, FINE } },
};

static void set(u64 *field, u64 bit, bool on)
{
	*field = (*field & ~bit) | (on ? bit : 0);
}

static void set_in_l1(enum bit bit, bool on)
{
	u64 value;

	if (bit == WP)
		value = read_cr0(), set(&value, CR0_WP, on), write_cr0(value);
	else if (bit == NXE)
		value = rdmsr(MSR_EFER), set(&value, EFER_NXE, on), wrmsr(MSR_EFER, value);
	else
		value = read_cr4(), set(&value, bit == SMEP_BIT ? CR4_SMEP : CR4_SMAP, on),
		write_cr4(value);
}

static void set_in_l2(enum bit bit, bool on)
{
	if (bit == WP)
		set(&l2.vmcb->save.cr0, CR0_WP, on);
	else if (bit == NXE)
		set(&l2.vmcb->save.efer, EFER_NXE, on);
	else
		set(&l2.vmcb->save.cr4, bit == SMEP_BIT ? CR4_SMEP : CR4_SMAP, on);
}

static void perform(struct npt *n, enum bit bit, bool nested)
{
	npt_begin(n);
	if (!nested) {
		l2.vmcb->control.np_enable = 0;
		*n->guest[1] = NPT_PAGE | NPT_RIGHTS;
	}
	*n->guest[1] = (*n->guest[1] & ~rows[bit].clear) | rows[bit].set;
	l2.regs.rdi = NPT_VA + NPT_OFFSET;
	l2.vmcb->save.rax = NPT_CONTENT;
}

static void rights_of_l2(bool nested)
{
	struct npt n;

	for (unsigned int i = 0; i < BITS_COUNT * 4; i++) {
		enum bit bit = i / 4;
		bool l1 = i & 1, own = i & 2;

		if (!has_feature(rows[bit].needs)) {
			cases_not_covered(1, "the CPU has not %s", rows[bit].name);
			continue;
		}
		CASE ("bit=%s,l1=%u,l2=%u", rows[bit].name, l1, own) {
			perform(&n, bit, nested);
			set_in_l2(bit, own);
			set_in_l1(bit, l1);
			l2_run_at(rows[bit].code->begin);
			set_in_l1(bit, bit == WP || bit == NXE);
			if (rows[bit].error[own] == FINE)
				EXPECT_END(*rows[bit].code);
			else if (EXPECT_L2_EVENT(VECTOR_PF))
				EXPECT_FLAGS(pf_error_names, rows[bit].error[own],
					     l2.event.error_code);
		}
	}
}

TEST(own_rights, "L2's accesses obey CR0.WP, SMEP, SMAP and NXE of L2, not L1's",
     LAW("APM vol. 2, VMRUN Instruction, Loading Guest State"), NEEDS(SVM), CASES(BITS_COUNT * 4))
{
	rights_of_l2(false);
}

TEST(own_rights_with_npt,
     "with nested paging too L2's accesses obey CR0.WP, SMEP, SMAP and NXE of L2",
     LAW("APM vol. 2, Nested Paging"), NEEDS(SVM | NPT), CASES(BITS_COUNT * 4))
{
	rights_of_l2(true);
}
