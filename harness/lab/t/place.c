// SPDX-License-Identifier: GPL-2.0-only
/* Options of the place lab. */
#include "harness/lab/place.h"
#include "lib/t/tap.h"

#include <check.h>
#include <string.h>

static const struct {
	char *options[3];
	const char *wrong; /* part of the message; NULL: accepted */
} rows[] = {
	{ { "kernel=debian:6.1.0-56-amd64" }, NULL },
	{ { "kernel=/boot/vmlinuz", "machine=pc", "memory=512" }, NULL },
	{ { "kernel=x", "la57=1", "cold=1" }, NULL },
	{ { "machine=pc" }, "needs a kernel" },
	{ { "kernel=" }, "takes TEXT" },
	{ { "kernel=x", "machine=toaster" }, "takes microvm|pc|bochs|virt" },
	{ { "kernel=x", "memory=0" }, "takes NUMBER" },
	{ { "kernel=x", "memory=12345678" }, "takes NUMBER" },
	{ { "kernel=x", "la57=2" }, "takes 0|1" },
	{ { "kernel=x", "npt=0" }, "no option 'npt=0'" },
	{ { "kernel=x", "mach=pc" }, "no option 'mach=pc'" },
};

START_TEST(each_row)
{
	struct problem p = { 0 };
	struct place place;
	size_t count = 0;
	bool ok;

	while (count < 3 && rows[_i].options[count])
		count++;
	ok = place_parse(&place, rows[_i].options, count, &p);
	ck_assert_msg(ok == !rows[_i].wrong, "%s: '%s'", rows[_i].options[count - 1], p.text);
	if (rows[_i].wrong)
		ck_assert_msg(strstr(p.text, rows[_i].wrong) && p.status == EXIT_USAGE, "%s",
			      p.text);
}
END_TEST

START_TEST(what_is_not_given_has_its_initial_value)
{
	struct problem p = { 0 };
	struct place place;
	char *options[] = { "kernel=x" };

	ck_assert(place_parse(&place, options, 1, &p));
	ck_assert_str_eq(place.value[PLACE_MACHINE], "");
	ck_assert_str_eq(place.value[PLACE_KERNEL], "x");
	ck_assert(place_is(&place, PLACE_COLD, '0'));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("place");
	TCase *c = tcase_create("options");

	tcase_add_loop_test(c, each_row, 0, (int)ARRAY_SIZE(rows));
	tcase_add_test(c, what_is_not_given_has_its_initial_value);
	suite_add_tcase(s, c);
	return tap_run(s);
}
