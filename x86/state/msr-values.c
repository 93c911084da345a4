// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which values a model-specific register takes, and that WRMSR of another one is
 * #GP(0) and changes nothing; beside each the neighbours that it takes.
 */
#include "x86/boot/x86.h"

enum {
	MTRR_CAP = 0xfe,
	MSR_MISC_ENABLE = 0x1a0,
	MTRR_BASE0 = 0x200,
	MTRR_MASK0 = 0x201,
	MTRR_FIX64K = 0x250,
	MTRR_FIX16K = 0x258,
	MTRR_FIX4K = 0x268,
	MTRR_DEF_TYPE = 0x2ff,
	MSR_NONE = 0x4fff
};
enum { CAP_VCNT = 0xff, CAP_FIX = BIT(8), CAP_WC = BIT(10) };

static struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static struct fault try_rdmsr(u32 msr)
{
	u32 low, high;

	return TRY("rdmsr", : "=a"(low), "=d"(high) : "c"(msr));
}

static bool has_mtrrs(void)
{
	return cpuid(1, 0).reg[CPUID_EDX] & BIT(12);
}

static u64 above_memory(void)
{
	return BIT(cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff);
}

/* Write, and look what became of it. */
static void expect_write(u32 msr, u64 value, bool taken)
{
	u64 before = rdmsr(msr);

	if (taken)
		EXPECT_NO_FAULT(try_wrmsr(msr, value));
	else
		EXPECT_FAULT(GP, try_wrmsr(msr, value));
	EXPECT_EQ(taken ? value : before, rdmsr(msr));
	wrmsr(msr, before);
}

/* UC, WC, WT, WP, WB; PAT has UC- too. */
static bool is_type(unsigned int type)
{
	return type < 8 && 0x73 >> type & 1;
}

TEST(pat_types,
     "IA32_PAT takes the types that there are, in each of its eight bytes, and no others",
     LAW("SDM vol. 3A, IA32_PAT MSR; APM vol. 2, PAT Register"), NEEDS(PAT), CASES(8 * 9))
{
	static const u8 types[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 0x86 };

	for (unsigned int i = 0; i < 8 * 9; i++) {
		unsigned int byte = i / 9;
		u8 type = types[i % 9];

		CASE ("byte=%u,type=%#x", byte, type)
			expect_write(MSR_PAT,
				     (0x0007040600070406 & ~(0xffull << byte * 8)) |
					     (u64)type << byte * 8,
				     is_type(type) || type == 7);
	}
}

TEST(mtrr_types, "MTRRs take the types that there are and no others",
     LAW("SDM vol. 3A, Memory Type Range Registers (MTRRs)"), CASES(4 * 9))
{
	static const struct {
		const char *name;
		u32 msr;
		unsigned int shift;
	} rows[] = { { "DEF_TYPE", MTRR_DEF_TYPE, 0 },
		     { "PHYSBASE0", MTRR_BASE0, 0 },
		     { "FIX64K,byte=0", MTRR_FIX64K, 0 },
		     { "FIX4K,byte=7", MTRR_FIX4K, 56 } };
	static const u8 types[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

	if (!has_mtrrs())
		skip("the CPU has no MTRRs");
	for (unsigned int i = 0; i < 4 * 9; i++)
		CASE ("register=%s,type=%u", rows[i / 9].name, types[i % 9])
			expect_write(rows[i / 9].msr, (u64)types[i % 9] << rows[i / 9].shift,
				     is_type(types[i % 9]));
}

TEST(mtrr_reserved, "a reserved bit in an MTRR is #GP(0)",
     LAW("SDM vol. 3A, Memory Type Range Registers (MTRRs)"), CASES(11))
{
	static const struct {
		const char *name;
		u32 msr;
		u64 value;
		bool taken;
	} rows[] = {
		{ "DEF_TYPE.FE,E", MTRR_DEF_TYPE, 0xc06, true },
		{ "DEF_TYPE[8]", MTRR_DEF_TYPE, 0x106, false },
		{ "DEF_TYPE[12]", MTRR_DEF_TYPE, 0x1006, false },
		{ "DEF_TYPE[32]", MTRR_DEF_TYPE, BIT(32) | 6, false },
		{ "PHYSBASE0", MTRR_BASE0, 0x12345006, true },
		{ "PHYSBASE0[8]", MTRR_BASE0, 0x106, false },
		{ "PHYSBASE0[11]", MTRR_BASE0, 0x806, false },
		{ "PHYSMASK0.V", MTRR_MASK0, 0xfff00800, true },
		{ "PHYSMASK0[0]", MTRR_MASK0, 0xfff00001, false },
		{ "PHYSMASK0[10]", MTRR_MASK0, 0xfff00400, false },
	};

	if (!has_mtrrs())
		skip("the CPU has no MTRRs");
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("%s", rows[i].name)
			expect_write(rows[i].msr, rows[i].value, rows[i].taken);
	CASE ("PHYSBASE0=above-memory")
		expect_write(MTRR_BASE0, above_memory() | 6, false);
}

/* Eight types, other ones for each number. */
static u64 types_of(unsigned int number)
{
	static const u8 types[] = { 0, 1, 4, 5, 6 };
	u64 value = 0;

	for (unsigned int byte = 0; byte < 8; byte++, number /= 5)
		value |= (u64)types[(number + byte) % 5] << byte * 8;
	return value;
}

/* Every one, each with a value of its own, then all are read. */
TEST(mtrrs_are_registers,
     "MTRRs are registers of their own, as many as IA32_MTRRCAP says, and no more",
     LAW("SDM vol. 3A, Memory Type Range Registers (MTRRs)"))
{
	static const u32 fixed[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
				     0x26b, 0x26c, 0x26d, 0x26e, 0x26f };
	unsigned int variable;

	if (!has_mtrrs())
		skip("the CPU has no MTRRs");
	variable = rdmsr(MTRR_CAP) & CAP_VCNT;
	for (unsigned int i = 0; i < variable; i++) {
		wrmsr(MTRR_BASE0 + 2 * i, (u64)(i + 1) << 20 | 6);
		wrmsr(MTRR_MASK0 + 2 * i, (u64)(i + 1) << 24);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(fixed) && rdmsr(MTRR_CAP) & CAP_FIX; i++)
		wrmsr(fixed[i], types_of(i));
	wrmsr(MTRR_DEF_TYPE, 0xc06);
	for (unsigned int i = 0; i < variable; i++) {
		EXPECT_EQ((u64)(i + 1) << 20 | 6, rdmsr(MTRR_BASE0 + 2 * i));
		EXPECT_EQ((u64)(i + 1) << 24, rdmsr(MTRR_MASK0 + 2 * i));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(fixed) && rdmsr(MTRR_CAP) & CAP_FIX; i++)
		EXPECT_EQ(types_of(i), rdmsr(fixed[i]));
	EXPECT_EQ(0xc06, rdmsr(MTRR_DEF_TYPE));
	/* There is none behind the last. */
	EXPECT_FAULT(GP, try_rdmsr(MTRR_BASE0 + 2 * variable));
	EXPECT_FAULT(GP, try_wrmsr(MTRR_CAP, rdmsr(MTRR_CAP)));
	for (unsigned int i = 0; i < variable; i++)
		wrmsr(MTRR_MASK0 + 2 * i, 0);
}

TEST(msr_refuses, "WRMSR of a value that a register cannot have is #GP(0)",
     LAW("SDM vol. 2C, WRMSR; vol. 4; APM vol. 3, WRMSR"), CASES(14))
{
	static const struct {
		const char *name;
		u32 msr;
		u64 flip;
		bool taken;
		u64 needs;
	} rows[] = {
		{ "EFER.SCE", MSR_EFER, EFER_SCE, true, SYSCALL },
		{ "EFER[1]", MSR_EFER, BIT(1), false, 0 },
		{ "EFER[9]", MSR_EFER, BIT(9), false, 0 },
		{ "EFER[32]", MSR_EFER, BIT(32), false, 0 },
		{ "EFER[63]", MSR_EFER, BIT(63), false, 0 },
		{ "APIC_BASE[0]", MSR_APIC_BASE, BIT(0), false, APIC },
		{ "APIC_BASE[7]", MSR_APIC_BASE, BIT(7), false, APIC },
		{ "APIC_BASE[63]", MSR_APIC_BASE, BIT(63), false, APIC },
		{ "LSTAR[60]", MSR_LSTAR, BIT(60), false, SYSCALL },
		{ "LSTAR[40]", MSR_LSTAR, BIT(40), true, SYSCALL },
		{ "KERNEL_GS_BASE[60]", MSR_KERNEL_GS_BASE, BIT(60), false, 0 },
		{ "FS_BASE[60]", MSR_FS_BASE, BIT(60), false, 0 },
		{ "GS_BASE[40]", MSR_GS_BASE, BIT(40), true, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!has_feature(rows[i].needs)) {
			cases_not_covered(1, "the CPU has not what %s needs", rows[i].name);
			continue;
		}
		CASE ("%s", rows[i].name) {
			u64 before = rdmsr(rows[i].msr);

			if (rows[i].taken)
				EXPECT_NO_FAULT(try_wrmsr(rows[i].msr, before ^ rows[i].flip));
			else
				EXPECT_FAULT(GP, try_wrmsr(rows[i].msr, before ^ rows[i].flip));
			EXPECT_EQ(before ^ (rows[i].taken ? rows[i].flip : 0), rdmsr(rows[i].msr));
			wrmsr(rows[i].msr, before);
		}
	}
	CASE ("no-such-register") {
		EXPECT_FAULT(GP, try_rdmsr(MSR_NONE));
		EXPECT_FAULT(GP, try_wrmsr(MSR_NONE, 0));
	}
}

TEST(misc_enable_is_kept,
     "IA32_MISC_ENABLE, where it is, keeps the enable of fast strings as written",
     LAW("SDM vol. 4, IA32_MISC_ENABLE"), CASES(2))
{
	if (try_rdmsr(MSR_MISC_ENABLE).vector != VECTOR_NONE)
		skip("the CPU has no IA32_MISC_ENABLE");
	for (unsigned int bit = 0; bit < 2; bit++)
		CASE ("fast-strings=%u", bit)
			expect_write(MSR_MISC_ENABLE, (rdmsr(MSR_MISC_ENABLE) & ~(u64)BIT(0)) | bit,
				     true);
}

static struct fault move_to(unsigned int reg, u64 value)
{
	switch (reg) {
	case 6:
		return TRY("mov %0, %%dr6", : : "r"(value));
	case 7:
		return TRY("mov %0, %%dr7", : : "r"(value));
	}
	return TRY("mov %0, %%cr8", : : "r"(value));
}

enum { VECTOR_WAITING = 0x51 };

static void handle_waiting(struct trap_frame *f)
{
	(void)f;
	apic_eoi();
}

/* A host looks at each write of CR8 only while it has an interrupt that the TPR holds back. */
TEST(register_high_bits, "MOV to DR6, DR7 or CR8 with a reserved high bit is #GP(0)",
     LAW("SDM vol. 3B, Debug Registers and Intel 64 Processors; vol. 3A, Control Registers"),
     NEEDS(APIC), CASES(12))
{
	static const struct {
		const char *name;
		unsigned int reg;
		u64 value;
		bool taken;
		bool waiting; /* an interrupt is, behind CR8 */
	} rows[] = {
		{ "DR6", 6, DR6_FIXED | DR6_BS, true, false },
		{ "DR6[32]", 6, DR6_FIXED | BIT(32), false, false },
		{ "DR6[63]", 6, DR6_FIXED | BIT(63), false, false },
		{ "DR7", 7, DR7_FIXED | 0xf0000000, true, false },
		{ "DR7[32]", 7, DR7_FIXED | BIT(32), false, false },
		{ "DR7[63]", 7, DR7_FIXED | BIT(63), false, false },
		{ "CR8", 8, 15, true, false },
		{ "CR8[4]", 8, BIT(4), false, false },
		{ "CR8[63]", 8, BIT(63), false, false },
		{ "CR8,waiting", 8, 14, true, true },
		{ "CR8[4],waiting", 8, BIT(4) | 14, false, true },
		{ "CR8[63],waiting", 8, BIT(63) | 14, false, true },
	};
	struct fault f;

	set_handler(VECTOR_WAITING, handle_waiting);

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("%s", rows[i].name) {
			if (rows[i].waiting) {
				write_cr8(15);
				apic_self_ipi(VECTOR_WAITING);
			}
			f = move_to(rows[i].reg, rows[i].value);
			if (rows[i].taken)
				EXPECT_NO_FAULT(f);
			else
				EXPECT_FAULT(GP, f);
			if (rows[i].waiting)
				EXPECT_EQ(rows[i].taken ? 14 : 15, read_cr8());
			write_dr6(DR6_FIXED);
			write_dr7(DR7_FIXED);
			write_cr8(0);
			take_interrupts();
		}
}
