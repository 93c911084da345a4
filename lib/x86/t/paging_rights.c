// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's access rights, cell by cell, against tables written from SDM
 * vol. 3A, 4.6.1 and 4.6.2.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/world.h"

/*
 * 4.6.1 as a table.  A pattern has one character for each of
 * WP SMEP SMAP AC NXE, R/W of all entries, XD of any; '.' is either.
 * NXE = 0 with XD = 1 is a reserved bit and stands in no row.
 */
enum address_mode { S, U };
static const struct rights_row {
	bool user, implicit;
	enum paging_kind kind;
	enum address_mode address;
	const char *pattern;
	bool allowed;
} rights_rows[] = {
	/* Supervisor-mode reads */
	{ false, false, PAGING_READ, S, ".......", true },
	{ false, false, PAGING_READ, U, "..0....", true },
	{ false, false, PAGING_READ, U, "..10...", false },
	{ false, false, PAGING_READ, U, "..11...", true },
	{ false, true, PAGING_READ, S, ".......", true },
	{ false, true, PAGING_READ, U, "..0....", true },
	{ false, true, PAGING_READ, U, "..1....", false },
	/* Supervisor-mode writes */
	{ false, false, PAGING_WRITE, S, "0......", true },
	{ false, false, PAGING_WRITE, S, "1....1.", true },
	{ false, false, PAGING_WRITE, S, "1....0.", false },
	{ false, false, PAGING_WRITE, U, "0.0....", true },
	{ false, false, PAGING_WRITE, U, "0.11...", true },
	{ false, false, PAGING_WRITE, U, "1.0..1.", true },
	{ false, false, PAGING_WRITE, U, "1.0..0.", false },
	{ false, false, PAGING_WRITE, U, "1.11.1.", true },
	{ false, false, PAGING_WRITE, U, "1.11.0.", false },
	{ false, false, PAGING_WRITE, U, "..10...", false },
	{ false, true, PAGING_WRITE, S, "0......", true },
	{ false, true, PAGING_WRITE, S, "1....1.", true },
	{ false, true, PAGING_WRITE, S, "1....0.", false },
	{ false, true, PAGING_WRITE, U, "0.0....", true },
	{ false, true, PAGING_WRITE, U, "1.0..1.", true },
	{ false, true, PAGING_WRITE, U, "1.0..0.", false },
	{ false, true, PAGING_WRITE, U, "..1....", false },
	/* Supervisor-mode fetches */
	{ false, false, PAGING_FETCH, S, "......0", true },
	{ false, false, PAGING_FETCH, S, "......1", false },
	{ false, false, PAGING_FETCH, U, ".0....0", true },
	{ false, false, PAGING_FETCH, U, ".0....1", false },
	{ false, false, PAGING_FETCH, U, ".1.....", false },
	/* User mode */
	{ true, false, PAGING_READ, S, ".......", false },
	{ true, false, PAGING_READ, U, ".......", true },
	{ true, false, PAGING_WRITE, S, ".......", false },
	{ true, false, PAGING_WRITE, U, ".....1.", true },
	{ true, false, PAGING_WRITE, U, ".....0.", false },
	{ true, false, PAGING_FETCH, S, ".......", false },
	{ true, false, PAGING_FETCH, U, "......0", true },
	{ true, false, PAGING_FETCH, U, "......1", false },
	/* At CPL 3, but implicit: as at CPL 0 */
	{ true, true, PAGING_READ, S, ".......", true },
	{ true, true, PAGING_READ, U, "..0....", true },
	{ true, true, PAGING_READ, U, "..1....", false },
	{ true, true, PAGING_WRITE, S, "0......", true },
	{ true, true, PAGING_WRITE, S, "1....1.", true },
	{ true, true, PAGING_WRITE, S, "1....0.", false },
	{ true, true, PAGING_WRITE, U, "0.0....", true },
	{ true, true, PAGING_WRITE, U, "1.0..1.", true },
	{ true, true, PAGING_WRITE, U, "1.0..0.", false },
	{ true, true, PAGING_WRITE, U, "..1....", false },
};

enum { WP, SMEP_, SMAP_, AC, NXE, RW, XD, FACTORS };

static bool matches(const char *pattern, unsigned int cell)
{
	for (unsigned int i = 0; i < FACTORS; i++)
		if (pattern[i] != '.' && pattern[i] - '0' != (int)(cell >> i & 1))
			return false;
	return true;
}

static void set_cell(struct world *w, unsigned int cell, enum address_mode address,
		     unsigned int level)
{
	w->p.cr0 = cell >> WP & 1 ? CR0_WP : 0;
	w->p.cr4 = (cell >> SMEP_ & 1 ? CR4_SMEP : 0) | (cell >> SMAP_ & 1 ? CR4_SMAP : 0) |
		   CR4_PSE;
	w->p.rflags = cell >> AC & 1 ? RFLAGS_AC : 0;
	w->p.efer = cell >> NXE & 1 ? EFER_NXE : 0;
	if (!(cell >> RW & 1))
		w->entry[level] &= ~(u64)PTE_W;
	if (cell >> XD & 1)
		w->entry[level] |= PTE_NX;
	if (address == S)
		w->entry[level] &= ~(u64)PTE_U;
}

/* Every cell has exactly one row, or the table itself is wrong. */
static const struct rights_row *row_of(const struct rights_row *like, unsigned int cell)
{
	const struct rights_row *found = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(rights_rows); i++) {
		const struct rights_row *row = &rights_rows[i];

		if (row->user != like->user || row->implicit != like->implicit ||
		    row->kind != like->kind || row->address != like->address ||
		    !matches(row->pattern, cell))
			continue;
		ck_assert_msg(!found, "two rows for cell %#x", cell);
		found = row;
	}
	ck_assert_msg(found, "no row for cell %#x", cell);
	return found;
}

static void check_cells(enum paging_mode mode, unsigned int leaf, unsigned int level)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rights_rows); i++) {
		for (unsigned int cell = 0; cell < 1u << FACTORS; cell++) {
			const struct rights_row *row = &rights_rows[i];
			struct world w;
			struct paging_walk walk;

			if (cell >> XD & 1 && (!(cell >> NXE & 1) || mode == PAGING_32BIT))
				continue;
			world_init(&w, mode, leaf);
			set_cell(&w, cell, row->address, level);
			walk = world_walk(&w, row->kind, row->user, row->implicit);
			ck_assert_msg((walk.vector == VECTOR_NONE) == row_of(row, cell)->allowed,
				      "mode %d leaf %u level %u row %u cell %#x", mode, leaf, level,
				      i, cell);
			ck_assert_uint_eq(w.stray_reads, 0);
		}
	}
}

/* A right missing at any level is missing (except in PDPTE registers, which have none). */
START_TEST(rights_at_every_level)
{
	for (unsigned int mode = 0; mode < PAGING_MODES; mode++)
		for (unsigned int leaf = 1; leaf <= (paging_64bit(mode) ? 3 : 2); leaf++)
			for (unsigned int level = leaf; level <= paging_levels(mode); level++)
				if (mode != PAGING_PAE || level < 3)
					check_cells(mode, leaf, level);
}
END_TEST

/*
 * 4.6.2.  Rights of the page's key and whether WP is set: what of
 * "supervisor read, write; user read, write" the key alone lets through.
 */
static const struct key_row {
	bool ad, wd, wp;
	const char *allowed;
} key_rows[] = {
	{ 0, 0, 0, "rwrw" }, { 0, 0, 1, "rwrw" }, { 0, 1, 0, "rwr-" }, { 0, 1, 1, "r-r-" },
	{ 1, 0, 0, "----" }, { 1, 0, 1, "----" }, { 1, 1, 0, "----" }, { 1, 1, 1, "----" },
};

static void check_key(const struct key_row *row, unsigned int key, bool pks, bool enabled)
{
	u32 pkr = (row->ad ? PKR_AD(key) : 0) | (row->wd ? PKR_WD(key) : 0);

	for (unsigned int i = 0; i < 4; i++) {
		bool user = i >= 2;
		struct world w;
		struct paging_walk walk;
		bool allowed = !enabled || row->allowed[i] != '-';

		world_init(&w, PAGING_4LEVEL, 1);
		w.entry[1] |= PTE_PKEY(key);
		w.p.cr0 = row->wp ? CR0_WP : 0;
		w.p.cr4 = enabled ? pks ? CR4_PKS : CR4_PKE : 0;
		/* The other register, and all other keys, deny everything. */
		w.p.pkru = pks ? ~0u : (pkr | ~(3u << (2 * key)));
		w.p.pkrs = pks ? (pkr | ~(3u << (2 * key))) : ~0u;
		if (pks)
			w.entry[4] &= ~(u64)PTE_U;
		if (pks && user)
			continue; /* has no right there anyway */
		walk = world_walk(&w, i & 1 ? PAGING_WRITE : PAGING_READ, user, false);
		ck_assert_int_eq(walk.vector == VECTOR_NONE, allowed);
		if (!allowed)
			ck_assert_uint_eq(walk.error_code,
					  PF_P | PF_PK | (i & 1 ? PF_W : 0) | (user ? PF_U : 0));
		/* Keys never touch fetches. */
		walk = world_walk(&w, PAGING_FETCH, user, false);
		ck_assert_int_eq(walk.vector, VECTOR_NONE);
	}
}

START_TEST(keys)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(key_rows); i++)
		for (unsigned int key = 0; key < 16; key++)
			for (unsigned int how = 0; how < 4; how++)
				check_key(&key_rows[i], key, how & 1, how >> 1);
}
END_TEST

/* "IA32_EFER.LMA = CR4.PKE = 1": nothing of this outside the 64-bit modes. */
START_TEST(no_keys_outside_64bit)
{
	for (unsigned int mode = PAGING_32BIT; mode <= PAGING_PAE; mode++) {
		struct world w;

		world_init(&w, mode, 1);
		w.p.cr4 |= CR4_PKE | CR4_PKS;
		w.p.pkru = w.p.pkrs = ~0u;
		ck_assert_int_eq(world_walk(&w, PAGING_WRITE, true, false).vector, VECTOR_NONE);
		ck_assert_int_eq(world_walk(&w, PAGING_WRITE, false, false).vector, VECTOR_NONE);
	}
}
END_TEST

/* SMAP and PKRU both forbid: PK says that the key did (4.7). */
START_TEST(key_and_other_violation)
{
	struct world w;
	struct paging_walk walk;

	world_init(&w, PAGING_4LEVEL, 1);
	w.p.cr4 = CR4_SMAP | CR4_PKE;
	w.p.pkru = PKR_AD(0);
	ck_assert_uint_eq(world_walk(&w, PAGING_READ, false, false).error_code, PF_P | PF_PK);
	w.entry[2] &= ~(u64)PTE_W;
	ck_assert_uint_eq(world_walk(&w, PAGING_WRITE, true, false).error_code,
			  PF_P | PF_W | PF_U | PF_PK);
	/* Where there is no translation there is no key. */
	w.entry[1] &= ~(u64)PTE_P;
	ck_assert_uint_eq(world_walk(&w, PAGING_WRITE, true, false).error_code, PF_W | PF_U);
	w.entry[1] |= PTE_P | BIT(51);
	ck_assert_uint_eq(world_walk(&w, PAGING_WRITE, true, false).error_code,
			  PF_P | PF_W | PF_U | PF_RSVD);
	/* A user-mode access to a supervisor-mode address that IA32_PKRS denies: PK is open. */
	world_init(&w, PAGING_4LEVEL, 1);
	w.entry[1] &= ~(u64)PTE_U;
	w.p.cr4 = CR4_PKS;
	w.p.pkrs = PKR_AD(0);
	walk = world_walk(&w, PAGING_READ, true, false);
	ck_assert_uint_eq(walk.error_open, PF_PK);
	ck_assert_uint_eq(walk.error_code | walk.error_open, PF_P | PF_U | PF_PK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging rights");
	TCase *tc = tcase_create("paging rights");

	tcase_add_test(tc, rights_at_every_level);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, no_keys_outside_64bit);
	tcase_add_test(tc, key_and_other_violation);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
