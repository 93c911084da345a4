// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error codes (SDM vol. 3A, 4.7), accessed and dirty flags (4.8), CR2, and
 * accesses that cross pages, of the model.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/world.h"

/* What is wrong with a translation, and what P and RSVD then are. */
enum trouble { NOT_PRESENT, RESERVED, NO_RIGHT };
static const u64 trouble_error[] = { 0, PF_P | PF_RSVD, PF_P };

/* The access, and the flags that describe it without SMEP and NXE, then with either. */
static const struct {
	enum paging_kind kind;
	bool user, implicit;
	u64 error, error_ifetch;
} error_rows[] = {
	{ PAGING_READ, false, false, 0, 0 },
	{ PAGING_WRITE, false, false, PF_W, PF_W },
	{ PAGING_FETCH, false, false, 0, PF_I },
	{ PAGING_READ, true, false, PF_U, PF_U },
	{ PAGING_WRITE, true, false, PF_W | PF_U, PF_W | PF_U },
	{ PAGING_FETCH, true, false, PF_U, PF_U | PF_I },
	{ PAGING_READ, true, true, 0, 0 },
	{ PAGING_WRITE, true, true, PF_W, PF_W },
	{ PAGING_READ, false, true, 0, 0 },
};

static void make_trouble(struct world *w, enum trouble trouble, bool user, enum paging_kind kind)
{
	switch (trouble) {
	case NOT_PRESENT:
		w->entry[1] &= ~(u64)PTE_P;
		break;
	case RESERVED:
		/* 32-bit paging reserves bits of 4-MByte pages only. */
		if (w->p.mode == PAGING_32BIT)
			w->entry[2] |= PTE_PS | BIT(21);
		else
			w->entry[1] |= BIT(45);
		break;
	case NO_RIGHT:
		if (user)
			w->entry[2] &= ~(u64)PTE_U;
		else if (kind == PAGING_WRITE)
			w->entry[2] &= ~(u64)PTE_W;
		else if (kind == PAGING_FETCH)
			w->entry[1] |= PTE_NX;
		else
			w->p.cr4 |= CR4_SMAP;
		break;
	}
}

START_TEST(error_codes)
{
	enum paging_kind kind = error_rows[_i].kind;
	bool supervisor = !error_rows[_i].user || error_rows[_i].implicit;

	for (unsigned int cell = 0; cell < PAGING_MODES * 3 * 4; cell++) {
		enum paging_mode mode = cell % PAGING_MODES;
		enum trouble trouble = cell / PAGING_MODES % 3;
		bool nxe = cell / PAGING_MODES / 3 & 1, smep = cell / PAGING_MODES / 6;
		bool i_flag = smep || (nxe && mode != PAGING_32BIT);
		struct world w;
		struct paging_walk walk;

		/* A supervisor fetch is denied by NX or SMEP alone. */
		if (trouble == NO_RIGHT && supervisor && kind == PAGING_FETCH &&
		    (!nxe || mode == PAGING_32BIT))
			continue;
		world_init(&w, mode, 1);
		w.p.efer = nxe ? EFER_NXE : 0;
		w.p.cr4 |= smep ? CR4_SMEP : 0;
		make_trouble(&w, trouble, !supervisor, kind);
		walk = world_walk(&w, kind, error_rows[_i].user, error_rows[_i].implicit);
		ck_assert_int_eq(walk.vector, VECTOR_PF);
		ck_assert_msg(walk.error_code == (trouble_error[trouble] |
						  (i_flag ? error_rows[_i].error_ifetch
							  : error_rows[_i].error)),
			      "mode %d trouble %d nxe %d smep %d: error %#lx", mode, trouble, nxe,
			      smep, (unsigned long)walk.error_code);
		ck_assert_uint_eq(walk.cr2, w.va);
		ck_assert_uint_eq(walk.error_open, 0);
	}
}
END_TEST

/* The first entry from the root that is wrong decides, whatever follows. */
START_TEST(first_trouble_wins)
{
	for (unsigned int upper = 2; upper <= 5; upper++) {
		for (unsigned int lower = 1; lower < upper; lower++) {
			struct world w;

			world_init(&w, PAGING_5LEVEL, 1);
			w.entry[upper] |= BIT(45);
			w.entry[lower] &= ~(u64)PTE_P;
			ck_assert_uint_eq(world_walk(&w, PAGING_READ, false, false).error_code,
					  PF_P | PF_RSVD);
			world_init(&w, PAGING_5LEVEL, 1);
			w.entry[upper] &= ~(u64)PTE_P;
			w.entry[lower] |= BIT(45);
			ck_assert_uint_eq(world_walk(&w, PAGING_READ, false, false).error_code, 0);
			/* A missing right is found only when there is a translation. */
			world_init(&w, PAGING_5LEVEL, 1);
			w.entry[upper] &= ~(u64)PTE_U;
			w.entry[lower] &= ~(u64)PTE_P;
			ck_assert_uint_eq(world_walk(&w, PAGING_READ, true, false).error_code,
					  PF_U);
		}
	}
}
END_TEST

/* Accessed and dirty flags of a walk's steps, from the root down, as "must/may" letters. */
static void check_steps(const struct paging_walk *walk, u64 must_all, u64 may_upper, u64 must_leaf,
			u64 may_leaf)
{
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct paging_step *step = &walk->step[i];
		bool leaf = i == walk->steps - 1;

		if (step->in_register) {
			ck_assert_uint_eq(step->must_set | step->may_set, 0);
			continue;
		}
		ck_assert_uint_eq(step->must_set, leaf ? must_leaf : must_all);
		ck_assert_uint_eq(step->may_set, leaf ? may_leaf : may_upper);
	}
}

START_TEST(accessed_and_dirty)
{
	enum paging_mode mode = _i / 3;
	unsigned int leaf = _i % 3 + 1;
	struct world w;
	struct paging_walk walk;

	if (leaf == 3 && !paging_64bit(mode))
		return;
	world_init(&w, mode, leaf);
	walk = world_walk(&w, PAGING_READ, true, false);
	check_steps(&walk, PTE_A, 0, PTE_A, 0);
	walk = world_walk(&w, PAGING_FETCH, true, false);
	check_steps(&walk, PTE_A, 0, PTE_A, 0);
	walk = world_walk(&w, PAGING_WRITE, true, false);
	check_steps(&walk, PTE_A, 0, PTE_A | PTE_D, 0);

	/* A violation of rights: A may be set, D never. */
	w.entry[leaf] &= ~(u64)PTE_W;
	walk = world_walk(&w, PAGING_WRITE, true, false);
	check_steps(&walk, 0, PTE_A, 0, PTE_A);

	/* Not present: the entry is software's and keeps all its bits, those above may get A. */
	for (unsigned int level = leaf; level <= paging_levels(mode); level++) {
		world_init(&w, mode, leaf);
		w.entry[level] &= ~(u64)PTE_P;
		walk = world_walk(&w, PAGING_WRITE, true, false);
		ck_assert_uint_eq(walk.steps, paging_levels(mode) - level + 1);
		check_steps(&walk, 0, PTE_A, 0, 0);
		if (mode < PAGING_4LEVEL)
			continue;
		/* Reserved bits: A may be set here too, D never. */
		w.entry[level] |= PTE_P | BIT(50);
		walk = world_walk(&w, PAGING_WRITE, true, false);
		check_steps(&walk, 0, PTE_A, 0, PTE_A);
	}
}
END_TEST

/* Two pages for accesses that cross: which one faults, and what the flags of the other are. */
static u64 two_pages(void *context, u64 address)
{
	u64 *pte = context;

	/* One table for all upper levels; the two PTEs are its entries 510 and 511. */
	if (address == 0x1000 + 510 * 8)
		return pte[0];
	if (address == 0x1000 + 511 * 8)
		return pte[1];
	return address >> 12 == 2 ? (0x1000 | PTE_P | PTE_W | PTE_U)
				  : (((address >> 12) - 1) << 12 | PTE_P | PTE_W | PTE_U);
}

static const struct {
	bool first, second; /* present */
	int faulting; /* -1: none, 2: left open */
	u64 cr2;
} cross_rows[] = {
	{ true, true, -1, 0 },
	{ true, false, 1, 0x1ff000 },
	{ false, true, 0, 0x1feffc },
	{ false, false, 2, 0 },
};

START_TEST(crossing)
{
	u64 right = PTE_P | PTE_W | PTE_U;
	u64 pte[2] = { 0x10000 | (cross_rows[_i].first ? right : 0),
		       0x20000 | (cross_rows[_i].second ? right : 0) };
	struct paging p = {
		.mode = PAGING_4LEVEL,
		.maxphyaddr = 40,
		.cr3 = 0x4000,
		.read_entry = two_pages,
		.context = pte,
	};
	struct paging_access access = { .va = 0x1feffc, .bytes = 8, .kind = PAGING_WRITE };
	struct paging_walk half[2];
	const struct paging_walk *walk = paging_cross(&p, &access, half);

	if (cross_rows[_i].faulting == 2) {
		ck_assert_ptr_null(walk);
		return;
	}
	ck_assert_ptr_nonnull(walk);
	if (cross_rows[_i].faulting < 0) {
		ck_assert_int_eq(walk->vector, VECTOR_NONE);
		ck_assert_uint_eq(half[0].physical, 0x10ffc);
		ck_assert_uint_eq(half[1].physical, 0x20000);
		ck_assert_uint_eq(half[1].step[3].must_set, PTE_A | PTE_D);
		return;
	}
	ck_assert_ptr_eq(walk, &half[cross_rows[_i].faulting]);
	ck_assert_int_eq(walk->vector, VECTOR_PF);
	ck_assert_uint_eq(walk->cr2, cross_rows[_i].cr2);
	/* The other page may or may not have been touched. */
	walk = &half[!cross_rows[_i].faulting];
	ck_assert_uint_eq(walk->step[3].must_set, 0);
	ck_assert_uint_eq(walk->step[3].may_set, PTE_A | PTE_D);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging flags");
	TCase *tc = tcase_create("paging flags");

	tcase_add_loop_test(tc, error_codes, 0, ARRAY_SIZE(error_rows));
	tcase_add_test(tc, first_trouble_wins);
	tcase_add_loop_test(tc, accessed_and_dirty, 0, PAGING_MODES * 3);
	tcase_add_loop_test(tc, crossing, 0, ARRAY_SIZE(cross_rows));
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
