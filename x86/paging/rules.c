// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may not be written to control registers while paging is on (SDM vol.
 * 3A, 4.1.1 and 4.10.1; vol. 2B, MOV to control registers).
 */
#include "x86/boot/x86.h"

static struct fault load_cr0(u64 value)
{
	return TRY("mov %0, %%cr0", : : "r"(value));
}

static struct fault load_cr3(u64 value)
{
	return TRY("mov %0, %%cr3", : : "r"(value));
}

static struct fault load_cr4(u64 value)
{
	return TRY("mov %0, %%cr4", : : "r"(value));
}

static struct fault load_efer(u64 value)
{
	return TRY("wrmsr", : : "c"(MSR_EFER), "a"((u32)value), "d"((u32)(value >> 32)));
}

/* A change that is #GP(0) in 64-bit mode, and must change nothing. */
static const struct rule {
	const char *name;
	char reg; /* 0, 3, 4: CRn; 'e': EFER */
	u64 set, clear;
} rules[] = {
	{ "CR0.PE=0", 0, 0, CR0_PE },	   { "CR0.NW=1,CD=0", 0, CR0_NW, CR0_CD },
	{ "CR0[63]=1", 0, BIT(63), 0 },	   { "CR0[32]=1", 0, BIT(32), 0 },
	{ "CR4.LA57=1", 4, CR4_LA57, 0 },  { "EFER.LME=0", 'e', 0, EFER_LME },
	{ "EFER[63]=1", 'e', BIT(63), 0 },
};

static u64 read_register(char reg)
{
	return reg == 0	  ? read_cr0()
	       : reg == 3 ? read_cr3()
	       : reg == 4 ? read_cr4()
			  : rdmsr(MSR_EFER);
}

static struct fault write_register(char reg, u64 value)
{
	return reg == 0	  ? load_cr0(value)
	       : reg == 3 ? load_cr3(value)
	       : reg == 4 ? load_cr4(value)
			  : load_efer(value);
}

/* Without TRY: a CPU that has let PE be cleared may not have a task register. */
static void restore_register(char reg, u64 value)
{
	if (reg == 0)
		write_cr0(value);
	else if (reg == 3)
		write_cr3(value);
	else if (reg == 4)
		write_cr4(value);
	else
		wrmsr(MSR_EFER, value);
}

static void check_rule(const struct rule *rule)
{
	u64 before = read_register(rule->reg);
	struct fault f = write_register(rule->reg, (before | rule->set) & ~rule->clear);

	EXPECT_FAULT(GP, f);
	if (f.vector == VECTOR_GP)
		EXPECT_EQ(0, f.error_code);
	EXPECT_EQ(before, read_register(rule->reg));
	if (f.vector == VECTOR_NONE)
		restore_register(rule->reg, before);
}

TEST(control_register_rules, "what control registers may not be while paging is on is #GP(0)",
     LAW("SDM vol. 3A, 4.1.1; vol. 2B, MOV to control registers"), CASES(ARRAY_SIZE(rules)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++)
		CASE ("%s", rules[i].name)
			check_rule(&rules[i]);
}

/*
 * The same for changes after which a subject that lets them through is nowhere:
 * a test of their own, that costs no other its verdict.
 */
static const struct rule traps[] = {
	{ "CR4.PAE=0", 4, 0, CR4_PAE }, { "CR0.PG=0", 0, 0, CR0_PG },
	{ "CR4[63]=1", 4, BIT(63), 0 }, { "CR4[32]=1", 4, BIT(32), 0 },
	/* Last: CR3 alone is loaded without a host's help.  While CR4.PCIDE = 0. */
	{ "CR3[63]=1", 3, BIT(63), 0 }, { "CR3[62]=1", 3, BIT(62), 0 },
};

TEST(control_register_traps, "what would leave a CPU without page tables or mode is #GP(0)",
     LAW("SDM vol. 3A, 4.1.1 and 2.5; vol. 2B, MOV to control registers"),
     FIXES(FIX("777ab82d7ce0", "KVM: X86: Raise #GP when clearing CR0_PG in 64 bit mode")),
     CASES(ARRAY_SIZE(traps)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(traps); i++)
		CASE ("%s", traps[i].name)
			check_rule(&traps[i]);
}

TEST(la57_toggle, "CR4.LA57 cannot change while the CPU is in IA-32e mode: #GP(0)",
     LAW("SDM vol. 3A, 4.1.1"), NEEDS(LA57))
{
	static const struct rule set = { "CR4.LA57=1", 4, CR4_LA57, 0 };

	check_rule(&set);
}

/* CR4.PCIDE: not while CR3[11:0] is not 0, nor CR0.PG = 0 while it is 1 (4.10.1). */
TEST(pcide_rules, "CR4.PCIDE is set only while CR3[11:0] = 0, and keeps CR0.PG from being cleared",
     LAW("SDM vol. 3A, 4.10.1"), NEEDS(PCID), CASES(4))
{
	u64 cr3 = read_cr3(), cr4 = read_cr4();

	CASE ("CR3[3]=1") {
		write_cr3(cr3 | PTE_PWT);
		EXPECT_FAULT(GP, load_cr4(cr4 | CR4_PCIDE));
		EXPECT_EQ(cr4, read_cr4());
		write_cr4(cr4);
		write_cr3(cr3);
	}
	CASE ("CR3[11:0]=0") {
		EXPECT_NO_FAULT(load_cr4(cr4 | CR4_PCIDE));
		EXPECT_EQ(cr4 | CR4_PCIDE, read_cr4());
	}
	CASE ("CR0.PG=0") {
		write_cr4(cr4 | CR4_PCIDE);
		EXPECT_FAULT(GP, load_cr0(read_cr0() & ~(u64)CR0_PG));
	}
	/* Bit 63 asks not to flush; it is not stored. */
	CASE ("CR3[63]=1") {
		write_cr4(cr4 | CR4_PCIDE);
		EXPECT_NO_FAULT(load_cr3(cr3 | BIT(63) | 5));
		EXPECT_EQ(cr3 | 5, read_cr3());
		write_cr3(cr3);
	}
	write_cr3(cr3);
	write_cr4(cr4);
}
