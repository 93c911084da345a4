// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested states that no L2 can be in: a host that restores a guest must refuse them, for
 * whoever sends it the state is not trusted (Documentation/virt/kvm/api.rst,
 * KVM_SET_NESTED_STATE; struct kvm_nested_state of asm/kvm.h).  The control area is L2's,
 * as VMRUN loaded it; the save area is that of L1, as VMRUN saved it.
 */
#include "x86/nested/svm.h"

/* struct kvm_nested_state, and of struct kvm_sregs what is edited. */
enum {
	FLAGS = 0,
	FORMAT = 2,
	SIZE = 4,
	VMCB_PA = 8,
	SREGS_CS_L = 19,
	SREGS_CR3 = 240,
	SREGS_EFER = 264
};
enum { FORMAT_VMX = 0, FORMAT_SVM = 1 };
enum { GUEST_MODE = BIT(0), RUN_PENDING = BIT(1), GIF_SET = BIT(8) };
enum { EINVAL_ = 22 };

#define AT(offset_) EDIT_NESTED_STATE, (offset_) & ~7ull
#define BITS_AT(offset_, bits) ((u64)(bits) << ((offset_)&7) * 8)
/* A field of the header: clear some of its bits, set others. */
#define HEADER(offset, clear, set)                                                                 \
	{                                                                                          \
		AT(offset), BITS_AT(offset, clear), BITS_AT(offset, set)                           \
	}
#define VMCB(field, clear, set)                                                                    \
	{                                                                                          \
		AT(NESTED_STATE_DATA + offsetof(struct vmcb, field)),                              \
			BITS_AT(offsetof(struct vmcb, field), clear),                              \
			BITS_AT(offsetof(struct vmcb, field), set)                                 \
	}
#define SREG(offset, clear, set)                                                                   \
	{                                                                                          \
		EDIT_SREGS, (offset) & ~7ull, BITS_AT(offset, clear), BITS_AT(offset, set)         \
	}

struct state {
	const char *name;
	struct sync_edit edit[3];
};

#define STATE(name_, ...)                                                                          \
	{                                                                                          \
		.name = name_, .edit = { __VA_ARGS__ }                                             \
	}

static const struct state refused[] = {
	STATE("format=VMX", HEADER(FORMAT, 0xffff, FORMAT_VMX)),
	STATE("format=unknown", HEADER(FORMAT, 0xffff, 2)),
	STATE("flags=unknown", HEADER(FLAGS, 0, BIT(15))),
	STATE("flags=RUN_PENDING", HEADER(FLAGS, GUEST_MODE, RUN_PENDING)),
	STATE("size=header", HEADER(SIZE, ~0u, NESTED_STATE_DATA)),
	STATE("size=less", HEADER(SIZE, ~0u, NESTED_STATE_DATA - 1)),
	STATE("vmcb_pa=unaligned", HEADER(VMCB_PA, 0, 0x10)),
	STATE("vmcb_pa=above-memory", HEADER(VMCB_PA, 0, BIT(62))),
	STATE("VMRUN-intercept=0", VMCB(control.intercept[4], BIT(0), 0)),
	STATE("ASID=0", VMCB(control.guest_asid, ~0u, 0)),
	STATE("IOPM=above-memory", VMCB(control.iopm_base_pa, 0, BIT(62))),
	STATE("MSRPM=above-memory", VMCB(control.msrpm_base_pa, 0, BIT(62))),
	STATE("CR0.PE=0", VMCB(save.cr0, CR0_PE, 0)),
	STATE("CR0.PG=0", VMCB(save.cr0, CR0_PG, 0)),
	STATE("CR0.CD=0,CR0.NW=1", VMCB(save.cr0, CR0_CD, CR0_NW)),
	STATE("CR0[32]", VMCB(save.cr0, 0, BIT(32))),
	STATE("CR3[63]", VMCB(save.cr3, 0, BIT(63))),
	STATE("CR4[15]", VMCB(save.cr4, 0, BIT(15))),
	STATE("CR4.PAE=0", VMCB(save.cr4, CR4_PAE, 0)),
	STATE("DR6[32]", VMCB(save.dr6, 0, BIT(32))),
	STATE("DR7[32]", VMCB(save.dr7, 0, BIT(32))),
	STATE("EFER.SVME=0", VMCB(save.efer, EFER_SVME, 0)),
	STATE("EFER[9]", VMCB(save.efer, 0, BIT(9))),
	STATE("EFER.LMA=1,EFER.LME=0", VMCB(save.efer, EFER_LME, 0)),
	STATE("RFLAGS.VM=1", VMCB(save.rflags, 0, RFLAGS_VM)),
	STATE("CS.L=1,CS.D=1", VMCB(save.cs.attrib, 0, BIT(10))),
};

static const struct state accepted[] = {
	{ .name = "unchanged" },
	STATE("flags=GIF", HEADER(FLAGS, 0, GIF_SET)),
	STATE("flags=no-GIF", HEADER(FLAGS, GIF_SET, 0)),
	STATE("flags=no-L2", HEADER(FLAGS, GUEST_MODE | RUN_PENDING, 0)),
	STATE("ASID=2", VMCB(control.guest_asid, ~0u, 2)),
	STATE("CR0.WP=0", VMCB(save.cr0, CR0_WP, 0)),
	STATE("DR6=0", VMCB(save.dr6, ~0ull, 0)),
	STATE("EFER.SCE=1", VMCB(save.efer, 0, EFER_SCE)),
	STATE("CS.L=0,CS.D=1", VMCB(save.cs.attrib, BIT(9), BIT(10))),
};

/* --- in L2 --- */

static struct sync_edit edits[3];
static struct {
	u8 status;
	u64 refused_with;
	char detail[SYNC_DETAIL_MAX];
} asked;

static u64 ask(u64 count)
{
	const struct sync_reply *r =
		sync_try(CHECK_NESTED_STATE, .check_nested_state = { (u64)edits, count });

	asked.status = r->status[SYNC_BIT_CHECK_NESTED_STATE];
	asked.refused_with = r->value[SYNC_BIT_CHECK_NESTED_STATE];
	memcpy(asked.detail, r->detail, sizeof(asked.detail));
	return 0;
}

static void expect_answer(const struct state *s, u64 wanted)
{
	memcpy(edits, s->edit, sizeof(edits));
	l2_begin();
	l2_call(ask, ARRAY_SIZE(edits));
	if (!EXPECT_RETURN())
		return;
	if (asked.status != SYNC_OK)
		test_error("CHECK_NESTED_STATE: %s", asked.detail);
	EXPECT_EQ(wanted, asked.refused_with);
}

TEST(illegal_state_is_refused, "a nested state that no L2 can be in is refused with EINVAL",
     LAW("APM vol. 2, Canonicalization and Consistency Checks; api.rst, KVM_SET_NESTED_STATE"),
     FIXES(FIX("96bd3e76a171",
	       "KVM: nSVM: Add missing consistency check for EFER, CR0, CR4, and CS")),
     NEEDS(SVM), ACTIONS(CHECK_NESTED_STATE), CASES(ARRAY_SIZE(refused)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++)
		CASE ("%s", refused[i].name)
			expect_answer(&refused[i], EINVAL_);
}

TEST(legal_state_is_taken, "a nested state that an L2 can be in is taken",
     LAW("APM vol. 2, Canonicalization and Consistency Checks; api.rst, KVM_SET_NESTED_STATE"),
     NEEDS(SVM), ACTIONS(CHECK_NESTED_STATE), CASES(ARRAY_SIZE(accepted)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accepted); i++)
		CASE ("%s", accepted[i].name)
			expect_answer(&accepted[i], 0);
}

/*
 * CR3 was legal when it was loaded; the address bits that the vCPU has are fewer since.  The
 * host's log must stay clean: what a VMM can do is nothing to warn of.
 */
TEST(cr3_above_memory_is_refused,
     "a nested state is refused if L2's CR3 is above its memory by now",
     LAW("APM vol. 2, CR3 Register, reserved bits; api.rst, KVM_SET_NESTED_STATE"), NEEDS(SVM),
     FIXES(FIX("fc3ba56385d0", "KVM: nSVM: Remove a user-triggerable WARN on "
			       "nested_svm_load_cr3() succeeding")),
     ACTIONS(CHECK_NESTED_STATE), CASES(2))
{
	u64 bits = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff;
	struct state s = STATE("", SREG(SREGS_CR3, 0, BIT(bits - 1)));

	CASE ("above=no")
		expect_answer(&s, 0);
	s.edit[1] = (struct sync_edit){ EDIT_MAXPHYADDR, .set = bits - 1 };
	CASE ("above=yes")
		expect_answer(&s, EINVAL_);
}
