// SPDX-License-Identifier: GPL-2.0-only
/*
 * EVENTINJ is spent by a VMRUN, whatever becomes of it: a #VMEXIT leaves it invalid, that
 * of a VMRUN which was refused too (APM vol. 2, Event Injection; VMRUN Instruction).  A
 * hypervisor that enters L2 again without a look at it would inject twice.
 */
#include "x86/nested/svm.h"

L2_CODE(just_end, "", "", "");

/* PAE paging with a reserved bit in the entry of the code. */
static u64 pointers[4] __attribute__((aligned(32)));

static void bad_pdpte(struct vmcb *v)
{
	const u64 *pdpt = (const u64 *)(boot_pml4[0] & PTE_ADDRESS);

	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++)
		pointers[i] = (pdpt[i] & PTE_ADDRESS) | PTE_P;
	pointers[3] |= BIT(1);
	v->save.efer &= ~(u64)(EFER_LME | EFER_LMA);
	v->save.cs.attrib = (u16)((v->save.cs.attrib & ~BIT(9)) | BIT(10)); /* L, D */
	v->save.cr3 = (u64)pointers;
}

static void no_asid(struct vmcb *v)
{
	v->control.guest_asid = 0;
}

static void no_vmrun_intercept(struct vmcb *v)
{
	(void)v;
	l2_pass(SVM_EXIT_VMRUN);
}

static void no_svme(struct vmcb *v)
{
	v->save.efer &= ~(u64)EFER_SVME;
}

static void bad_cr0(struct vmcb *v)
{
	v->save.cr0 |= BIT(32);
}

static void bad_cr3(struct vmcb *v)
{
	v->save.cr3 |= BIT(63);
}

static void bad_dr7(struct vmcb *v)
{
	v->save.dr7 |= BIT(32);
}

static void nothing(struct vmcb *v)
{
	(void)v;
}

static const struct {
	const char *name;
	void (*spoil)(struct vmcb *v);
} states[] = {
	{ "legal", nothing },
	{ "ASID=0", no_asid },
	{ "VMRUN-intercept=0", no_vmrun_intercept },
	{ "EFER.SVME=0", no_svme },
	{ "CR0[32]", bad_cr0 },
	{ "CR3[63]", bad_cr3 },
	{ "DR7[32]", bad_dr7 },
	{ "PDPTE[1]", bad_pdpte },
};

static const struct {
	const char *name;
	u64 event;
	u64 vector;
} events[] = {
	{ "interrupt", EVENT_INTR | 0x93, 0x93 },
	{ "NMI", EVENT_NMI | VECTOR_NMI, VECTOR_NMI },
	{ "GP", EVENT_EXCEPTION | EVENT_HAS_ERROR | VECTOR_GP | EVENT_ERROR(0x58), VECTOR_GP },
	{ "INT-n", EVENT_SWINT | 0x93, 0x93 },
};

TEST(injection_is_spent, "a #VMEXIT leaves no valid EVENTINJ, that of a refused VMRUN too",
     LAW("APM vol. 2, Event Injection; VMRUN Instruction"), NEEDS(SVM),
     CASES(ARRAY_SIZE(states) * ARRAY_SIZE(events)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(states) * ARRAY_SIZE(events); i++) {
		unsigned int state = i / ARRAY_SIZE(events), event = i % ARRAY_SIZE(events);

		CASE ("state=%s,event=%s", states[state].name, events[event].name) {
			l2_begin();
			states[state].spoil(l2.vmcb);
			l2.vmcb->control.eventinj = EVENT_VALID | events[event].event;
			l2_run_at(just_end.begin);
			if (state)
				EXPECT_EXIT(SVM_EXIT_INVALID);
			else
				EXPECT_L2_EVENT(events[event].vector);
			EXPECT_EQ(0, l2.vmcb->control.eventinj & EVENT_VALID);
			/* So that the next VMRUN injects nothing. */
			if (!state)
				continue;
			{
				u64 left = l2.vmcb->control.eventinj;

				l2_begin();
				l2.vmcb->control.eventinj = left;
				l2_run_at(just_end.begin);
				EXPECT_END(just_end);
			}
		}
	}
}
