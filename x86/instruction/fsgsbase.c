// SPDX-License-Identifier: GPL-2.0-only
/* RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE (SDM vol. 2B): what they are to the MSRs, and who may. */
#include "x86/instruction/perform.h"

INSTRUCTION(rdfsbase, "rdfsbase %rax");
INSTRUCTION(rdgsbase, "rdgsbase %rax");
INSTRUCTION(rdfsbase32, "rdfsbase %eax");
INSTRUCTION(rdgsbase32, "rdgsbase %eax");
INSTRUCTION(wrfsbase, "wrfsbase %rax");
INSTRUCTION(wrgsbase, "wrgsbase %rax");
INSTRUCTION(wrfsbase32, "wrfsbase %eax");
INSTRUCTION(wrgsbase32, "wrgsbase %eax");

static const struct row {
	const char *name;
	const struct instruction *instruction;
	u32 msr;
	bool write;
	u64 mask; /* the bits that the operand has */
} rows[] = {
	{ "rdfsbase", &rdfsbase, MSR_FS_BASE, false, ~0ull },
	{ "rdgsbase", &rdgsbase, MSR_GS_BASE, false, ~0ull },
	{ "rdfsbase32", &rdfsbase32, MSR_FS_BASE, false, 0xffffffff },
	{ "rdgsbase32", &rdgsbase32, MSR_GS_BASE, false, 0xffffffff },
	{ "wrfsbase", &wrfsbase, MSR_FS_BASE, true, ~0ull },
	{ "wrgsbase", &wrgsbase, MSR_GS_BASE, true, ~0ull },
	{ "wrfsbase32", &wrfsbase32, MSR_FS_BASE, true, 0xffffffff },
	{ "wrgsbase32", &wrgsbase32, MSR_GS_BASE, true, 0xffffffff },
};
enum { ROWS = ARRAY_SIZE(rows), WRITERS = 4, VALUES = 4 };

static const u64 values[VALUES] = { 0, 0x12345678, 0x00007fedcba98765, 0xffff8123456789ab };

static void enable(bool on)
{
	write_cr4((read_cr4() & ~(u64)CR4_FSGSBASE) | (on ? CR4_FSGSBASE : 0));
}

static void restore(void)
{
	enable(false);
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_GS_BASE, 0);
}

static void transfer(const struct row *row, u64 value, unsigned int cpl)
{
	struct registers r = { .rax = row->write ? value : ~0ull, .rflags = STATUS_FLAGS };
	u32 other = row->msr == MSR_FS_BASE ? MSR_GS_BASE : MSR_FS_BASE;

	wrmsr(row->msr, row->write ? 0x5555 : value);
	wrmsr(other, 0x7777);
	if (!EXPECT_NO_FAULT(perform(row->instruction, cpl, &r)))
		return;
	EXPECT_EQ(value & row->mask, row->write ? rdmsr(row->msr) : r.rax);
	EXPECT_EQ(0x7777, rdmsr(other));
	EXPECT_FLAGS(rflags_names, STATUS_FLAGS, r.rflags & STATUS_FLAGS);
}

static void transfers(unsigned int cpl)
{
	enable(true);
	for (unsigned int i = 0; i < ROWS; i++)
		for (unsigned int j = 0; j < VALUES; j++)
			CASE("instruction=%s,value=%#llx", rows[i].name,
			     (unsigned long long)values[j])
				transfer(&rows[i], values[j], cpl);
	restore();
}

#define MOVES LAW("SDM vol. 2B, RDFSBASE, WRFSBASE"), NEEDS(FSGSBASE), CASES(ROWS * VALUES)

TEST(fsgsbase_at_cpl0, "RDFSBASE, WRFSBASE and those of GS read and write the MSRs at CPL 0", MOVES)
{
	transfers(0);
}

TEST(fsgsbase_at_cpl3, "RDFSBASE, WRFSBASE and those of GS read and write the MSRs at CPL 3", MOVES)
{
	transfers(3);
}

static void refused_without_cr4(unsigned int cpl)
{
	wrmsr(MSR_FS_BASE, 0x5555);
	wrmsr(MSR_GS_BASE, 0x5555);
	enable(false);
	for (unsigned int i = 0; i < ROWS; i++)
		CASE("instruction=%s", rows[i].name) {
			struct registers r = { .rax = 0x1000 };
			struct fault f = perform(rows[i].instruction, cpl, &r);

			EXPECT_REFUSED(UD, rows[i].instruction, cpl, f);
			EXPECT_EQ(0x5555, rdmsr(rows[i].msr));
		}
	restore();
}

#define GATED LAW("SDM vol. 2B, RDFSBASE, WRFSBASE: #UD"), NEEDS(FSGSBASE), CASES(ROWS)

TEST(fsgsbase_needs_cr4_at_cpl0, "with CR4.FSGSBASE = 0 the four instructions are #UD at CPL 0",
     GATED)
{
	refused_without_cr4(0);
}

TEST(fsgsbase_needs_cr4_at_cpl3, "with CR4.FSGSBASE = 0 the four instructions are #UD at CPL 3",
     GATED)
{
	refused_without_cr4(3);
}

static const u64 bad[] = NOT_CANONICAL;

static void not_canonical(unsigned int cpl)
{
	wrmsr(MSR_FS_BASE, 0x5555);
	wrmsr(MSR_GS_BASE, 0x5555);
	enable(true);
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		if (!row->write || ~row->mask)
			continue;
		for (unsigned int j = 0; j < ARRAY_SIZE(bad); j++)
			CASE("instruction=%s,value=%#llx", row->name, (unsigned long long)bad[j]) {
				struct registers r = { .rax = bad[j] };
				struct fault f = perform(row->instruction, cpl, &r);

				EXPECT_REFUSED(GP, row->instruction, cpl, f);
				EXPECT_EQ(0x5555, rdmsr(row->msr));
			}
	}
	restore();
}

#define CANONICAL                                                                                  \
	LAW("SDM vol. 2B, WRFSBASE: #GP(0)"), NEEDS(FSGSBASE), CASES(2 * ARRAY_SIZE(bad))

TEST(wrfsbase_canonical_at_cpl0, "WRFSBASE and WRGSBASE of no canonical address are #GP(0), CPL 0",
     CANONICAL)
{
	not_canonical(0);
}

TEST(wrfsbase_canonical_at_cpl3, "WRFSBASE and WRGSBASE of no canonical address are #GP(0), CPL 3",
     CANONICAL)
{
	not_canonical(3);
}
