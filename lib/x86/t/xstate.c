// SPDX-License-Identifier: GPL-2.0-only
#include "lib/t/tap.h"
#include "lib/x86/xstate.h"

static const struct {
	u64 value, supported;
	bool valid;
} row[] = {
	{ 0x0, 0x7, false },	     /* x87 is always on */
	{ 0x1, 0x7, true },	     { 0x2, 0x7, false },   { 0x3, 0x7, true },
	{ 0x4, 0x7, false },	     { 0x5, 0x7, false },   /* AVX without SSE */
	{ 0x7, 0x7, true },	     { 0x7, 0x3, false },   /* not supported */
	{ 0x9, 0x1f, false },	     { 0x11, 0x1f, false }, /* half of MPX */
	{ 0x19, 0x1f, true },	     { 0x1b, 0x1f, true },
	{ 0xe7, 0xe7, true },	     { 0xe3, 0xe7, false }, /* AVX-512 without AVX */
	{ 0x27, 0xe7, false },	     { 0x47, 0xe7, false },  { 0x87, 0xe7, false },
	{ 0x67, 0xe7, false },	     { 0x207, 0x2e7, true }, { 0x201, 0x2e7, true },
	{ 0x20001, 0x602e7, false }, { 0x40001, 0x602e7, false },
	{ 0x60001, 0x602e7, true },  { 0x602e7, 0x602e7, true },
	{ 1ull << 63 | 1, 0x7, false },
};

START_TEST(table)
{
	ck_assert_msg(xcr0_valid(row[_i].value, row[_i].supported) == row[_i].valid,
		      "XCR0 = %#llx with %#llx supported", (unsigned long long)row[_i].value,
		      (unsigned long long)row[_i].supported);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xstate");
	TCase *tcase = tcase_create("xcr0_valid");

	tcase_add_loop_test(tcase, table, 0, sizeof(row) / sizeof(row[0]));
	suite_add_tcase(suite, tcase);
	return tap_run(suite);
}
