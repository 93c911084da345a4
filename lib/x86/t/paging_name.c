// SPDX-License-Identifier: GPL-2.0-only
/* The names of the paging matrix's cases: each reads back as the case it names. */
#include "lib/t/tap.h"
#include "lib/x86/paging_case.h"

#include <string.h>

static void check_name(enum paging_mode mode, u64 c)
{
	char buffer[400];
	struct text t = text_into(buffer, sizeof(buffer));
	u64 back;

	paging_case_name(&t, mode, c);
	ck_assert(!t.truncated && !strchr(buffer, ' '));
	ck_assert_msg(paging_case_parse(mode, buffer, &back), "%s", buffer);
	ck_assert_msg(back == c, "%s", buffer);
}

START_TEST(names)
{
	u64 count = paging_case_count(_i, PAGING_ALL_ACCESSES);
	u64 seed = 42;

	for (u64 n = 0; n < count; n += count / 10000 | 1)
		check_name(_i, paging_case_number(_i, PAGING_ALL_ACCESSES, n));
	for (int n = 0; n < 10000; n++)
		check_name(_i, paging_case_random(_i, PAGING_ALL_ACCESSES, &seed));
}
END_TEST

/* Every case of the pairwise walk. */
START_TEST(names_of_pairs)
{
	struct paging_pairs walk;
	u64 c;

	paging_pairs_begin(&walk, _i, PAGING_ALL_ACCESSES);
	while (paging_pairs_next(&walk, &c))
		check_name(_i, c);
}
END_TEST

START_TEST(a_name_as_documented)
{
	const char *name = "pte=P.W.U.A,pde=P.W.U,pdpte=P.W.U,pml4e=P.W.U,cr0=WP,cr4=SMEP,"
			   "efer=NXE,access=user-write";
	char buffer[400];
	struct text t = text_into(buffer, sizeof(buffer));
	u64 c;

	ck_assert(paging_case_parse(PAGING_4LEVEL, name, &c));
	ck_assert_uint_eq(PAGING_LEAF(c), 1);
	ck_assert_uint_eq(PAGING_ACCESS(c), PAGING_USER_WRITE);
	ck_assert(c & PAGING_BIT(PTE_A) && !(c & PAGING_BIT(PDE_A)) && c & PAGING_BIT(SMEP));
	paging_case_name(&t, PAGING_4LEVEL, c);
	ck_assert_str_eq(buffer, name);
}
END_TEST

static const char *const bad_names[] = {
	"",
	"pte",
	"pte=",
	"access=user-read",
	"pte=P,pde=P",
	"pte=P,pde=P,access=",
	"pte=P,pde=P,access=user-readx",
	"pte=P,pde=P,access=user-rea",
	"pte=P.Q,pde=P,access=user-read",
	"pte=P.,pde=P,access=user-read",
	"pte=P,pde=P,access=user-read,",
	"pte=P,pde=P,pdpte=P,access=user-read", /* 32-bit paging has no such level */
	"pte=P.NX,pde=P,access=user-read",
	"pde=P.PS,access=user-read", /* without CR4.PSE */
	"pml4e=P,access=user-read",
	"pte=P.IGN.PAT,pde=P,access=user-read", /* two extras */
	"pte=P,pde=P,cr4=,access=user-read",
	"pte=P,pde=P,cr5=WP,access=user-read",
};

START_TEST(bad_name)
{
	u64 c;

	/* One that is good, so that the bad ones are bad for their own reason. */
	ck_assert(paging_case_parse(PAGING_32BIT, "pte=P,pde=P,access=user-read", &c));
	ck_assert_msg(!paging_case_parse(PAGING_32BIT, bad_names[_i], &c), "%s", bad_names[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging names");
	TCase *tc = tcase_create("paging names");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, names, 0, PAGING_MODES);
	tcase_add_loop_test(tc, names_of_pairs, 0, PAGING_MODES);
	tcase_add_test(tc, a_name_as_documented);
	tcase_add_loop_test(tc, bad_name, 0, ARRAY_SIZE(bad_names));
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
