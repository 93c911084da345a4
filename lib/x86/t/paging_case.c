// SPDX-License-Identifier: GPL-2.0-only
/* The paging matrix: counts against enumeration, and its walks. */
#include "lib/t/tap.h"
#include "lib/x86/paging_case.h"

static const u64 cases_of[PAGING_MODES] = {
	[PAGING_32BIT] = PAGING_CASES_32BIT,
	[PAGING_PAE] = PAGING_CASES_PAE,
	[PAGING_4LEVEL] = PAGING_CASES_4LEVEL,
	[PAGING_5LEVEL] = PAGING_CASES_5LEVEL,
};

static const u64 pairs_of[PAGING_MODES] = {
	[PAGING_32BIT] = PAGING_PAIRS_32BIT,
	[PAGING_PAE] = PAGING_PAIRS_PAE,
	[PAGING_4LEVEL] = PAGING_PAIRS_4LEVEL,
	[PAGING_5LEVEL] = PAGING_PAIRS_5LEVEL,
};

START_TEST(constants)
{
	ck_assert_uint_eq(paging_case_count(_i, PAGING_ALL_ACCESSES), cases_of[_i]);
}
END_TEST

/*
 * Count the legal cases by trying all values of some fields, others fixed as in
 * `c`; then count how many of the numbered cases agree with what was fixed.
 */
static u64 enumerate(enum paging_mode mode, u64 c, u64 vary)
{
	u64 count = 0, sub = 0;

	do {
		for (u64 extra = 0; extra < PAGING_EXTRA_MAX; extra++)
			count += paging_case_legal(mode, c | sub | extra << PAGING_EXTRA_SHIFT);
		sub = (sub - vary) & vary;
	} while (sub);
	return count;
}

/*
 * All of 32-bit paging: 3,489,792 cases by trying all 2^31 words would take a
 * minute; one access of sixteen, and D, AC and TWICE (which no rule mentions)
 * fixed, is an exact 2^-7 of it.
 */
START_TEST(count_32bit)
{
	u64 vary = 0, leaf, count = 0;
	u64 fixed = PAGING_BIT(D) | PAGING_BIT(AC) | PAGING_BIT(TWICE);

	for (leaf = 1; leaf <= 3; leaf++) {
		vary = BITS(9, 0) | PAGING_BIT(WP) | PAGING_BIT(SMEP) | PAGING_BIT(SMAP) |
		       PAGING_BIT(PSE) | PAGING_BIT(NXE) | PAGING_BIT(PKE);
		count += enumerate(PAGING_32BIT, leaf << PAGING_LEAF_SHIFT | fixed, vary);
	}
	ck_assert_uint_eq(count * 16 * 8, PAGING_CASES_32BIT);
}
END_TEST

/* The others by a quotient: flags that no rule couples are fixed to 0. */
static const struct {
	enum paging_mode mode;
	u64 vary;
} count_rows[] = {
	{ PAGING_PAE, PAGING_NX_BITS | BIT(0) | BIT(5) | BIT(10) | PAGING_BIT(NXE) },
	{ PAGING_4LEVEL, PAGING_NX_BITS | BIT(0) | BIT(5) | BIT(10) | BIT(15) | PAGING_BIT(NXE) },
	{ PAGING_5LEVEL,
	  PAGING_NX_BITS | BIT(0) | BIT(5) | BIT(10) | BIT(15) | BIT(20) | PAGING_BIT(NXE) },
};

START_TEST(count_others)
{
	enum paging_mode mode = count_rows[_i].mode;
	u64 total = 0;

	for (u64 leaf = 1; leaf <= 3; leaf++) {
		/* What is fixed: W U A of the levels from the leaf up, and the common flags. */
		unsigned int levels = paging_levels(mode) - leaf + 1;
		unsigned int fixed = 3 * levels + 6 + 7;

		if (mode == PAGING_PAE)
			fixed = 3 * (levels - 1) + 6;
		if (leaf == 3 && mode == PAGING_PAE)
			continue;
		total += enumerate(mode, leaf << PAGING_LEAF_SHIFT, count_rows[_i].vary) * 16
			 << fixed;
	}
	ck_assert_uint_eq(total, cases_of[mode]);
}
END_TEST

/* Numbers lead to legal cases, all different. */
START_TEST(numbers)
{
	u64 count = paging_case_count(_i, PAGING_ALL_ACCESSES);
	u64 stride = count / 50000 | 1, previous = 0;

	for (u64 n = 0; n < count; n += stride) {
		u64 c = paging_case_number(_i, PAGING_ALL_ACCESSES, n);

		ck_assert_msg(paging_case_legal(_i, c), "number %lu", (unsigned long)n);
		ck_assert(c != previous);
		previous = c;
	}
	ck_assert(paging_case_legal(_i, paging_case_number(_i, PAGING_ALL_ACCESSES, count - 1)));
}
END_TEST

START_TEST(all_numbers_differ)
{
	static u8 seen[1 << 25];
	u64 n;

	/* The flags of 32-bit paging with leaf, access and extra, squeezed into 32 bits. */
	for (n = 0; n < PAGING_CASES_32BIT; n++) {
		u64 c = paging_case_number(PAGING_32BIT, PAGING_ALL_ACCESSES, n);
		u64 flags = (c & 15) | (c >> 5 & 15) << 4 | (c >> 25 & 1) << 8 |
			    (c >> 27 & 15) << 9 | (c >> 34 & 1) << 13 | (c >> 39 & 1) << 14 |
			    (u64)(PAGING_LEAF(c) - 1) << 15 | (u64)PAGING_ACCESS(c) << 16;
		u64 key = flags << 6 | PAGING_EXTRA(c);

		ck_assert_msg(!(seen[key >> 1] & (1 << (key & 1))), "number %lu", (unsigned long)n);
		seen[key >> 1] |= 1 << (key & 1);
	}
}
END_TEST

/* The pairwise walk gives legal cases, numbered in order, of every access. */
START_TEST(pairs)
{
	struct paging_pairs walk;
	u64 c, n = 0, accesses = 0;

	paging_pairs_begin(&walk, _i, PAGING_ALL_ACCESSES);
	while (paging_pairs_next(&walk, &c)) {
		ck_assert(paging_case_legal(_i, c));
		ck_assert_uint_eq(walk.number, n++);
		accesses |= BIT(PAGING_ACCESS(c));
	}
	ck_assert_uint_eq(accesses, PAGING_ALL_ACCESSES);
	ck_assert_uint_eq(n, pairs_of[_i]);
}
END_TEST

/* Fewer accesses: the same cases without the others. */
START_TEST(some_accesses)
{
	struct paging_pairs walk;
	u64 c, n = 0, seed = 3;

	paging_pairs_begin(&walk, PAGING_4LEVEL, PAGING_DATA_ACCESSES);
	for (; paging_pairs_next(&walk, &c); n++)
		ck_assert(PAGING_DATA_ACCESSES & BIT(PAGING_ACCESS(c)));
	ck_assert_uint_eq(n, PAGING_PAIRS_4LEVEL_DATA);
	paging_pairs_begin(&walk, PAGING_4LEVEL, PAGING_STRING_ACCESSES);
	for (n = 0; paging_pairs_next(&walk, &c); n++)
		ck_assert(PAGING_STRING_ACCESSES & BIT(PAGING_ACCESS(c)));
	ck_assert_uint_eq(n, PAGING_PAIRS_4LEVEL_STRING);
	ck_assert_uint_eq(paging_case_count(PAGING_4LEVEL, PAGING_STRING_ACCESSES),
			  PAGING_CASES_4LEVEL / 8);
	ck_assert_uint_eq(paging_case_count(PAGING_4LEVEL, PAGING_DATA_ACCESSES),
			  PAGING_CASES_4LEVEL / 4);
	for (n = 0; n < 10000; n++) {
		c = paging_case_number(PAGING_4LEVEL, PAGING_DATA_ACCESSES,
				       n * (PAGING_CASES_4LEVEL / 40001));
		ck_assert(paging_case_legal(PAGING_4LEVEL, c));
		ck_assert(PAGING_DATA_ACCESSES & BIT(PAGING_ACCESS(c)));
		c = paging_case_random(PAGING_4LEVEL, PAGING_DATA_ACCESSES, &seed);
		ck_assert(PAGING_DATA_ACCESSES & BIT(PAGING_ACCESS(c)));
	}
}
END_TEST

/* Whatever two flags of a user-mode write deviate: the walk has them. */
START_TEST(every_pair_is_there)
{
	u64 flags = paging_case_flags(PAGING_4LEVEL, 1) & ~BITS(38, 26) & ~PAGING_NX_BITS &
		    ~(PAGING_BIT(PTE_A) | PAGING_BIT(PDE_A) | PAGING_BIT(PDPTE_A) |
		      PAGING_BIT(PML4E_A));
	struct paging_pairs walk;
	u64 c, base, found = 0, wanted = 0;

	ck_assert(paging_case_parse(PAGING_4LEVEL,
				    "pte=P.W.U,pde=P.W.U,pdpte=P.W.U,pml4e=P.W.U,cr0=WP,efer=NXE,"
				    "access=user-write",
				    &base));
	for (u64 i = flags; i; i &= i - 1)
		for (u64 j = i & (i - 1); j; j &= j - 1)
			wanted++;
	paging_pairs_begin(&walk, PAGING_4LEVEL, PAGING_ALL_ACCESSES);
	while (paging_pairs_next(&walk, &c)) {
		u64 other = c ^ base;

		if (!(other & ~flags) && other && other & (other - 1))
			found++;
	}
	ck_assert_uint_eq(found, wanted);
}
END_TEST

START_TEST(random_is_repeatable)
{
	u64 a = 7, b = 7, other = 8, differ = 0;

	for (int i = 0; i < 1000; i++) {
		u64 c = paging_case_random(_i, PAGING_ALL_ACCESSES, &a);

		ck_assert_uint_eq(c, paging_case_random(_i, PAGING_ALL_ACCESSES, &b));
		ck_assert(paging_case_legal(_i, c));
		differ += c != paging_case_random(_i, PAGING_ALL_ACCESSES, &other);
	}
	ck_assert_uint_gt(differ, 900);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging matrix");
	TCase *tc = tcase_create("paging matrix");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, constants, 0, PAGING_MODES);
	tcase_add_test(tc, count_32bit);
	tcase_add_loop_test(tc, count_others, 0, ARRAY_SIZE(count_rows));
	tcase_add_loop_test(tc, numbers, 0, PAGING_MODES);
	tcase_add_test(tc, all_numbers_differ);
	tcase_add_loop_test(tc, pairs, 0, PAGING_MODES);
	tcase_add_test(tc, some_accesses);
	tcase_add_test(tc, every_pair_is_there);
	tcase_add_loop_test(tc, random_is_repeatable, 0, PAGING_MODES);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
