// SPDX-License-Identifier: GPL-2.0-only
/* The model of the XSAVE instructions: headers, formats, XFD. */
#include <stdlib.h>
#include <string.h>

#include "lib/t/tap.h"
#include "lib/x86/xstate_image.h"

/* AVX, PKRU, XTILE, and CET_U of IA32_XSS, as a Sapphire Rapids has them. */
static const struct xstate_component layout[XSTATE_COMPONENTS] = {
	[2] = { .size = 256, .offset = 576 },
	[9] = { .size = 8, .offset = 2688 },
	[11] = { .size = 16, .supervisor = true },
	[17] = { .size = 64, .offset = 2752, .aligned = true },
	[18] = { .size = 8192, .offset = 2816, .aligned = true },
};

#define ALL (BIT(0) | BIT(1) | BIT(2) | BIT(9) | BIT(17) | BIT(18))
#define TILES (BIT(17) | BIT(18))
enum { AREA = 16384, UNTOUCHED = 0xcc };

static struct xstate_cpu cpu;
static u8 area[AREA];

/* Every component in use and full of its own number. */
static void setup(void)
{
	cpu = (struct xstate_cpu){ .component = layout, .xcr0 = ALL, .in_use = ALL };
	for (unsigned int i = 2; i < XSTATE_COMPONENTS; i++)
		if (layout[i].size) {
			cpu.content[i] = malloc(layout[i].size);
			memset(cpu.content[i], (int)i, layout[i].size);
		}
	memset(area, UNTOUCHED, sizeof(area));
	memset(area + XSAVE_BV, 0, 64);
}

static void teardown(void)
{
	for (unsigned int i = 2; i < XSTATE_COMPONENTS; i++)
		free(cpu.content[i]);
}

static u64 word(unsigned int at)
{
	u64 value;

	memcpy(&value, area + at, sizeof(value));
	return value;
}

static void set_word(unsigned int at, u64 value)
{
	memcpy(area + at, &value, sizeof(value));
}

/* What a saving instruction leaves: the header, and one byte at a place. */
static const struct {
	enum xstate_instruction i;
	u64 requested, in_use, xfd, xss, old_bv;
	u64 bv, xcomp_bv;
	unsigned int at, byte;
} row[] = {
	/* Standard offsets; what is not requested keeps its bit and its bytes. */
	{ XSTATE_XSAVE, ALL, ALL, 0, 0, 0, ALL, 0, 2816, 18 },
	{ XSTATE_XSAVE, BIT(17), ALL, 0, 0, BIT(18) | BIT(2), BIT(17) | BIT(18) | BIT(2), 0, 2816,
	  UNTOUCHED },
	{ XSTATE_XSAVE, BIT(2), ALL & ~BIT(2), 0, 0, BIT(2), 0, 0, 576,
	  0 }, /* writes what is initial */
	{ XSTATE_XSAVEOPT, BIT(2), ALL & ~BIT(2), 0, 0, BIT(2), 0, 0, 576, UNTOUCHED },
	/* XFD: as if initial. */
	{ XSTATE_XSAVE, ALL, ALL, BIT(18), 0, BIT(18), ALL & ~BIT(18), 0, 2816, 0 },
	{ XSTATE_XSAVEOPT, ALL, ALL, BIT(18), 0, BIT(18), ALL & ~BIT(18), 0, 2816, UNTOUCHED },
	{ XSTATE_XSAVEC, ALL, ALL, BIT(18), 0, 0, ALL & ~BIT(18), ALL, 896 + 64, UNTOUCHED },
	{ XSTATE_XSAVEC, ALL, ALL, BIT(18), 0, 0, ALL & ~BIT(18), ALL, 896, 17 },
	/* Compacted: AVX at 576, PKRU at 832, XTILECFG aligned to 896, XTILEDATA at 960. */
	{ XSTATE_XSAVEC, ALL, ALL, 0, 0, 0, ALL, ALL, 832, 9 },
	{ XSTATE_XSAVEC, ALL, ALL, 0, 0, 0, ALL, ALL, 960 + 8191, 18 },
	{ XSTATE_XSAVEC, ALL, ALL, 0, 0, 0, ALL, ALL, 960 + 8192, UNTOUCHED },
	/* An initial component takes its room. */
	{ XSTATE_XSAVEC, ALL, ALL & ~BIT(17), 0, 0, ALL, ALL & ~BIT(17), ALL, 896, UNTOUCHED },
	{ XSTATE_XSAVEC, ALL, ALL & ~BIT(17), 0, 0, ALL, ALL & ~BIT(17), ALL, 960, 18 },
	/* One that was not requested takes none. */
	{ XSTATE_XSAVEC, TILES, ALL, 0, 0, 0, TILES, TILES, 576, 17 },
	{ XSTATE_XSAVEC, BIT(18), ALL, 0, 0, 0, BIT(18), BIT(18), 576, 18 },
	/* Supervisor components by XSAVES only. */
	{ XSTATE_XSAVEC, BIT(11), BIT(11), 0, BIT(11), 0, 0, 0, 576, UNTOUCHED },
	{ XSTATE_XSAVES, BIT(11), BIT(11), 0, BIT(11), 0, BIT(11), BIT(11), 576, 11 },
	/* Not of XCR0: not there. */
	{ XSTATE_XSAVEC, BIT(5) | BIT(9), ALL, 0, 0, 0, BIT(9), BIT(9), 576, 9 },
};

START_TEST(saves)
{
	u64 compacted = row[_i].i >= XSTATE_XSAVEC ? XCOMP_BV_COMPACTED : 0;

	cpu.in_use = row[_i].in_use;
	cpu.xfd = row[_i].xfd;
	cpu.xss = row[_i].xss;
	set_word(XSAVE_BV, row[_i].old_bv);
	xstate_save(&cpu, row[_i].i, row[_i].requested, area);
	ck_assert_uint_eq(row[_i].bv, word(XSAVE_BV));
	ck_assert_uint_eq(row[_i].xcomp_bv | compacted, word(XSAVE_XCOMP_BV));
	ck_assert_uint_eq(row[_i].byte, area[row[_i].at]);
	ck_assert_uint_eq(UNTOUCHED, area[AREA - 1]);
}
END_TEST

/* What loading a header does: the fault, and what is in use and in XFD_ERR afterwards. */
static const struct {
	enum xstate_instruction i;
	u64 requested, xfd, bv, xcomp_bv, rest;
	unsigned int fault;
	u64 in_use, xfd_err;
} load[] = {
	{ XSTATE_XRSTOR, ALL, 0, TILES, 0, 0, XSTATE_NO_FAULT, TILES, 0 },
	{ XSTATE_XRSTOR, BIT(17), 0, TILES, 0, 0, XSTATE_NO_FAULT, ALL, 0 },
	{ XSTATE_XRSTOR, BIT(17), 0, 0, 0, 0, XSTATE_NO_FAULT, ALL & ~BIT(17), 0 },
	/* XFD: only what would be loaded. */
	{ XSTATE_XRSTOR, ALL, BIT(18), TILES, 0, 0, XSTATE_NM, ALL, BIT(18) },
	{ XSTATE_XRSTOR, ALL, BIT(18), BIT(17), 0, 0, XSTATE_NO_FAULT, BIT(17), 0 },
	{ XSTATE_XRSTOR, BIT(17), BIT(18), TILES, 0, 0, XSTATE_NO_FAULT, ALL, 0 },
	{ XSTATE_XRSTORS, ALL, BIT(18), BIT(18), TILES | BIT(63), 0, XSTATE_NM, ALL, BIT(18) },
	/* Headers. */
	{ XSTATE_XRSTOR, ALL, 0, BIT(5), 0, 0, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, BIT(18), BIT(5) | BIT(18), 0, 0, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), BIT(2), 0, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), BIT(2) | BIT(63), 0, XSTATE_NO_FAULT, BIT(2), 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), BIT(9) | BIT(63), 0, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), BIT(2) | BIT(5) | BIT(63), 0, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), 0, 16, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), 0, 24, XSTATE_NO_FAULT, BIT(2), 0 },
	{ XSTATE_XRSTOR, ALL, 0, BIT(2), BIT(2) | BIT(63), 56, XSTATE_GP, ALL, 0 },
	{ XSTATE_XRSTORS, ALL, 0, BIT(2), 0, 0, XSTATE_GP, ALL, 0 },
};

START_TEST(loads)
{
	cpu.xfd = load[_i].xfd;
	set_word(XSAVE_BV, load[_i].bv);
	set_word(XSAVE_XCOMP_BV, load[_i].xcomp_bv);
	if (load[_i].rest)
		set_word(XSAVE_BV + (unsigned int)load[_i].rest, 1);
	ck_assert_uint_eq(load[_i].fault, xstate_load(&cpu, load[_i].i, load[_i].requested, area));
	ck_assert_uint_eq(load[_i].in_use, cpu.in_use);
	ck_assert_uint_eq(load[_i].xfd_err, cpu.xfd_err);
}
END_TEST

/* What was saved comes back, in either format, however much else XCOMP_BV holds. */
START_TEST(round_trip)
{
	enum xstate_instruction save = _i & 1 ? XSTATE_XSAVEC : XSTATE_XSAVE;

	xstate_save(&cpu, save, ALL, area);
	for (unsigned int i = 2; i < XSTATE_COMPONENTS; i++)
		if (cpu.content[i])
			memset(cpu.content[i], 0xff, layout[i].size);
	ck_assert_uint_eq(XSTATE_NO_FAULT, xstate_load(&cpu, XSTATE_XRSTOR, BIT(18), area));
	ck_assert_uint_eq(18, cpu.content[18][8191]);
	ck_assert_uint_eq(0xff, cpu.content[17][0]);
	ck_assert_uint_eq(XSTATE_NO_FAULT, xstate_load(&cpu, XSTATE_XRSTOR, ALL, area));
	ck_assert_uint_eq(17, cpu.content[17][63]);
	ck_assert_uint_eq(9, cpu.content[9][0]);
	set_word(XSAVE_BV, 0);
	ck_assert_uint_eq(XSTATE_NO_FAULT, xstate_load(&cpu, XSTATE_XRSTOR, BIT(17), area));
	ck_assert_uint_eq(0, cpu.content[17][63]);
	ck_assert_uint_eq(18, cpu.content[18][0]);
}
END_TEST

START_TEST(sizes)
{
	unsigned int i, j;
	struct xstate_component bad[XSTATE_COMPONENTS];

	ck_assert_uint_eq(11008, xstate_standard_size(layout, ALL));
	ck_assert_uint_eq(2696, xstate_standard_size(layout, ALL & ~TILES));
	ck_assert_uint_eq(576, xstate_standard_size(layout, BIT(11)));
	ck_assert_uint_eq(960 + 8192, xstate_compacted_size(layout, ALL));
	ck_assert_uint_eq(592, xstate_compacted_size(layout, BIT(11)));
	ck_assert(xstate_layout_valid(layout, ALL | BIT(11), &i, &j));
	memcpy(bad, layout, sizeof(bad));
	bad[18].offset = 2800;
	ck_assert(!xstate_layout_valid(bad, ALL, &i, &j));
	ck_assert_uint_eq(18, i);
	ck_assert_uint_eq(17, j);
	ck_assert(xstate_layout_valid(bad, ALL & ~BIT(17), &i, &j));
	bad[2].offset = 512;
	ck_assert(!xstate_layout_valid(bad, BIT(2), &i, &j));
	ck_assert(!xstate_layout_valid(bad, BIT(5), &i, &j));
}
END_TEST

START_TEST(use)
{
	cpu.xfd = BIT(18);
	ck_assert_uint_eq(XSTATE_NO_FAULT, xstate_use(&cpu, BIT(17)));
	ck_assert_uint_eq(0, cpu.xfd_err);
	ck_assert_uint_eq(XSTATE_NM, xstate_use(&cpu, TILES));
	ck_assert_uint_eq(BIT(18), cpu.xfd_err);
	ck_assert(xfd_valid(BIT(18), BIT(18)));
	ck_assert(!xfd_valid(BIT(17), BIT(18)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xstate_image");
	TCase *tcase = tcase_create("model");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, saves, 0, sizeof(row) / sizeof(row[0]));
	tcase_add_loop_test(tcase, loads, 0, sizeof(load) / sizeof(load[0]));
	tcase_add_loop_test(tcase, round_trip, 0, 2);
	tcase_add_test(tcase, sizes);
	tcase_add_test(tcase, use);
	suite_add_tcase(suite, tcase);
	return tap_run(suite);
}
