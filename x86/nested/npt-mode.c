// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mode of nested paging is L1's: its EFER.NXE says what NX means in a nested
 * entry, and how L2 pages, or whether it does, says nothing.
 */
#include "x86/nested/npt.h"

L2_CODE(read_va, "", "mov (%rdi), %rax", "");
L2_CODE(call_va, "", "call *%rdi", "");
L2_CODE(just_end, "", "", "");

static void set_nxe(bool on)
{
	u64 efer = rdmsr(MSR_EFER) & ~(u64)EFER_NXE;

	wrmsr(MSR_EFER, efer | (on ? EFER_NXE : 0));
}

static void run(bool fetch)
{
	l2.regs.rdi = NPT_VA + NPT_OFFSET;
	l2_run_at((fetch ? call_va : read_va).begin);
}

TEST(npt_nxe_is_l1s,
     "NX of a nested entry forbids fetches if L1's EFER.NXE is 1 and is reserved if it is 0",
     LAW("APM vol. 2, Nested Paging and VMRUN/#VMEXIT; Fields Shared between Guest and Host"),
     NEEDS(SVM | NPT | NX), CASES(8))
{
	struct npt n;

	for (unsigned int i = 0; i < 8; i++) {
		bool l1 = i & 1, l2_nxe = i & 2, fetch = i & 4;

		CASE ("l1.nxe=%u,l2.nxe=%u,access=%s", l1, l2_nxe, fetch ? "fetch" : "read") {
			set_nxe(l1);
			npt_begin(&n);
			l2.vmcb->save.efer = (l2.vmcb->save.efer & ~(u64)EFER_NXE) |
					     (l2_nxe ? EFER_NXE : 0);
			*n.nested[1] |= PTE_NX;
			run(fetch);
			set_nxe(true);
			if (l1 && !fetch) {
				EXPECT_END(read_va);
				continue;
			}
			if (!EXPECT_EXIT(SVM_EXIT_NPF))
				continue;
			EXPECT_EQ(PF_P | PF_U | (l1 ? 0 : PF_RSVD),
				  l2.vmcb->control.exitinfo1 & (PF_P | PF_U | PF_RSVD));
			EXPECT_EQ(NPT_GPA + NPT_OFFSET, l2.vmcb->control.exitinfo2);
		}
	}
}

#define CODE_COPY (NPT_PAGE - 0x1000)
enum { ATTRIB_L = BIT(9), ATTRIB_DB = BIT(10) };

static const struct {
	const char *name;
	u64 cr0, cr4, efer; /* cleared */
} modes[] = {
	{ "none", CR0_PG, 0, EFER_LMA },
	{ "none,CR4.PAE=0", CR0_PG, CR4_PAE, EFER_LMA },
	{ "none,EFER.LME=0", CR0_PG, 0, EFER_LMA | EFER_LME },
	{ "none,EFER.LME=0,CR4.PAE=0", CR0_PG, CR4_PAE, EFER_LMA | EFER_LME },
};

/* Without paging an address of L2's is a guest-physical one, and the nested tables map it. */
TEST(npt_without_guest_paging,
     "nested paging translates for an L2 that does not page, whatever its mode",
     LAW("APM vol. 2, Nested Paging"), NEEDS(SVM | NPT), CASES(2 * ARRAY_SIZE(modes)))
{
	struct npt n;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(modes); i++) {
		bool missing = i & 1;

		CASE ("paging=%s,code=%s", modes[i / 2].name, missing ? "P=0" : "there") {
			u64 code = missing ? CODE_COPY : (u64)just_end.begin;

			npt_begin(&n);
			l2.vmcb->save.cr0 &= ~modes[i / 2].cr0;
			l2.vmcb->save.cr4 &= ~modes[i / 2].cr4;
			l2.vmcb->save.efer &= ~modes[i / 2].efer;
			l2.vmcb->save.cs.attrib =
				(u16)((l2.vmcb->save.cs.attrib & ~ATTRIB_L) | ATTRIB_DB);
			memcpy((void *)CODE_COPY, just_end.begin, 3);
			if (missing) /* the whole of memory, the copy too */
				*(u64 *)(l2.vmcb->control.n_cr3) = 0;
			l2_run_at((const void *)code);
			if (!missing) {
				EXPECT_END(just_end);
				continue;
			}
			if (EXPECT_EXIT(SVM_EXIT_NPF))
				EXPECT_EQ(code, l2.vmcb->control.exitinfo2);
		}
	}
}

static u64 move_then_read(u64 argument)
{
	l2_move();
	return *(volatile u64 *)argument;
}

TEST(npt_nxe_across_save,
     "in a fresh VM NX of a nested entry counts by L1's EFER.NXE too, while L2 runs with another",
     LAW("APM vol. 2, Nested Paging and VMRUN/#VMEXIT; KVM api.rst, KVM_SET_NESTED_STATE"),
     NEEDS(SVM | NPT | NX), ACTIONS(SAVE | RESTORE), CASES(4))
{
	struct npt n;

	for (unsigned int i = 0; i < 4; i++) {
		bool l1 = i & 1, l2_nxe = i & 2;

		CASE ("l1.nxe=%u,l2.nxe=%u", l1, l2_nxe) {
			set_nxe(l1);
			npt_begin(&n);
			l2.vmcb->save.efer = (l2.vmcb->save.efer & ~(u64)EFER_NXE) |
					     (l2_nxe ? EFER_NXE : 0);
			*n.nested[1] |= PTE_NX;
			l2_call(move_then_read, NPT_VA + NPT_OFFSET);
			set_nxe(true);
			ASSERT_MOVED();
			if (!l1)
				EXPECT_EXIT(SVM_EXIT_NPF);
			else if (EXPECT_RETURN())
				EXPECT_EQ(NPT_CONTENT, l2.vmcb->save.rax);
		}
	}
}
