// SPDX-License-Identifier: GPL-2.0-only
/* What is a report on a kernel's console, and what is not. */
#include "harness/lab/console.h"
#include "lib/t/tap.h"

#include <check.h>

static const struct {
	const char *line;
	enum report_kind kind;
} lines[] = {
	{ "[    1.282332] WARNING: CPU: 0 PID: 59 at arch/x86/kvm/mmu/mmu.c:1234 f+0x1/0x2 [kvm]",
	  REPORT_WARNING },
	{ "[    1.282332][    T1] WARNING: CPU: 0 PID: 1 at x.c:1 f+0x1/0x2", REPORT_WARNING },
	{ "[12345.282332] BUG: kernel NULL pointer dereference, address: 0000000000000000",
	  REPORT_OOPS },
	{ "[    1.2] kernel BUG at arch/x86/kvm/mmu/mmu.c:990!", REPORT_OOPS },
	{ "[    1.2] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI", REPORT_OOPS },
	{ "[    1.2] traps: PANIC: double fault, error_code: 0x0", REPORT_OOPS },
	{ "[    1.2] Internal error: Oops: 0000000096000004 [#1] SMP", REPORT_OOPS },
	{ "[    1.2] Kernel panic - not syncing: Fatal exception", REPORT_PANIC },
	{ "[    1.2] BUG: KASAN: slab-use-after-free in f+0x1/0x2", REPORT_SANITIZER },
	{ "[    1.2] UBSAN: array-index-out-of-bounds in x.c:1:2", REPORT_SANITIZER },
	{ "[    1.2] WARNING: possible circular locking dependency detected", REPORT_LOCKDEP },
	{ "[    1.2] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]", REPORT_STALL },
	{ "[    1.2] rcu: INFO: rcu_preempt self-detected stall on CPU", REPORT_STALL },
	{ "[    1.2] INFO: task init:1 blocked for more than 120 seconds.", REPORT_STALL },
	{ "[    1.2] unchecked MSR access error: WRMSR to 0x1c9", REPORT_WARNING },
	/* No reports: words of a process, words in the middle, other lines. */
	{ "WARNING: CPU: 0 PID: 59 at x.c:1", REPORT_NONE },
	{ "assay-driver-kvm: BUG: ", REPORT_NONE },
	{ "[    1.2] kvm_amd: set kvm_amd.dump_invalid_vmcb=1 to dump internal KVM state.",
	  REPORT_NONE },
	{ "[    1.2] init: no WARNING: here", REPORT_NONE },
	{ "[x] WARNING: CPU", REPORT_NONE },
	{ "[    1.2", REPORT_NONE },
	{ "[]", REPORT_NONE },
	{ "", REPORT_NONE },
};

START_TEST(each_line)
{
	struct console_scan s = { 0 };

	console_scan_line(&s, lines[_i].line);
	ck_assert_msg(s.worst == lines[_i].kind, "%s: %d, wanted %d", lines[_i].line, s.worst,
		      lines[_i].kind);
}
END_TEST

START_TEST(the_first_is_told_and_the_worst_counts)
{
	struct console_scan s = { 0 };

	console_scan_line(&s, "[    1.2] WARNING: CPU: 0 PID: 1 at first.c:1");
	console_scan_line(&s, "[    1.3] Kernel panic - not syncing: second");
	console_scan_line(&s, "[    1.4] WARNING: CPU: 0 PID: 1 at third.c:1");
	ck_assert_str_eq(s.first, "WARNING: CPU: 0 PID: 1 at first.c:1");
	ck_assert_int_eq(s.worst, REPORT_PANIC);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("console");
	TCase *c = tcase_create("reports");

	tcase_add_loop_test(c, each_line, 0, (int)ARRAY_SIZE(lines));
	tcase_add_test(c, the_first_is_told_and_the_worst_counts);
	suite_add_tcase(s, c);
	return tap_run(s);
}
