// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reserved bits, leaves, addresses and canonical addresses of the model, against
 * tables written from SDM vol. 3A, 4.3 to 4.5 (M = MAXPHYADDR).
 */
#include "lib/t/tap.h"
#include "lib/x86/t/world.h"

/* Reserved bits as lists of ranges; M stands for MAXPHYADDR, X for bit 63 if NXE = 0. */
enum { M = 100, X = 101 };
struct range {
	int high, low;
};

static const struct reserved_row {
	enum paging_mode mode;
	unsigned int level;
	bool ps, gb_pages; /* bit 7 of the entry; CPUID has 1-GByte pages */
	struct range reserved[4];
} reserved_rows[] = {
	/* PAE: page table, page directory, 2-MByte page */
	{ PAGING_PAE, 1, 0, 0, { { 62, M }, { X, X } } },
	{ PAGING_PAE, 1, 1, 0, { { 62, M }, { X, X } } }, /* bit 7 is PAT */
	{ PAGING_PAE, 2, 0, 0, { { 62, M }, { X, X } } },
	{ PAGING_PAE, 2, 1, 0, { { 62, M }, { X, X }, { 20, 13 } } },
	/* 4-level */
	{ PAGING_4LEVEL, 1, 0, 0, { { 51, M }, { X, X } } },
	{ PAGING_4LEVEL, 1, 1, 0, { { 51, M }, { X, X } } },
	{ PAGING_4LEVEL, 2, 0, 0, { { 51, M }, { X, X } } },
	{ PAGING_4LEVEL, 2, 1, 0, { { 51, M }, { X, X }, { 20, 13 } } },
	{ PAGING_4LEVEL, 3, 0, 0, { { 51, M }, { X, X }, { 7, 7 } } },
	{ PAGING_4LEVEL, 3, 1, 0, { { 51, M }, { X, X }, { 7, 7 } } },
	{ PAGING_4LEVEL, 3, 0, 1, { { 51, M }, { X, X } } },
	{ PAGING_4LEVEL, 3, 1, 1, { { 51, M }, { X, X }, { 29, 13 } } },
	{ PAGING_4LEVEL, 4, 0, 1, { { 51, M }, { X, X }, { 7, 7 } } },
	/* 5-level: the same, and one more table */
	{ PAGING_5LEVEL, 1, 1, 1, { { 51, M }, { X, X } } },
	{ PAGING_5LEVEL, 2, 1, 1, { { 51, M }, { X, X }, { 20, 13 } } },
	{ PAGING_5LEVEL, 3, 1, 1, { { 51, M }, { X, X }, { 29, 13 } } },
	{ PAGING_5LEVEL, 4, 0, 1, { { 51, M }, { X, X }, { 7, 7 } } },
	{ PAGING_5LEVEL, 5, 0, 1, { { 51, M }, { X, X }, { 7, 7 } } },
};

static bool in_ranges(const struct reserved_row *row, int bit, int m, bool nxe)
{
	for (int i = 0; i < 4; i++) {
		int high = row->reserved[i].high, low = row->reserved[i].low;

		if (high == X) {
			if (bit == 63 && !nxe)
				return true;
			continue;
		}
		if (low == M)
			low = m;
		if (high && bit >= low && bit <= high)
			return true;
	}
	return false;
}

static const unsigned int widths[] = { 32, 36, 39, 40, 46, 48, 51, 52 };

START_TEST(reserved_bits)
{
	const struct reserved_row *row = &reserved_rows[_i];

	for (unsigned int m = 0; m < ARRAY_SIZE(widths); m++) {
		for (int cell = 0; cell < 128; cell++) {
			bool nxe = cell & 1;
			int bit = cell >> 1;
			struct paging p = {
				.mode = row->mode,
				.maxphyaddr = widths[m],
				.pdpe1gb = row->gb_pages,
				.efer = nxe ? EFER_NXE : 0,
			};
			u64 entry = PTE_P | (row->ps ? PTE_PS : 0);

			ck_assert_msg(!!(paging_reserved(&p, row->level, entry) & BIT(bit)) ==
					      in_ranges(row, bit, widths[m], nxe),
				      "M %u bit %d NXE %d", widths[m], bit, nxe);
		}
	}
}
END_TEST

/* Each reserved bit, set in its entry, faults there with RSVD and translates nothing. */
START_TEST(reserved_faults)
{
	const struct reserved_row *row = &reserved_rows[_i];

	for (int bit = 0; bit < 64; bit++) {
		bool leaf = row->level == 1 || (row->ps && row->level < 4);
		struct world w;
		struct paging_walk walk;

		if (!in_ranges(row, bit, 40, true))
			continue;
		world_init(&w, row->mode, leaf ? row->level : 1);
		w.p.pdpe1gb = row->gb_pages;
		w.entry[row->level] |= BIT(bit);
		walk = world_walk(&w, PAGING_WRITE, true, false);
		ck_assert_int_eq(walk.vector, VECTOR_PF);
		ck_assert_uint_eq(walk.error_code, PF_P | PF_W | PF_U | PF_RSVD);
		ck_assert_uint_eq(walk.level, row->level);
		/* Not checked where P = 0. */
		w.entry[row->level] &= ~(u64)PTE_P;
		walk = world_walk(&w, PAGING_WRITE, true, false);
		ck_assert_uint_eq(walk.error_code, PF_W | PF_U);
	}
}
END_TEST

/* 4-MByte pages (table 4-4): the lowest reserved bit, up to 21, by PSE-36 and M. */
static const struct {
	bool pse36;
	unsigned int m;
	int lowest;
} pse_rows[] = {
	{ false, 32, 13 }, { false, 40, 13 }, { false, 52, 13 }, { true, 32, 13 }, { true, 36, 17 },
	{ true, 39, 20 },  { true, 40, 21 },  { true, 46, 21 },	 { true, 52, 21 },
};

START_TEST(reserved_pse)
{
	for (int bit = 8; bit < 32; bit++) {
		struct paging p = {
			.mode = PAGING_32BIT,
			.maxphyaddr = pse_rows[_i].m,
			.pse36 = pse_rows[_i].pse36,
			.cr4 = CR4_PSE,
		};
		bool reserved = bit >= pse_rows[_i].lowest && bit <= 21;

		ck_assert_int_eq(!!(paging_reserved(&p, 2, PTE_P | PTE_PS) & BIT(bit)), reserved);
		/* No reserved bits in any other entry, nor without CR4.PSE. */
		ck_assert_uint_eq(paging_reserved(&p, 2, PTE_P) & BIT(bit), 0);
		ck_assert_uint_eq(paging_reserved(&p, 1, PTE_P | PTE_PS) & BIT(bit), 0);
		p.cr4 = 0;
		ck_assert_uint_eq(paging_reserved(&p, 2, PTE_P | PTE_PS) & BIT(bit), 0);
		ck_assert(!paging_is_leaf(&p, 2, PTE_P | PTE_PS));
	}
}
END_TEST

/* PSE-36: bits 20:13 of the PDE are address bits 39:32. */
START_TEST(pse36_address)
{
	struct world w;

	for (unsigned int bit = 13; bit <= 20; bit++) {
		world_init(&w, PAGING_32BIT, 2);
		w.entry[2] |= BIT(bit);
		ck_assert_uint_eq(world_walk(&w, PAGING_READ, true, false).physical,
				  (BIT(bit + 19) | 0xc0000000) + (w.va & 0x3fffff));
	}
}
END_TEST

/* PDPTE registers (table 4-8): 2:1, 8:5 and 63:M are reserved, where P = 1. */
START_TEST(pdpte)
{
	for (unsigned int m = 0; m < ARRAY_SIZE(widths); m++) {
		for (unsigned int bit = 1; bit < 64; bit++) {
			struct paging p = { .mode = PAGING_PAE, .maxphyaddr = widths[m] };
			bool reserved = (bit >= 1 && bit <= 2) || (bit >= 5 && bit <= 8) ||
					bit >= widths[m];

			ck_assert_int_eq(paging_pdpte_valid(&p, PTE_P | BIT(bit)), !reserved);
			ck_assert(paging_pdpte_valid(&p, BIT(bit)));
		}
	}
}
END_TEST

/* Addresses of pages and of every entry on the way, by mode and leaf. */
static const struct {
	enum paging_mode mode;
	unsigned int leaf;
	u64 physical, bytes;
} address_rows[] = {
	{ PAGING_32BIT, 1, 0xc0000678, 0x1000 },
	{ PAGING_32BIT, 2, 0xc0345678, 0x400000 },
	{ PAGING_PAE, 1, 0x1c0000678, 0x1000 },
	{ PAGING_PAE, 2, 0x1c0145678, 0x200000 },
	{ PAGING_4LEVEL, 1, 0x1c0000abc, 0x1000 },
	{ PAGING_4LEVEL, 2, 0x1c0189abc, 0x200000 },
	{ PAGING_4LEVEL, 3, 0x1d6789abc, 0x40000000 },
	{ PAGING_5LEVEL, 1, 0x1c0000def, 0x1000 },
	{ PAGING_5LEVEL, 2, 0x1c00bcdef, 0x200000 },
	{ PAGING_5LEVEL, 3, 0x1f8abcdef, 0x40000000 },
};

START_TEST(addresses)
{
	struct world w;
	struct paging_walk walk;

	world_init(&w, address_rows[_i].mode, address_rows[_i].leaf);
	walk = world_walk(&w, PAGING_READ, true, false);
	ck_assert_int_eq(walk.vector, VECTOR_NONE);
	ck_assert_uint_eq(walk.physical, address_rows[_i].physical);
	ck_assert_uint_eq(walk.page_bytes, address_rows[_i].bytes);
	ck_assert_uint_eq(walk.level, address_rows[_i].leaf);
	ck_assert_uint_eq(walk.steps, paging_levels(w.p.mode) - address_rows[_i].leaf + 1);
	ck_assert_uint_eq(w.stray_reads, 0);
}
END_TEST

static const struct {
	u64 va;
	bool four, five;
} canonical_rows[] = {
	{ 0, 1, 1 },
	{ 0x00007fffffffffff, 1, 1 },
	{ 0x0000800000000000, 0, 1 },
	{ 0x00ffffffffffffff, 0, 1 },
	{ 0x0100000000000000, 0, 0 },
	{ 0x7fffffffffffffff, 0, 0 },
	{ 0x8000000000000000, 0, 0 },
	{ 0xfeffffffffffffff, 0, 0 },
	{ 0xff00000000000000, 0, 1 },
	{ 0xffff7fffffffffff, 0, 1 },
	{ 0xffff800000000000, 1, 1 },
	{ 0xffffffffffffffff, 1, 1 },
};

START_TEST(canonical)
{
	u64 va = canonical_rows[_i].va;
	struct world w;

	ck_assert_int_eq(paging_canonical(PAGING_4LEVEL, va), canonical_rows[_i].four);
	ck_assert_int_eq(paging_canonical(PAGING_5LEVEL, va), canonical_rows[_i].five);
	ck_assert(paging_canonical(PAGING_PAE, va) && paging_canonical(PAGING_32BIT, va));
	world_init(&w, PAGING_4LEVEL, 1);
	w.va = va;
	ck_assert_int_eq(world_walk(&w, PAGING_READ, false, false).vector == VECTOR_GP,
			 !canonical_rows[_i].four);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging formats");
	TCase *tc = tcase_create("paging formats");

	tcase_add_loop_test(tc, reserved_bits, 0, ARRAY_SIZE(reserved_rows));
	tcase_add_loop_test(tc, reserved_faults, 0, ARRAY_SIZE(reserved_rows));
	tcase_add_loop_test(tc, reserved_pse, 0, ARRAY_SIZE(pse_rows));
	tcase_add_test(tc, pse36_address);
	tcase_add_test(tc, pdpte);
	tcase_add_loop_test(tc, addresses, 0, ARRAY_SIZE(address_rows));
	tcase_add_loop_test(tc, canonical, 0, ARRAY_SIZE(canonical_rows));
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
