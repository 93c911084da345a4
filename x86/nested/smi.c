// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMIs and L2 (APM vol. 2, SMM Support in SVM; Response to SMI; SMRAM State-Save Area, SVM
 * state): one that L1 does not intercept interrupts L2, whose RSM goes back into it; one that
 * L1 intercepts is an exit, and waits; GIF = 0 holds all.
 */
#include "x86/boot/smm.h"
#include "x86/nested/npt.h"

static u64 moves; /* SAVE | RESTORE or nothing */
static u64 in_smm[3];

/* L1's and L2's control registers are nothing in SMM. */
static void handler(void)
{
	if (moves)
		sync(moves);
	in_smm[0] = read_cr0();
	in_smm[1] = read_cr4();
	in_smm[2] = rdmsr(MSR_EFER);
}

/* --- in L2 --- */

static u64 halt_for_smi(u64 argument)
{
	sync_try(WAIT_HALTED | INJECT_SMI);
	asm volatile("hlt" ::: "memory");
	return argument + 1;
}

static u64 halt_for_shutdown(u64 argument)
{
	sync_try(WAIT_HALTED | INJECT_SMI | EXPECT_SHUTDOWN);
	asm volatile("hlt" ::: "memory");
	return argument + 1;
}

static u64 take_smi(u64 argument)
{
	sync_try(INJECT_SMI);
	return argument + 1;
}

static u64 read_through(u64 argument)
{
	u64 before = *(volatile u64 *)argument;

	halt_for_smi(0);
	asm volatile("invlpg (%0)" ::"r"(argument) : "memory");
	return before == *(volatile u64 *)argument ? before : ~0ull;
}

/* --- */

static void begin(bool nested)
{
	struct npt n;

	if (nested)
		npt_begin(&n);
	else
		l2_begin();
	smm_open(handler);
}

static void interrupt_l2(u64 how)
{
	moves = how;
	for (unsigned int nested = 0; nested < 2; nested++) {
		if (nested && !has_feature(NPT)) {
			cases_not_covered(1, "the CPU has no NPT");
			continue;
		}
		CASE ("nested=%u", nested) {
			begin(nested);
			EXPECT_EQ(8, l2_call(halt_for_smi, 7));
			EXPECT_RETURN();
			EXPECT_EQ(1, smm.entries);
			EXPECT_EQ(0, smm.found.efer);
			EXPECT_EQ(0, smm.found.cr4);
			if (nested) {
				EXPECT_EQ(NPT_CONTENT, l2_call(read_through, NPT_VA + NPT_OFFSET));
				EXPECT_RETURN();
				EXPECT_EQ(2, smm.entries);
			}
			/* L1 and L2 are as before. */
			EXPECT_EQ(101, l2_call(halt_for_smi, 100));
			EXPECT_EQ(nested ? 3 : 2, smm.entries);
		}
	}
}

#define WHERE LAW("APM vol. 2, SMM Support in SVM, Response to SMI")

TEST(smi_in_l2, "an SMI that L1 does not intercept interrupts L2, and RSM goes on with L2", WHERE,
     NEEDS(SVM), ACTIONS(WAIT_HALTED | INJECT_SMI), CASES(2))
{
	interrupt_l2(0);
}

TEST(smi_in_l2_across_save, "RSM goes on with L2 after the SMI handler moved to a fresh VM", WHERE,
     NEEDS(SVM), ACTIONS(WAIT_HALTED | INJECT_SMI | SAVE | RESTORE), CASES(2))
{
	interrupt_l2(SAVE | RESTORE);
}

TEST(smi_keeps_l1, "an SMI that interrupts L2 leaves L1's control registers as they were", WHERE,
     NEEDS(SVM), ACTIONS(WAIT_HALTED | INJECT_SMI), CASES(4))
{
	u64 cr0, cr3, cr4, efer;

	moves = 0;
	for (unsigned int i = 0; i < 4; i++) {
		bool nested = i & 1, wp = i & 2;

		if (nested && !has_feature(NPT)) {
			cases_not_covered(1, "the CPU has no NPT");
			continue;
		}
		CASE ("nested=%u,wp=%u", nested, wp) {
			write_cr4(read_cr4() & ~(u64)CR4_MCE);
			begin(nested);
			write_cr0(wp ? read_cr0() | CR0_WP : read_cr0() & ~(u64)CR0_WP);
			cr0 = read_cr0();
			cr3 = read_cr3();
			cr4 = read_cr4();
			efer = rdmsr(MSR_EFER);
			EXPECT_EQ(8, l2_call(halt_for_smi, 7));
			EXPECT_EQ(1, smm.entries);
			EXPECT_EQ(cr0, read_cr0());
			EXPECT_EQ(cr3, read_cr3());
			EXPECT_EQ(cr4, read_cr4());
			EXPECT_EQ(efer, rdmsr(MSR_EFER));
		}
	}
}

static void settle(void)
{
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
}

TEST(smi_exits, "an SMI that L1 intercepts is an exit of L2 and waits for GIF", WHERE, NEEDS(SVM),
     ACTIONS(INJECT_SMI), CASES(2))
{
	moves = 0;
	for (unsigned int nested = 0; nested < 2; nested++) {
		if (nested && !has_feature(NPT)) {
			cases_not_covered(1, "the CPU has no NPT");
			continue;
		}
		CASE ("nested=%u", nested) {
			begin(nested);
			l2_intercept(SVM_EXIT_SMI);
			l2.keep_gif = true;
			l2_call(take_smi, 7);
			EXPECT_EXIT(SVM_EXIT_SMI);
			settle();
			EXPECT_EQ(0, smm.entries);
			stgi();
			settle();
			EXPECT_EQ(1, smm.entries);
			/* L2 knows nothing of it. */
			l2.keep_gif = false;
			l2_run();
			EXPECT_RETURN();
			EXPECT_EQ(8, l2.vmcb->save.rax);
			EXPECT_EQ(1, smm.entries);
		}
	}
}

TEST(smi_waits_for_gif, "an SMI waits while GIF is 0 and comes with STGI", WHERE, NEEDS(SVM),
     ACTIONS(INJECT_SMI))
{
	moves = 0;
	l2_begin();
	smm_open(handler);
	clgi();
	sync(INJECT_SMI);
	settle();
	EXPECT_EQ(0, smm.entries);
	stgi();
	settle();
	EXPECT_EQ(1, smm.entries);
}

/* --- the VMCB as the handler leaves it --- */

static void no_asid(struct vmcb *v)
{
	v->control.guest_asid = 0;
}

static void vmrun_not_intercepted(struct vmcb *v)
{
	v->control.intercept[SVM_EXIT_VMRUN / 32] &= ~(1u << SVM_EXIT_VMRUN % 32);
}

static void nw_without_cd(struct vmcb *v)
{
	v->save.cr0 = (v->save.cr0 & ~(u64)CR0_CD) | CR0_NW;
}

static void reserved_cr4(struct vmcb *v)
{
	v->save.cr4 |= BIT(63);
}

static void reserved_efer(struct vmcb *v)
{
	v->save.efer |= BIT(63);
}

static void no_svme(struct vmcb *v)
{
	v->save.efer &= ~(u64)EFER_SVME;
}

static void upper_dr6(struct vmcb *v)
{
	v->save.dr6 |= BIT(40);
}

static void other_rax(struct vmcb *v)
{
	v->save.rax ^= 0x1000;
}

static const struct {
	const char *name;
	void (*edit)(struct vmcb *v);
	bool shutdown;
} edits[] = {
	{ "ASID=0", no_asid, true },
	{ "VMRUN-not-intercepted", vmrun_not_intercepted, true },
	{ "CR0.NW-without-CD", nw_without_cd, true },
	{ "CR4[63]", reserved_cr4, true },
	{ "EFER[63]", reserved_efer, true },
	{ "EFER.SVME=0", no_svme, true },
	{ "DR6[40]", upper_dr6, true },
	{ "other-RAX", other_rax, false },
};

static unsigned int edited;

static void edit_vmcb(void)
{
	edits[edited].edit(l2.vmcb);
}

/*
 * Processors keep the VMCB of a running L2 to themselves; a host that reads it again from
 * memory has to check it again.
 */
TEST(rsm_checks_vmcb, "RSM into an L2 whose VMCB became one that VMRUN refuses is a shutdown",
     LAW("APM vol. 2, Canonicalization and Consistency Checks; SMRAM State-Save Area"), NEEDS(SVM),
     ACTIONS(WAIT_HALTED | INJECT_SMI | EXPECT_SHUTDOWN | RESET), CASES(ARRAY_SIZE(edits)))
{
	if (!hypervisor_is_kvm())
		skip("whether the VMCB is read again at RSM is known of KVM alone");
	for (edited = 0; edited < ARRAY_SIZE(edits); edited++)
		CASE ("vmcb=%s", edits[edited].name) {
			if (case_was_run())
				continue;
			begin(false);
			smm_open(edit_vmcb);
			l2_call(edits[edited].shutdown ? halt_for_shutdown : halt_for_smi, 7);
			EXPECT_EQ(1, smm.entries);
			if (edits[edited].shutdown)
				expect_failed(EXPECTATION_("RSM"), "shutdown", "L2 goes on");
			else
				EXPECT_RETURN();
			sync(RESET);
		}
}
