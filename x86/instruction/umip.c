// SPDX-License-Identifier: GPL-2.0-only
/*
 * SGDT, SIDT, SLDT, STR and SMSW (SDM vol. 2B): they tell the guest's registers,
 * at CPL 3 too, unless CR4.UMIP says no.
 */
#include "x86/instruction/perform.h"

INSTRUCTION(store_gdt, "sgdt (%rsi)");
INSTRUCTION(store_idt, "sidt (%rsi)");
INSTRUCTION(store_ldt, "sldt %rax");
INSTRUCTION(store_tr, "str %rax");
INSTRUCTION(store_msw, "smsw %rax");

/* What SGDT and SIDT write, and a word behind it that they do not. */
static struct __attribute__((packed, aligned(16))) {
	struct table_register table;
	u64 behind;
} stored;

/* A limit that no other table of this name has. */
enum { GDT_LIMIT = SELECTOR_LIMIT - 8, IDT_LIMIT = 0xeff };

static const struct row {
	const char *name;
	const struct instruction *instruction;
} rows[] = {
	{ "sgdt", &store_gdt }, { "sidt", &store_idt }, { "sldt", &store_ldt },
	{ "str", &store_tr },   { "smsw", &store_msw },
};
enum { ROWS = ARRAY_SIZE(rows) };

static struct fault store(const struct row *row, unsigned int cpl, struct registers *r)
{
	*r = (struct registers){ .rax = ~0ull, .rsi = address_at(cpl, &stored) };
	memset(&stored, 0x55, sizeof(stored));
	return perform(row->instruction, cpl, r);
}

static void expect_table(const void *base, u16 limit)
{
	EXPECT_EQ(base, stored.table.base);
	EXPECT_EQ(limit, stored.table.limit);
	EXPECT_EQ(0x5555555555555555, stored.behind);
}

static void expect_stored(const struct row *row, const struct registers *r)
{
	if (row->instruction == &store_gdt)
		expect_table(gdt, GDT_LIMIT);
	else if (row->instruction == &store_idt)
		expect_table(idt, IDT_LIMIT);
	else if (row->instruction == &store_ldt)
		EXPECT_EQ(0, r->rax);
	else if (row->instruction == &store_tr)
		EXPECT_EQ(SELECTOR_TSS, r->rax);
	else /* what a 64-bit destination gets above bit 15 is not said everywhere */
		EXPECT_EQ(read_cr0() & 0xffff, r->rax & 0xffff);
}

static void begin(bool umip)
{
	load_gdt(gdt, GDT_LIMIT);
	load_idt(idt, IDT_LIMIT);
	if (umip)
		write_cr4(read_cr4() | CR4_UMIP);
}

static void end(bool umip)
{
	if (umip)
		write_cr4(read_cr4() & ~(u64)CR4_UMIP);
	load_gdt(gdt, SELECTOR_LIMIT);
	load_idt(idt, 0xfff);
}

static void stores(unsigned int cpl, bool umip)
{
	struct registers r;

	begin(umip);
	for (unsigned int i = 0; i < ROWS; i++)
		CASE("instruction=%s", rows[i].name)
			if (EXPECT_NO_FAULT(store(&rows[i], cpl, &r)))
				expect_stored(&rows[i], &r);
	end(umip);
}

#define WHERE "SDM vol. 2B, SGDT, SIDT, SLDT, SMSW, STR"

TEST(stores_at_cpl0, "SGDT, SIDT, SLDT, STR and SMSW give the guest's registers at CPL 0",
     LAW(WHERE), CASES(ROWS))
{
	stores(0, false);
}

TEST(stores_at_cpl3, "SGDT, SIDT, SLDT, STR and SMSW give the guest's registers at CPL 3",
     LAW(WHERE), CASES(ROWS))
{
	stores(3, false);
}

TEST(umip_at_cpl0, "CR4.UMIP = 1 says nothing of SGDT, SIDT, SLDT, STR and SMSW at CPL 0",
     LAW(WHERE "; vol. 3A, Control Registers"), NEEDS(UMIP), CASES(ROWS))
{
	stores(0, true);
}

TEST(umip_at_cpl3, "with CR4.UMIP = 1 SGDT, SIDT, SLDT, STR and SMSW are #GP(0) at CPL 3",
     LAW(WHERE "; vol. 3A, Control Registers"), NEEDS(UMIP), CASES(ROWS))
{
	struct registers r;

	begin(true);
	for (unsigned int i = 0; i < ROWS; i++)
		CASE("instruction=%s", rows[i].name) {
			struct fault f = store(&rows[i], 3, &r);

			EXPECT_REFUSED(GP, rows[i].instruction, 3, f);
			EXPECT_EQ(0x5555555555555555, stored.behind);
			EXPECT_EQ(0x5555, stored.table.limit);
		}
	end(true);
}
