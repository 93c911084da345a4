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

/* AVX, opmask, ZMM_Hi256, Hi16_ZMM, PKRU as processors have them, XTILE aligned, and one behind. */
static const struct xstate_component layout[XSTATE_COMPONENTS] = {
	[2] = { .size = 256, .offset = 576 },   [5] = { .size = 64, .offset = 1088 },
	[6] = { .size = 512, .offset = 1152 },  [7] = { .size = 1024, .offset = 1664 },
	[9] = { .size = 8, .offset = 2688 },    [17] = { .size = 64, .offset = 2752, .aligned = true },
	[18] = { .size = 8192, .offset = 2816, .aligned = true },
	[19] = { .size = 128, .offset = 960 },
};

static const struct {
	u64 xcomp_bv;
	unsigned int i;
	u32 offset;
} place[] = {
	{ BIT(2), 2, 576 },
	{ BIT(5), 5, 576 }, /* what is not there takes no room */
	{ BIT(2) | BIT(5), 5, 832 },
	{ BIT(0) | BIT(1) | BIT(2) | BIT(5), 5, 832 }, /* the legacy region is no part of it */
	{ BITS(7, 5) | BIT(2), 6, 896 },
	{ BITS(7, 5) | BIT(2), 7, 1408 },
	{ BITS(7, 5) | BIT(2) | BIT(9), 9, 2432 },
	{ BIT(9) | BIT(17), 17, 640 }, /* 584 aligned */
	{ BIT(9) | BIT(19), 19, 584 }, /* not aligned */
	{ BIT(9) | BIT(17) | BIT(18) | BIT(19), 18, 704 },
	{ BIT(9) | BIT(17) | BIT(18) | BIT(19), 19, 8896 },
	{ BIT(9) | BIT(17) | XCOMP_BV_COMPACTED, 9, 576 }, /* what is behind does not matter */
};

START_TEST(compacted)
{
	ck_assert_uint_eq(place[_i].offset,
			  xstate_compacted_offset(layout, place[_i].xcomp_bv, place[_i].i));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xstate");
	TCase *tcase = tcase_create("rules");

	tcase_add_loop_test(tcase, table, 0, sizeof(row) / sizeof(row[0]));
	tcase_add_loop_test(tcase, compacted, 0, sizeof(place) / sizeof(place[0]));
	suite_add_tcase(suite, tcase);
	return tap_run(suite);
}
