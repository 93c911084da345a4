// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VMRUN refuses with VMEXIT_INVALID: each illegal state of the manual's list
 * alone, and its legal neighbours.
 */
#include "x86/nested/svm.h"

/* Of one field: clear bits, then set bits. */
struct vmcb_edit {
	u16 offset, bytes;
	u64 clear, set;
};

#define EDIT(field, clear_, set_)                                                                  \
	{ offsetof(struct vmcb, field), sizeof(((struct vmcb *)0)->field), clear_, set_ }

struct vmcb_state {
	const char *name;
	struct vmcb_edit edit[4];
	u64 needs;	   /* enum cpu_feature, for the state to mean what it says */
	bool above_memory; /* the first field gets the first address that there cannot be */
	u64 before;	   /* or so many bytes less */
};

#define STATE(name_, ...) { .name = name_, .edit = { __VA_ARGS__ } }

#define INTERCEPT(exit) EDIT(control.intercept[(exit) / 32], 0, BIT((exit) % 32))
#define INJECT(event) EDIT(control.eventinj, ~0ull, EVENT_VALID | (event))

#define ATTRIB_L BIT(9)
#define ATTRIB_DB BIT(10)

static const struct vmcb_state refused[] = {
	STATE("ASID=0", EDIT(control.guest_asid, ~0u, 0)),
	STATE("VMRUN-intercept=0", EDIT(control.intercept[4], BIT(0), 0)),
	STATE("EFER.SVME=0", EDIT(save.efer, EFER_SVME, 0)),
	STATE("CR0.CD=0,CR0.NW=1", EDIT(save.cr0, CR0_CD, CR0_NW)),
	STATE("CR0[32]", EDIT(save.cr0, 0, BIT(32))),
	STATE("CR0[63]", EDIT(save.cr0, 0, BIT(63))),
	STATE("CR3[52]", EDIT(save.cr3, 0, BIT(52))),
	STATE("CR3[63]", EDIT(save.cr3, 0, BIT(63))),
	STATE("CR4[13]", EDIT(save.cr4, 0, BIT(13))),
	STATE("CR4[15]", EDIT(save.cr4, 0, BIT(15))),
	STATE("CR4[33]", EDIT(save.cr4, 0, BIT(33))),
	STATE("CR4[63]", EDIT(save.cr4, 0, BIT(63))),
	STATE("DR6[32]", EDIT(save.dr6, 0, BIT(32))),
	STATE("DR6[63]", EDIT(save.dr6, 0, BIT(63))),
	STATE("DR7[32]", EDIT(save.dr7, 0, BIT(32))),
	STATE("DR7[63]", EDIT(save.dr7, 0, BIT(63))),
	STATE("EFER[9]", EDIT(save.efer, 0, BIT(9))),
	STATE("EFER[16]", EDIT(save.efer, 0, BIT(16))),
	STATE("EFER[40]", EDIT(save.efer, 0, BIT(40))),
	STATE("EFER[63]", EDIT(save.efer, 0, BIT(63))),
	STATE("EFER.LME=1,CR0.PG=1,CR4.PAE=0", EDIT(save.cr4, CR4_PAE, 0)),
	STATE("EFER.LME=1,CR0.PG=1,CR0.PE=0", EDIT(save.cr0, CR0_PE, 0)),
	STATE("EFER.LME=1,CR0.PG=1,CR4.PAE=1,CS.L=1,CS.D=1", EDIT(save.cs.attrib, 0, ATTRIB_DB)),
	{ .name = "IOPM-above-memory", .above_memory = true,
	  .edit = { EDIT(control.iopm_base_pa, ~0ull, 0), INTERCEPT(SVM_EXIT_IOIO) } },
	{ .name = "MSRPM-above-memory", .above_memory = true,
	  .edit = { EDIT(control.msrpm_base_pa, ~0ull, 0), INTERCEPT(SVM_EXIT_MSR) } },
	{ .name = "IOPM-ends-above-memory", .above_memory = true, .before = 0x1000,
	  .edit = { EDIT(control.iopm_base_pa, ~0ull, 0), INTERCEPT(SVM_EXIT_IOIO) } },
	{ .name = "MSRPM-ends-above-memory", .above_memory = true, .before = 0x1000,
	  .edit = { EDIT(control.msrpm_base_pa, ~0ull, 0), INTERCEPT(SVM_EXIT_MSR) } },
	{ .name = "N_CR3-above-memory", .above_memory = true, .needs = NPT,
	  .edit = { EDIT(control.n_cr3, ~0ull, 0), EDIT(control.np_enable, 0, 1) } },
	STATE("EVENTINJ.TYPE=1", INJECT(1 << 8 | 0x20)),
	STATE("EVENTINJ.TYPE=5", INJECT(5 << 8 | 0x20)),
	STATE("EVENTINJ.TYPE=6", INJECT(6 << 8 | 0x20)),
	STATE("EVENTINJ.TYPE=7", INJECT(7 << 8 | 0x20)),
	STATE("EVENTINJ=exception,vector=2", INJECT(EVENT_EXCEPTION | VECTOR_NMI)),
	STATE("EVENTINJ=exception,vector=32", INJECT(EVENT_EXCEPTION | 32)),
	STATE("EVENTINJ=exception,vector=255", INJECT(EVENT_EXCEPTION | 255)),
};

/* The whole code of these is a VMMCALL, which has the same bytes in all modes. */
L2_CODE(just_end, "", "", "");

static const struct vmcb_state accepted[] = {
	{ .name = "unchanged" },
	STATE("ASID=2", EDIT(control.guest_asid, ~0u, 2)),
	STATE("CR0.CD=1,CR0.NW=0", EDIT(save.cr0, CR0_NW, CR0_CD)),
	STATE("CR0.CD=1,CR0.NW=1", EDIT(save.cr0, 0, CR0_CD | CR0_NW)),
	STATE("CR0.TS=1", EDIT(save.cr0, 0, CR0_TS)),
	STATE("CR0.WP=0", EDIT(save.cr0, CR0_WP, 0)),
	STATE("CR3.PWT=1,CR3.PCD=1", EDIT(save.cr3, 0, BIT(3) | BIT(4))),
	{ .name = "CR4.PGE=1", .edit = { EDIT(save.cr4, 0, CR4_PGE) }, .needs = PGE },
	{ .name = "CR4.SMEP=1", .edit = { EDIT(save.cr4, 0, CR4_SMEP) }, .needs = SMEP },
	STATE("DR6=0", EDIT(save.dr6, ~0ull, 0)),
	STATE("DR6=ffffffff", EDIT(save.dr6, 0, 0xffffffff)),
	STATE("DR7=0", EDIT(save.dr7, ~0ull, 0)),
	STATE("EFER.SCE=1", EDIT(save.efer, 0, EFER_SCE)),
	STATE("EFER.NXE=0", EDIT(save.efer, EFER_NXE, 0)),
	STATE("EFER.LME=1,CR0.PG=0", EDIT(save.cr0, CR0_PG, 0), EDIT(save.efer, EFER_LMA, 0),
	      EDIT(save.cs.attrib, ATTRIB_L, ATTRIB_DB)),
	STATE("EFER.LME=1,CR0.PG=0,CR4.PAE=0", EDIT(save.cr0, CR0_PG, 0),
	      EDIT(save.efer, EFER_LMA, 0), EDIT(save.cr4, CR4_PAE, 0),
	      EDIT(save.cs.attrib, ATTRIB_L, ATTRIB_DB)),
	STATE("EFER.LME=0,CR0.PG=0", EDIT(save.cr0, CR0_PG, 0),
	      EDIT(save.efer, EFER_LME | EFER_LMA, 0), EDIT(save.cs.attrib, ATTRIB_L, ATTRIB_DB)),
	STATE("CS.L=0,CS.D=1", EDIT(save.cs.attrib, ATTRIB_L, ATTRIB_DB)),
	STATE("EVENTINJ.V=0", EDIT(control.eventinj, ~0ull, BITS(63, 32) | 0x7ff)),
	STATE("DR-intercepts=all", EDIT(control.intercept[1], 0, ~0u)),
};

static u64 first_address_above(void)
{
	return BIT(cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff);
}

static void apply(const struct vmcb_edit *e, u64 above)
{
	u8 *field = (u8 *)l2.vmcb + e->offset;
	u64 value = 0;

	memcpy(&value, field, e->bytes);
	value = (value & ~e->clear) | e->set | above;
	memcpy(field, &value, e->bytes);
}

static void apply_all(const struct vmcb_state *s)
{
	apply(&s->edit[0], s->above_memory ? first_address_above() - s->before : 0);
	apply(&s->edit[1], 0);
	apply(&s->edit[2], 0);
	apply(&s->edit[3], 0);
}

TEST(vmrun_refuses, "VMRUN of an illegal state is #VMEXIT(INVALID), and L2 does not run",
     LAW("APM vol. 2, Canonicalization and Consistency Checks; Event Injection"), NEEDS(SVM),
     CASES(ARRAY_SIZE(refused)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++) {
		if (!has_feature(refused[i].needs)) {
			cases_not_covered(1, "the CPU has not what %s needs", refused[i].name);
			continue;
		}
		CASE("%s", refused[i].name)
		{
			l2_begin();
			apply_all(&refused[i]);
			l2_run_at(just_end.begin);
			EXPECT_EXIT(SVM_EXIT_INVALID);
		}
	}
}

TEST(vmrun_accepts, "VMRUN of a legal state runs L2",
     LAW("APM vol. 2, Canonicalization and Consistency Checks"), NEEDS(SVM),
     CASES(ARRAY_SIZE(accepted)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accepted); i++) {
		if (!has_feature(accepted[i].needs)) {
			cases_not_covered(1, "the CPU has not what %s needs", accepted[i].name);
			continue;
		}
		CASE("%s", accepted[i].name)
		{
			l2_begin();
			apply_all(&accepted[i]);
			l2_run_at(just_end.begin);
			EXPECT_END(just_end);
		}
	}
}

/* The neighbour of all of the above: the same VMCB runs once it is legal again. */
TEST(vmrun_after_refusal, "a VMRUN that was refused leaves L1 able to run a legal state",
     LAW("APM vol. 2, Canonicalization and Consistency Checks"), NEEDS(SVM))
{
	l2_begin();
	l2.vmcb->control.guest_asid = 0;
	l2_run_at(just_end.begin);
	EXPECT_EXIT(SVM_EXIT_INVALID);
	l2.vmcb->control.guest_asid = 1;
	l2_run_at(just_end.begin);
	EXPECT_END(just_end);
}
