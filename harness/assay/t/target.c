// SPDX-License-Identifier: GPL-2.0-only
/* The grammar of targets. */
#include "harness/assay/target.h"
#include "lib/t/tap.h"

#include <string.h>

static struct target target;
static struct problem problem;

START_TEST(reads_all_parts)
{
	ck_assert(target_parse(&target, "kvm,npt=0,irqchip=split@lab,machine=microvm", &problem));
	ck_assert_str_eq("kvm,npt=0,irqchip=split@lab,machine=microvm", target.text);
	ck_assert_str_eq("kvm", target.host);
	ck_assert_uint_eq(2, target.options.count);
	ck_assert_str_eq("npt=0", target.options.item[0]);
	ck_assert_str_eq("irqchip=split", target.options.item[1]);
	ck_assert_str_eq("lab", target.place);
	ck_assert_uint_eq(1, target.place_options.count);
	ck_assert_str_eq("machine=microvm", target.place_options.item[0]);
	target_free(&target);
}
END_TEST

START_TEST(ssh_has_a_host)
{
	ck_assert(
		target_parse(&target, "kvm,irqchip=none@ssh:root@Host-1.lan,arch=arm64", &problem));
	ck_assert_str_eq("root@Host-1.lan", target_ssh_host(&target));
	ck_assert_int_eq(ARCH_ARM64, target_arch(&target));
	target_free(&target);
}
END_TEST

START_TEST(place_is_local_by_default)
{
	ck_assert(target_parse(&target, "qemu", &problem));
	ck_assert_str_eq("qemu", target.host);
	ck_assert_uint_eq(0, target.options.count);
	ck_assert_str_eq("local", target.place);
	ck_assert_ptr_null(target_ssh_host(&target));
	target_free(&target);
}
END_TEST

START_TEST(values_may_have_equal_signs_and_slashes)
{
	ck_assert(target_parse(&target, "qemu,binary=/usr/bin/x?a=b", &problem));
	ck_assert_str_eq("binary=/usr/bin/x?a=b", target.options.item[0]);
	target_free(&target);
}
END_TEST

static const struct {
	const char *text;
	const char *problem;
} bad[] = {
	{ "", "'' is not the name of a host" },
	{ ",a=b", "'' is not the name of a host" },
	{ "Kvm", "'Kvm' is not the name of a host" },
	{ "kvm/..", "is not the name of a host" },
	{ "kvm,", "'' is not option=value" },
	{ "kvm,a", "'a' is not option=value" },
	{ "kvm,a=", "'a=' is not option=value" },
	{ "kvm,=b", "'=b' is not option=value" },
	{ "kvm,a=b c", "'a=b c' is not option=value" },
	{ "kvm,a=b\n", "is not option=value" },
	{ "kvm,a=1,a=2", "option 'a' stands twice" },
	{ "kvm@", "'' is not the name of a place" },
	{ "kvm@ssh:", "'ssh:' is not the name of a place" },
	{ "kvm@ssh:-oProxyCommand", "is not the name of a place" },
	{ "kvm@ssh:a;b", "is not the name of a place" },
	{ "kvm@lab@lab", "'lab@lab' is not the name of a place" },
	{ "kvm@lab,a=b@c", "'a=b@c' is not option=value" },
	{ "kvm --probe", "is not the name of a host" },
};

START_TEST(refuses)
{
	ck_assert(!target_parse(&target, bad[_i].text, &problem));
	ck_assert_msg(strstr(problem.text, bad[_i].problem), "'%s': %s", bad[_i].text,
		      problem.text);
	ck_assert_int_eq(EXIT_USAGE, problem.status);
	ck_assert_ptr_null(target.text);
}
END_TEST

START_TEST(refuses_the_endless)
{
	char text[10000];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert(!target_parse(&target, text, &problem));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target");
	TCase *tests = tcase_create("target");

	tcase_add_test(tests, reads_all_parts);
	tcase_add_test(tests, ssh_has_a_host);
	tcase_add_test(tests, place_is_local_by_default);
	tcase_add_test(tests, values_may_have_equal_signs_and_slashes);
	tcase_add_loop_test(tests, refuses, 0, ARRAY_SIZE(bad));
	tcase_add_test(tests, refuses_the_endless);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
