// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instruction of L2's that the host emulates exits as one that the processor
 * executes: with the same code and information, and not without its intercept.  KVM
 * emulates what stands behind its forced-emulation prefix.
 */
#include "x86/nested/svm.h"

#define PREFIX ".byte 0x0f, 0x0b, 0x6b, 0x76, 0x6d\n\t" /* UD2, "kvm" */
enum { PREFIX_BYTES = 5 };
#define PORT 0xe6c

/* INSTRUCTION(name, exit, EXITINFO1, before, text): RDI and RSI are addresses of data. */
#define INSTRUCTIONS(INSTRUCTION)                                                                  \
	INSTRUCTION(in_8, IOIO, IOIO_PORT(PORT) | IOIO_IN | IOIO_SZ8, "mov $0xe6c, %edx",          \
		    "in %dx, %al")                                                                 \
	INSTRUCTION(in_16, IOIO, IOIO_PORT(PORT) | IOIO_IN | IOIO_SZ16, "mov $0xe6c, %edx",        \
		    "in %dx, %ax")                                                                 \
	INSTRUCTION(in_32, IOIO, IOIO_PORT(PORT) | IOIO_IN | IOIO_SZ32, "mov $0xe6c, %edx",        \
		    "in %dx, %eax")                                                                \
	INSTRUCTION(in_immediate, IOIO, IOIO_PORT(0x6c) | IOIO_IN | IOIO_SZ8, "", "in $0x6c, %al") \
	INSTRUCTION(out_8, IOIO, IOIO_PORT(PORT) | IOIO_SZ8, "mov $0xe6c, %edx", "out %al, %dx")   \
	INSTRUCTION(out_32, IOIO, IOIO_PORT(PORT) | IOIO_SZ32, "mov $0xe6c, %edx",                 \
		    "out %eax, %dx")                                                               \
	INSTRUCTION(ins_8, IOIO, IOIO_PORT(PORT) | IOIO_IN | IOIO_STR | IOIO_SZ8 | IOIO_A64,       \
		    "mov $0xe6c, %edx", "insb")                                                    \
	INSTRUCTION(ins_32, IOIO, IOIO_PORT(PORT) | IOIO_IN | IOIO_STR | IOIO_SZ32 | IOIO_A64,     \
		    "mov $0xe6c, %edx", "insl")                                                    \
	INSTRUCTION(rep_ins, IOIO,                                                                 \
		    IOIO_PORT(PORT) | IOIO_IN | IOIO_STR | IOIO_REP | IOIO_SZ8 | IOIO_A64,         \
		    "mov $0xe6c, %edx; mov $2, %ecx", "rep insb")                                  \
	INSTRUCTION(outs_16, IOIO, IOIO_PORT(PORT) | IOIO_STR | IOIO_SZ16 | IOIO_A64,              \
		    "mov $0xe6c, %edx", "outsw")                                                   \
	INSTRUCTION(rep_outs, IOIO, IOIO_PORT(PORT) | IOIO_STR | IOIO_REP | IOIO_SZ8 | IOIO_A64,   \
		    "mov $0xe6c, %edx; mov $2, %ecx", "rep outsb")                                 \
	INSTRUCTION(outs_address_32, IOIO, IOIO_PORT(PORT) | IOIO_STR | IOIO_SZ8 | IOIO_A32,       \
		    "mov $0xe6c, %edx", "addr32 outsb")                                            \
	INSTRUCTION(rdmsr_star, MSR, 0, "mov $0xc0000081, %ecx", "rdmsr")                          \
	INSTRUCTION(wrmsr_star, MSR, 1, "mov $0xc0000081, %ecx; xor %eax, %eax; xor %edx, %edx",   \
		    "wrmsr")                                                                       \
	INSTRUCTION(cpuid_0, CPUID, 0, "xor %eax, %eax", "cpuid")                                  \
	INSTRUCTION(halt, HLT, 0, "", "hlt")                                                       \
	INSTRUCTION(pause_, PAUSE, 0, "", "pause")                                                 \
	INSTRUCTION(invlpg_, INVLPG, 0, "", "invlpg (%rdi)")                                       \
	INSTRUCTION(rdtsc_, RDTSC, 0, "", "rdtsc")                                                 \
	INSTRUCTION(wbinvd_, WBINVD, 0, "", "wbinvd")                                              \
	INSTRUCTION(sgdt_, GDTR_READ, 0, "", "sgdt (%rdi)")                                        \
	INSTRUCTION(sidt_, IDTR_READ, 0, "", "sidt (%rdi)")                                        \
	INSTRUCTION(cr0_read, CR0_READ, 0, "", "mov %cr0, %rax")                                   \
	INSTRUCTION(cr3_read, CR3_READ, 0, "", "mov %cr3, %rax")                                   \
	INSTRUCTION(cr4_read, CR4_READ, 0, "", "mov %cr4, %rax")                                   \
	INSTRUCTION(cr0_write, CR0_WRITE, 0, "mov %cr0, %rax", "mov %rax, %cr0")                   \
	INSTRUCTION(cr3_write, CR3_WRITE, 0, "mov %cr3, %rax", "mov %rax, %cr3")                   \
	INSTRUCTION(cr4_write, CR4_WRITE, 0, "mov %cr4, %rax", "mov %rax, %cr4")                   \
	INSTRUCTION(cr0_same, CR0_SEL_WRITE, 0, "mov %cr0, %rax", "mov %rax, %cr0")                \
	INSTRUCTION(cr0_ts, CR0_SEL_WRITE, 0, "mov %cr0, %rax; btc $3, %eax", "mov %rax, %cr0")    \
	INSTRUCTION(cr0_am, CR0_SEL_WRITE, 0, "mov %cr0, %rax; btc $18, %eax", "mov %rax, %cr0")   \
	INSTRUCTION(clts_, CR0_WRITE, 0, "", "clts")                                               \
	INSTRUCTION(dr0_read, DR0_READ, 0, "", "mov %dr0, %rax")                                   \
	INSTRUCTION(dr7_write, DR7_WRITE, 0, "mov $0x400, %eax", "mov %rax, %dr7")                 \
	INSTRUCTION(nop_, PAUSE, 0, "", "nop")

#define INSTRUCTION(name, exit, info, before, text)                                                \
	L2_CODE(name##_native, before, text, "");                                                  \
	L2_CODE(name##_forced, before, PREFIX text, "");
INSTRUCTIONS(INSTRUCTION)
#undef INSTRUCTION

static const struct row {
	const char *name;
	u64 exit, info;
	const struct l2_code *native, *forced;
} rows[] = {
#define INSTRUCTION(name, exit, info, before, text)                                                \
	{ #name, SVM_EXIT_##exit, info, &name##_native, &name##_forced },
	INSTRUCTIONS(INSTRUCTION)
#undef INSTRUCTION
};

enum { IO_ROWS = 12 }; /* the first ones */

static u8 data[16];

/* Only strings have an address size (15.10.2), and their segment needs decode assists. */
static u64 compared(u64 exitinfo1)
{
	u64 mask = BITS(31, 16) | IOIO_IN | IOIO_STR | IOIO_REP | IOIO_SZ8 | IOIO_SZ16 | IOIO_SZ32;

	return exitinfo1 & (exitinfo1 & IOIO_STR ? mask | IOIO_A16 | IOIO_A32 | IOIO_A64 : mask);
}

static void run(const struct row *row, const struct l2_code *code, bool intercepted)
{
	l2_begin();
	memset(l2_iopm, 0xff, sizeof(l2_iopm));
	memset(l2_msrpm, 0xff, sizeof(l2_msrpm));
	if (intercepted)
		l2_intercept((unsigned int)row->exit);
	l2.regs.rdi = l2.regs.rsi = (u64)data;
	l2_run_at(code->begin);
}

static bool offered(void)
{
	static const struct row nop = { "nop", SVM_EXIT_PAUSE, 0, &nop__native, &nop__forced };

	run(&nop, nop.forced, false);
	return l2.ran;
}

TEST(emulated_exits, "an instruction of L2's that the host emulates exits as one that is executed",
     LAW("APM vol. 2, Instruction Intercepts; IOIO Intercepts; MSR Intercepts"), NEEDS(SVM),
     CASES(ARRAY_SIZE(rows) * 2 - 1))
{
	if (!offered())
		skip("the host offers no forced emulation: the prefix ud2, 'kvm' is #UD");
	for (unsigned int i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		const struct row *r = &rows[i / 2];
		bool intercepted = i & 1;

		/* Nothing would wake it. */
		if (r->exit == SVM_EXIT_HLT && !intercepted)
			continue;
		CASE ("instruction=%s,intercepted=%u", r->name, intercepted) {
			struct vmcb_control native;
			bool ran;

			run(r, r->native, intercepted);
			native = l2.vmcb->control;
			ran = l2.ran;
			run(r, r->forced, intercepted);
			EXPECT_EQ(ran, l2.ran);
			EXPECT_EXIT(native.exitcode);
			if (ran || native.exitcode != r->exit)
				continue;
			EXPECT_EQ((u64)r->forced->at + PREFIX_BYTES, l2.vmcb->save.rip);
			if (r->exit == SVM_EXIT_IOIO || r->exit == SVM_EXIT_MSR)
				EXPECT_EQ(r->info, compared(l2.vmcb->control.exitinfo1));
		}
	}
}

TEST(emulated_io_next_rip,
     "EXITINFO2 of an IOIO exit is the next RIP, whether the host emulates the instruction or not",
     LAW("APM vol. 2, IOIO Intercepts"), NEEDS(SVM), CASES(IO_ROWS))
{
	if (!offered())
		skip("the host offers no forced emulation: the prefix ud2, 'kvm' is #UD");
	for (unsigned int i = 0; i < IO_ROWS; i++)
		CASE ("instruction=%s", rows[i].name) {
			run(&rows[i], rows[i].forced, true);
			if (EXPECT_EXIT(SVM_EXIT_IOIO))
				EXPECT_EQ((u64)rows[i].forced->next, l2.vmcb->control.exitinfo2);
		}
}
