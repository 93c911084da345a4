// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instruction intercepts: an instruction exits if its own intercept is set, with
 * its code, before it has done anything, and executes if only all others are.
 */
#include "x86/nested/svm.h"

/* RDI holds the row's argument, RSI an address of ten readable and writable bytes. */
L2_CODE(cr0_read, "", "mov %cr0, %rax", "");
L2_CODE(smsw, "", "smsw %ax", "");
L2_CODE(cr3_read, "", "mov %cr3, %rax", "");
L2_CODE(cr4_read, "", "mov %cr4, %rax", "");
L2_CODE(cr8_read, "", "mov %cr8, %rax", "");
L2_CODE(cr0_write, "", "mov %rdi, %cr0", "");
L2_CODE(clts, "", "clts", "");
L2_CODE(lmsw, "", "lmsw %di", "");
L2_CODE(cr3_write, "", "mov %rdi, %cr3", "");
L2_CODE(cr4_write, "", "mov %rdi, %cr4", "");
L2_CODE(cr8_write, "", "mov %rdi, %cr8", "");
L2_CODE(dr0_read, "", "mov %dr0, %rax", "");
L2_CODE(dr1_read, "", "mov %dr1, %rax", "");
L2_CODE(dr2_read, "", "mov %dr2, %rax", "");
L2_CODE(dr3_read, "", "mov %dr3, %rax", "");
L2_CODE(dr6_read, "", "mov %dr6, %rax", "");
L2_CODE(dr7_read, "", "mov %dr7, %rax", "");
L2_CODE(dr0_write, "", "mov %rdi, %dr0", "");
L2_CODE(dr1_write, "", "mov %rdi, %dr1", "");
L2_CODE(dr2_write, "", "mov %rdi, %dr2", "");
L2_CODE(dr3_write, "", "mov %rdi, %dr3", "");
L2_CODE(dr6_write, "", "mov %rdi, %dr6", "");
L2_CODE(dr7_write, "", "mov %rdi, %dr7", "");
L2_CODE(sidt, "", "sidt (%rsi)", "");
L2_CODE(sgdt, "", "sgdt (%rsi)", "");
L2_CODE(sldt, "", "sldt %eax", "");
L2_CODE(str, "", "str %eax", "");
L2_CODE(lidt, "", "lidt (%rsi)", "");
L2_CODE(lgdt, "", "lgdt (%rsi)", "");
L2_CODE(lldt, "", "lldt %di", "");
L2_CODE(ltr, "", "ltr %di", "");
L2_CODE(read_tsc, "", "rdtsc", "");
L2_CODE(rdpmc, "xor %ecx, %ecx", "rdpmc", "");
L2_CODE(pushf, "", "pushfq", "add $8, %rsp");
L2_CODE(popf, "push $2", "popfq", "");
L2_CODE(read_cpuid, "xor %eax, %eax", "cpuid", "");
L2_CODE(iret, "mov %rsp, %rax; push $0x10; push %rax; push $2; push $0x8; push %rdi", "iretq", "");
L2_CODE(int_n, "", "int $0x50", "");
L2_CODE(invd, "", "invd", "");
L2_CODE(pause_, "", "pause", "");
L2_CODE(hlt, "", "hlt", "");
L2_CODE(invlpg_, "", "invlpg (%rsi)", "");
L2_CODE(invlpga, "mov %rsi, %rax; xor %ecx, %ecx", "invlpga %rax, %ecx", "");
L2_CODE(stgi_, "", "stgi", "");
L2_CODE(clgi_, "", "clgi", "stgi");
L2_CODE(vmrun, "mov %rsi, %rax", "vmrun %rax", "");
L2_CODE(skinit, "xor %eax, %eax", "skinit %eax", "");
L2_CODE(rdtscp_, "", "rdtscp", "");
L2_CODE(icebp, "", ".byte 0xf1", "");
L2_CODE(wbinvd_, "", "wbinvd", "");
L2_CODE(monitor, "mov %rsi, %rax; xor %ecx, %ecx; xor %edx, %edx", "monitor", "");
L2_CODE(mwait, "xor %eax, %eax; xor %ecx, %ecx", "mwait", "");
L2_CODE(xsetbv, "xor %ecx, %ecx; xor %edx, %edx; mov %edi, %eax", "xsetbv", "");

enum { EXITS_ONLY = BIT(0), PRIVILEGED = BIT(1) };
/* Arguments that are known only at run time. */
enum { ARGUMENT_CR0 = 1 << 30, ARGUMENT_CR3, ARGUMENT_CR4, ARGUMENT_END };

static const struct row {
	const char *name;
	unsigned int exit;
	const struct l2_code *code;
	u64 argument;
	unsigned int flags;
	unsigned int vector; /* of the event that it is in L2, if it is one; else 0 */
	u64 needs;
} rows[] = {
#define ROW(name_, exit_, code_, ...)                                                              \
	{ .name = name_, .exit = SVM_EXIT_##exit_, .code = &code_, __VA_ARGS__ }
	ROW("mov-from-CR0", CR0_READ, cr0_read, .flags = PRIVILEGED),
	ROW("smsw", CR0_READ, smsw),
	ROW("mov-from-CR3", CR3_READ, cr3_read, .flags = PRIVILEGED),
	ROW("mov-from-CR4", CR4_READ, cr4_read, .flags = PRIVILEGED),
	ROW("mov-from-CR8", CR8_READ, cr8_read, .flags = PRIVILEGED),
	ROW("mov-to-CR0", CR0_WRITE, cr0_write, ARGUMENT_CR0, .flags = PRIVILEGED),
	ROW("clts", CR0_WRITE, clts, .flags = PRIVILEGED),
	ROW("lmsw", CR0_WRITE, lmsw, CR0_PE | CR0_MP, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("mov-to-CR3", CR3_WRITE, cr3_write, ARGUMENT_CR3, .flags = PRIVILEGED),
	ROW("mov-to-CR4", CR4_WRITE, cr4_write, ARGUMENT_CR4, .flags = PRIVILEGED),
	ROW("mov-to-CR8", CR8_WRITE, cr8_write, 0, .flags = PRIVILEGED),
	ROW("mov-from-DR0", DR0_READ, dr0_read, .flags = PRIVILEGED),
	ROW("mov-from-DR1", DR0_READ + 1, dr1_read, .flags = PRIVILEGED),
	ROW("mov-from-DR2", DR0_READ + 2, dr2_read, .flags = PRIVILEGED),
	ROW("mov-from-DR3", DR0_READ + 3, dr3_read, .flags = PRIVILEGED),
	ROW("mov-from-DR6", DR6_READ, dr6_read, .flags = PRIVILEGED),
	ROW("mov-from-DR7", DR7_READ, dr7_read, .flags = PRIVILEGED),
	ROW("mov-to-DR0", DR0_WRITE, dr0_write, 0x1000, .flags = PRIVILEGED),
	ROW("mov-to-DR1", DR0_WRITE + 1, dr1_write, 0x1000, .flags = PRIVILEGED),
	ROW("mov-to-DR2", DR0_WRITE + 2, dr2_write, 0x1000, .flags = PRIVILEGED),
	ROW("mov-to-DR3", DR0_WRITE + 3, dr3_write, 0x1000, .flags = PRIVILEGED),
	ROW("mov-to-DR6", DR6_WRITE, dr6_write, DR6_FIXED, .flags = PRIVILEGED),
	ROW("mov-to-DR7", DR7_WRITE, dr7_write, DR7_FIXED, .flags = PRIVILEGED),
	ROW("sidt", IDTR_READ, sidt),
	ROW("sgdt", GDTR_READ, sgdt),
	ROW("sldt", LDTR_READ, sldt),
	ROW("str", TR_READ, str),
	ROW("lidt", IDTR_WRITE, lidt, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("lgdt", GDTR_WRITE, lgdt, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("lldt", LDTR_WRITE, lldt, 0, .flags = PRIVILEGED),
	ROW("ltr", TR_WRITE, ltr, SELECTOR_TSS, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("rdtsc", RDTSC, read_tsc),
	ROW("rdpmc", RDPMC, rdpmc, .flags = EXITS_ONLY),
	ROW("pushf", PUSHF, pushf),
	ROW("popf", POPF, popf),
	ROW("cpuid", CPUID, read_cpuid),
	ROW("iret", IRET, iret, ARGUMENT_END),
	ROW("int-n", SWINT, int_n, .vector = 0x50),
	ROW("invd", INVD, invd, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("pause", PAUSE, pause_),
	ROW("hlt", HLT, hlt, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("invlpg", INVLPG, invlpg_, .flags = PRIVILEGED),
	ROW("invlpga", INVLPGA, invlpga, .flags = PRIVILEGED),
	ROW("stgi", STGI, stgi_, .flags = PRIVILEGED),
	ROW("clgi", CLGI, clgi_, .flags = PRIVILEGED),
	ROW("vmrun", VMRUN, vmrun, .flags = PRIVILEGED | EXITS_ONLY),
	ROW("skinit", SKINIT, skinit, .flags = PRIVILEGED | EXITS_ONLY, .needs = SKINIT),
	ROW("rdtscp", RDTSCP, rdtscp_, .needs = RDTSCP),
	ROW("icebp", ICEBP, icebp, .vector = VECTOR_DB),
	ROW("wbinvd", WBINVD, wbinvd_, .flags = PRIVILEGED),
	ROW("monitor", MONITOR, monitor, .flags = EXITS_ONLY, .needs = MONITOR),
	ROW("mwait", MWAIT, mwait, .flags = EXITS_ONLY, .needs = MONITOR),
	ROW("xsetbv", XSETBV, xsetbv, 1, .flags = PRIVILEGED, .needs = XSAVE),
};
enum { ROWS = ARRAY_SIZE(rows) };

static u8 operand[16] __attribute__((aligned(4096)));

static u64 argument(const struct row *r)
{
	switch (r->argument) {
	case ARGUMENT_CR0:
		return l2.vmcb->save.cr0;
	case ARGUMENT_CR3:
		return l2.vmcb->save.cr3;
	case ARGUMENT_CR4:
		return l2.vmcb->save.cr4;
	case ARGUMENT_END:
		return (u64)r->code->end;
	}
	return r->argument;
}

enum which { NONE, OWN, OTHERS };

/* Words 0 to 4, but for what must be there and what keeps L2 from running at all. */
static void intercept(const struct row *r, enum which which)
{
	if (which == OTHERS) {
		memset(l2.vmcb->control.intercept, 0xff, 5 * sizeof(u32));
		l2_pass(r->exit);
		/* The selective intercept of the same write, and the other one of MWAIT. */
		if (r->exit == SVM_EXIT_CR0_WRITE)
			l2_pass(SVM_EXIT_CR0_SEL_WRITE);
		/* Those that would take the event, and the pair that CLGI comes in. */
		if (r->vector == VECTOR_DB)
			l2_pass(SVM_EXIT_EXCEPTION + VECTOR_DB);
		if (r->exit == SVM_EXIT_CLGI)
			l2_pass(SVM_EXIT_STGI);
		l2_intercept(SVM_EXIT_VMRUN);
	} else if (which == OWN) {
		l2_intercept(r->exit);
	}
}

static void begin(const struct row *r, enum which which, unsigned int cpl)
{
	l2_begin();
	if (r->needs & XSAVE)
		l2.vmcb->save.cr4 |= CR4_OSXSAVE;
	intercept(r, which);
	l2_set_cpl(cpl);
	l2.regs.rdi = argument(r);
	l2.regs.rsi = l2_address(operand);
}

static bool covered(const struct row *r)
{
	if (has_feature(r->needs))
		return true;
	cases_not_covered(1, "the CPU has no %s", r->name);
	return false;
}

TEST(intercepted_exits, "an intercepted instruction exits with its code and has done nothing",
     LAW("APM vol. 2, Instruction Intercepts; appendix C"), NEEDS(SVM), CASES(ROWS))
{
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];
		u64 rflags;

		if (!covered(r))
			continue;
		CASE("instruction=%s", r->name)
		{
			begin(r, OWN, 0);
			rflags = l2.vmcb->save.rflags;
			l2_run_at(r->code->begin);
			EXPECT_EXIT_AT(r->exit, *r->code);
			EXPECT_EQ(rflags & RFLAGS_IF, l2.vmcb->save.rflags & RFLAGS_IF);
			EXPECT_EQ(argument(r), l2.regs.rdi);
		}
	}
}

enum { FREE_ROWS = 42 };

TEST(not_intercepted_executes, "an instruction executes while only other intercepts are set",
     LAW("APM vol. 2, Instruction Intercepts"), NEEDS(SVM), CASES(2 * FREE_ROWS))
{
	static const char *const which_name[] = { "none", "own", "others" };

	for (unsigned int i = 0; i < 2 * ROWS; i++) {
		const struct row *r = &rows[i / 2];
		enum which which = i & 1 ? OTHERS : NONE;

		if (r->flags & EXITS_ONLY || !covered(r))
			continue;
		CASE("instruction=%s,intercepts=%s", r->name, which_name[which])
		{
			begin(r, which, 0);
			l2_run_at(r->code->begin);
			if (r->vector)
				EXPECT_L2_EVENT(r->vector);
			else
				EXPECT_END(*r->code);
		}
	}
}

enum { PRIVILEGED_ROWS = 36 };

TEST(privilege_before_intercept, "a privileged instruction at CPL 3 is #GP in L2, and no exit",
     LAW("APM vol. 2, Instruction Intercepts; Exception Checking"), NEEDS(SVM),
     CASES(PRIVILEGED_ROWS))
{
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (!(r->flags & PRIVILEGED) || !covered(r))
			continue;
		CASE("instruction=%s", r->name)
		{
			begin(r, OWN, 3);
			l2_run_at(r->code->begin);
			if (!EXPECT_L2_EVENT(VECTOR_GP))
				continue;
			EXPECT_EQ(0, l2.event.error_code);
			EXPECT_EQ((u64)USER(r->code->at), l2.event.rip);
		}
	}
}
