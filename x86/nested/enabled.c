// SPDX-License-Identifier: GPL-2.0-only
/*
 * SVM is there when EFER.SVME says so, and its MSRs take only what they may.
 */
#include "x86/nested/svm.h"

static struct vmcb vmcb __attribute__((aligned(4096)));

#define INSTRUCTIONS(INSTRUCTION)                                                                  \
	INSTRUCTION(VMRUN, "vmrun %%rax")                                                          \
	INSTRUCTION(VMLOAD, "vmload %%rax")                                                        \
	INSTRUCTION(VMSAVE, "vmsave %%rax")                                                        \
	INSTRUCTION(CLGI, "clgi")                                                                  \
	INSTRUCTION(INVLPGA, "invlpga %%rax, %%ecx")

enum instruction {
#define INSTRUCTION(name, text) NUMBER_##name,
	INSTRUCTIONS(INSTRUCTION)
#undef INSTRUCTION
		COUNT
};

static const char *const names[] = {
#define INSTRUCTION(name, text) #name,
	INSTRUCTIONS(INSTRUCTION)
#undef INSTRUCTION
};

static struct fault perform(unsigned int number)
{
	switch (number) {
#define INSTRUCTION(name, text)                                                                    \
	case NUMBER_##name:                                                                        \
		return TRY(text, : : "a"(&vmcb), "c"(0));
		INSTRUCTIONS(INSTRUCTION)
#undef INSTRUCTION
	}
	__builtin_unreachable();
}

TEST(svme_gates_instructions, "VMRUN, VMLOAD, VMSAVE, CLGI and INVLPGA are #UD while EFER.SVME = 0",
     LAW("APM vol. 2, Enabling SVM; APM vol. 3, System Instruction Reference"), NEEDS(SVM),
     FIXES(FIX("d99df02ff427", "KVM: SVM: Inject #UD for INVLPGA if EFER.SVME=0")), CASES(COUNT))
{
	for (unsigned int i = 0; i < COUNT; i++)
		CASE ("instruction=%s", names[i]) {
			l2_begin();
			wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SVME);
			EXPECT_FAULT(UD, perform(i));
			/* GIF is 1 again, whatever CLGI did. */
			wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
			stgi();
		}
}

static u64 physical_addresses(void)
{
	return BIT(cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff);
}

static struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

TEST(hsave_pa_takes_pages, "VM_HSAVE_PA takes the address of a page, and else WRMSR is #GP(0)",
     LAW("APM vol. 2, VM_HSAVE_PA MSR"), NEEDS(SVM), CASES(5))
{
	static const struct {
		const char *name;
		u64 add;
		bool above, taken;
	} rows[] = {
		{ "page", 0, false, true },	    { "page+1", 1, false, false },
		{ "page+8", 8, false, false },	    { "page+800h", 0x800, false, false },
		{ "above-memory", 0, true, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("address=%s", rows[i].name) {
			u64 value = (u64)&vmcb + rows[i].add, before;

			l2_begin();
			before = rdmsr(MSR_VM_HSAVE_PA);
			if (rows[i].above)
				value += physical_addresses();
			if (rows[i].taken)
				EXPECT_NO_FAULT(try_wrmsr(MSR_VM_HSAVE_PA, value));
			else
				EXPECT_FAULT(GP, try_wrmsr(MSR_VM_HSAVE_PA, value));
			EXPECT_EQ(rows[i].taken ? value : before, rdmsr(MSR_VM_HSAVE_PA));
		}
}

TEST(svmdis_needs_svme_clear, "VM_CR.SVMDIS = 1 is #GP(0) while EFER.SVME = 1",
     LAW("APM vol. 2, VM_CR MSR"), NEEDS(SVM), FLAGS(TEST_FRESH_VM))
{
	l2_begin();
	EXPECT_FAULT(GP, try_wrmsr(MSR_VM_CR, rdmsr(MSR_VM_CR) | VM_CR_SVMDIS));
}
