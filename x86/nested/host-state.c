// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a #VMEXIT gives back to L1: everything that VMRUN saved in the host save
 * area, however L2 has left it, and whether L2 ran at all.
 */
#include "x86/nested/svm.h"

L2_CODE(end_only, "", "", "");
L2_CODE(halt, "", "hlt", "");
L2_CODE(undefined, "", "ud2", "");
/* Everything that L2 can change and go on. */
L2_CODE(change_all,
	"mov %cr0, %rax; btc $16, %rax; bts $3, %rax; mov %rax, %cr0\n\t"
	"mov %cr4, %rax; bts $3, %rax; bts $2, %rax; mov %rax, %cr4\n\t"
	"mov $0xc0000080, %ecx; rdmsr; bts $0, %eax; wrmsr\n\t"
	"mov $0x1, %eax; mov %rax, %dr7\n\t"
	"xor %eax, %eax; mov %eax, %ds; mov %eax, %es\n\t"
	"lgdt (%rdi); lidt (%rdi)\n\t"
	"mov $0x1234, %esp\n\t"
	"xor %eax, %eax; std",
	"", "");

static const struct {
	const char *name;
	u64 code;
	const struct l2_code *where;
} exits[] = {
	{ "VMMCALL", SVM_EXIT_VMMCALL, &end_only },
	{ "VMMCALL,L2=changed", SVM_EXIT_VMMCALL, &change_all },
	{ "HLT", SVM_EXIT_HLT, &halt },
	{ "UD", SVM_EXIT_EXCEPTION + VECTOR_UD, &undefined },
	{ "SHUTDOWN", SVM_EXIT_SHUTDOWN, &undefined },
	{ "INVALID", SVM_EXIT_INVALID, &end_only },
};

/* REGISTER(NAME, how it is read) */
#define REGISTERS(REGISTER)                                                                        \
	REGISTER(CR0, read_cr0()) REGISTER(CR3, read_cr3()) REGISTER(CR4, read_cr4())              \
	REGISTER(CR8, read_cr8()) REGISTER(EFER, rdmsr(MSR_EFER)) REGISTER(DR7, read_dr7())        \
	REGISTER(CS, selector_cs()) REGISTER(SS, selector_ss()) REGISTER(DS, selector_ds())        \
	REGISTER(ES, selector_es()) REGISTER(TR, selector_tr())                                    \
	REGISTER(GDTR.base, read_gdtr().base) REGISTER(GDTR.limit, read_gdtr().limit)              \
	REGISTER(IDTR.base, read_idtr().base) REGISTER(IDTR.limit, read_idtr().limit)

#define SELECTOR(name, instruction)                                                                \
	static u64 selector_##name(void)                                                           \
	{                                                                                          \
		u64 value;                                                                         \
		asm volatile(instruction : "=r"(value));                                           \
		return (u16)value;                                                                 \
	}
SELECTOR(cs, "mov %%cs, %0")
SELECTOR(ss, "mov %%ss, %0")
SELECTOR(ds, "mov %%ds, %0")
SELECTOR(es, "mov %%es, %0")
SELECTOR(tr, "str %0")

static struct table_register read_gdtr(void)
{
	struct table_register r;

	asm volatile("sgdt %0" : "=m"(r));
	return r;
}

static struct table_register read_idtr(void)
{
	struct table_register r;

	asm volatile("sidt %0" : "=m"(r));
	return r;
}

static const char *const register_name[] = {
#define REGISTER(name, read) #name,
	REGISTERS(REGISTER)
#undef REGISTER
};
enum { COUNT = ARRAY_SIZE(register_name) };

static void read_all(u64 value[COUNT])
{
	unsigned int i = 0;

#define REGISTER(name, read) value[i++] = (read);
	REGISTERS(REGISTER)
#undef REGISTER
}

static void prepare(unsigned int exit)
{
	u64 code = exits[exit].code;

	if (code == SVM_EXIT_INVALID)
		l2.vmcb->control.guest_asid = 0;
	else
		l2_intercept((unsigned int)code);
	if (code == SVM_EXIT_SHUTDOWN)
		l2.vmcb->save.idtr.limit = 0;
	/* L2 is not L1's double here: all that VMRUN loads differs. */
	l2.vmcb->save.cr0 ^= CR0_WP | CR0_AM | CR0_TS;
	l2.vmcb->save.cr4 ^= CR4_DE | CR4_TSD;
	l2.vmcb->save.efer ^= EFER_SCE;
	l2.vmcb->save.dr7 = DR7_FIXED | DR7_GD >> 13 << 1;
	l2.vmcb->save.gdtr.limit = 0x6f;
	l2.vmcb->save.ds = l2.vmcb->save.es = (struct vmcb_segment){ 0 };
	l2.vmcb->save.rflags = RFLAGS_FIXED | RFLAGS_DF | RFLAGS_CF;
}

TEST(exit_restores_registers, "a #VMEXIT restores L1's control, segment and table registers",
     LAW("APM vol. 2, VMRUN Instruction, Saving Host State; #VMEXIT"), NEEDS(SVM),
     CASES(ARRAY_SIZE(exits) * COUNT))
{
	static const struct table_register other = { 0x27, 0x345678 };
	u64 before[COUNT], after[COUNT];

	/* Once: what a case leaves wrong is not what the next one begins with. */
	l2_begin();
	read_all(before);
	for (unsigned int i = 0; i < ARRAY_SIZE(exits) * COUNT; i++) {
		unsigned int exit = i / COUNT, reg = i % COUNT;

		CASE("exit=%s,register=%s", exits[exit].name, register_name[reg])
		{
			l2_begin();
			prepare(exit);
			l2.regs.rdi = (u64)&other;
			l2_run_at(exits[exit].where->begin);
			read_all(after);
			EXPECT_EXIT(exits[exit].code);
			EXPECT_EQ(before[reg], after[reg]);
		}
	}
}

/* Flags that software has a use for and that nothing between here and VMRUN changes. */
static const struct {
	const char *name;
	u64 set;
} flags[] = {
	{ "none", 0 },
	{ "IF", RFLAGS_IF },
	{ "ID", RFLAGS_ID },
	{ "AC", RFLAGS_AC },
	{ "IOPL", RFLAGS_IOPL },
	{ "NT", RFLAGS_NT },
};

TEST(exit_restores_rflags, "a #VMEXIT restores L1's RFLAGS, RSP and RAX",
     LAW("APM vol. 2, VMRUN Instruction, Saving Host State; #VMEXIT"), NEEDS(SVM),
     CASES(ARRAY_SIZE(exits) * ARRAY_SIZE(flags)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(exits) * ARRAY_SIZE(flags); i++) {
		unsigned int exit = i / ARRAY_SIZE(flags), f = i % ARRAY_SIZE(flags);

		CASE("exit=%s,flags=%s", exits[exit].name, flags[f].name)
		{
			l2_begin();
			prepare(exit);
			l2.regs.rdi = (u64)&(const struct table_register){ 0 };
			write_rflags(RFLAGS_FIXED | flags[f].set);
			l2_run_at(exits[exit].where->begin);
			write_rflags(RFLAGS_FIXED);
			EXPECT_EXIT(exits[exit].code);
			EXPECT_FLAGS(rflags_names, l2.l1.rflags_before, l2.l1.rflags);
			EXPECT_FLAGS(rflags_names, flags[f].set, l2.l1.rflags & flags[f].set);
			EXPECT_EQ(l2.l1.rsp_before, l2.l1.rsp);
			EXPECT_EQ((u64)l2.vmcb, l2.l1.rax);
		}
	}
}

/* The way back: L2's registers are what it left, whole and in their places. */
static const u64 pattern = 0x0123456789abcdefull;
L2_CODE(turn_registers,
	"not %rbx; not %rcx; not %rdx; not %rsi; not %rdi; not %rbp; not %r8; not %r9; not %r10;"
	"not %r11; not %r12; not %r13; not %r14; not %r15; not %rax", "", "");

TEST(registers_cross, "VMRUN and #VMEXIT pass RAX through the VMCB and leave the others alone",
     LAW("APM vol. 2, VMRUN Instruction; #VMEXIT"), NEEDS(SVM), CASES(15))
{
	u64 *reg = (u64 *)&l2.regs;

	for (unsigned int i = 0; i < 15; i++)
		CASE("register=%u", i)
		{
			l2_begin();
			for (unsigned int n = 0; n < 14; n++)
				reg[n] = pattern * (n + 1);
			l2.vmcb->save.rax = pattern * 15;
			l2_run_at(turn_registers.begin);
			EXPECT_END(turn_registers);
			EXPECT_EQ(~(pattern * (i + 1)), i < 14 ? reg[i] : l2.vmcb->save.rax);
		}
}
