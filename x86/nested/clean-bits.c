// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clean bits say that a VMCB's fields have not changed since its last VMRUN.  What
 * a processor has kept of them is that VMCB's: another one that ran in between
 * leaves nothing behind.
 */
#include "x86/nested/svm.h"

enum { CLEAN = 0x3ff }; /* bits 0 to 9, those that are defined everywhere */

static struct vmcb other __attribute__((aligned(4096)));

L2_CODE(look,
	"mov %ds, %ebx; sub $16, %rsp; sgdt (%rsp); movzwl (%rsp), %ecx; sidt (%rsp);"
	"movzwl (%rsp), %edx; add $16, %rsp; mov %dr7, %rsi; mov %dr6, %r8; mov %cr4, %r9;"
	"mov %cr2, %r10",
	"nop", "");

static const struct {
	const char *name;
	u64 *seen;
} registers[] = {
	{ "DS", &l2.regs.rbx },	 { "GDTR.limit", &l2.regs.rcx }, { "IDTR.limit", &l2.regs.rdx },
	{ "DR7", &l2.regs.rsi }, { "DR6", &l2.regs.r8 },	 { "CR4", &l2.regs.r9 },
	{ "CR2", &l2.regs.r10 },
};

static void make_differ(struct vmcb_save *s)
{
	s->ds = (struct vmcb_segment){ 0 };
	s->gdtr.limit = 0x6f;
	s->idtr.limit = 0xeff;
	s->dr7 = DR7_FIXED | 0xf0000000;
	s->dr6 = DR6_FIXED | DR6_BS;
	s->cr4 ^= CR4_TSD;
	s->cr2 = 0x7654000;
}

static void run(struct vmcb *vmcb, u64 clean)
{
	l2.vmcb = vmcb;
	vmcb->control.vmcb_clean = clean;
	l2_run_at(look.begin);
}

TEST(clean_bits_of_two,
     "a clean VMCB runs with its own state, whatever another one left in between",
     LAW("APM vol. 2, VMCB State Caching, VMCB Clean Field"), NEEDS(SVM),
     CASES(ARRAY_SIZE(registers)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		CASE ("register=%s", registers[i].name) {
			struct vmcb *first;
			u64 wanted, got;

			l2_begin();
			first = l2.vmcb;
			other = *first;
			make_differ(&other.save);
			run(first, 0);
			wanted = *registers[i].seen;
			run(&other, 0);
			EXPECT(*registers[i].seen != wanted);
			run(first, CLEAN);
			got = *registers[i].seen;
			EXPECT_END(look);
			EXPECT_EQ(wanted, got);
		}
}

TEST(clean_bits_of_one, "a VMCB that is not clean runs with what L1 has written into it",
     LAW("APM vol. 2, VMCB State Caching, VMCB Clean Field"), NEEDS(SVM),
     CASES(ARRAY_SIZE(registers)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		CASE ("register=%s", registers[i].name) {
			u64 before, wanted;

			l2_begin();
			other = *l2.vmcb;
			make_differ(&other.save);
			run(&other, 0);
			wanted = *registers[i].seen;
			l2_begin();
			run(l2.vmcb, 0);
			before = *registers[i].seen;
			make_differ(&l2.vmcb->save);
			run(l2.vmcb, 0);
			EXPECT(wanted != before);
			EXPECT_EQ(wanted, *registers[i].seen);
		}
}
