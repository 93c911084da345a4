// SPDX-License-Identifier: GPL-2.0-only
/*
 * The beginnings of kernel reports.  Where they come from: the format strings
 * of kernel/panic.c, lib/bug.c, arch/{x86,arm64}, kernel/locking/lockdep.c,
 * mm/kasan, kernel/rcu/tree_stall.h, kernel/watchdog.c, kernel/hung_task.c of
 * Linux 5.10 to 7.x.
 */
#include "harness/lab/console.h"

#include <stdio.h>
#include <string.h>

/* In this order: the first that a line begins with names it. */
static const struct {
	const char *begins;
	enum report_kind kind;
} reports[] = {
	{ "BUG: KASAN:", REPORT_SANITIZER },
	{ "BUG: KFENCE:", REPORT_SANITIZER },
	{ "BUG: KMSAN:", REPORT_SANITIZER },
	{ "BUG: KCSAN:", REPORT_SANITIZER },
	{ "UBSAN:", REPORT_SANITIZER },
	{ "WARNING: possible", REPORT_LOCKDEP },
	{ "WARNING: inconsistent lock state", REPORT_LOCKDEP },
	{ "WARNING: bad unlock balance", REPORT_LOCKDEP },
	{ "WARNING: held lock freed", REPORT_LOCKDEP },
	{ "WARNING: suspicious RCU usage", REPORT_LOCKDEP },
	{ "watchdog: BUG: soft lockup", REPORT_STALL },
	{ "watchdog: CPU", REPORT_STALL },
	{ "watchdog: Watchdog detected hard LOCKUP", REPORT_STALL },
	{ "BUG: soft lockup", REPORT_STALL },
	{ "BUG: workqueue lockup", REPORT_STALL },
	{ "rcu: INFO: rcu", REPORT_STALL },
	{ "INFO: rcu", REPORT_STALL },
	{ "INFO: task ", REPORT_STALL },
	{ "WARNING: ", REPORT_WARNING },
	{ "unchecked MSR access error:", REPORT_WARNING },
	{ "refcount_t: ", REPORT_WARNING },
	{ "list_add corruption", REPORT_OOPS },
	{ "list_del corruption", REPORT_OOPS },
	{ "kernel BUG at ", REPORT_OOPS },
	{ "BUG: ", REPORT_OOPS },
	{ "Oops: ", REPORT_OOPS },
	{ "Internal error: ", REPORT_OOPS },
	{ "Unable to handle kernel ", REPORT_OOPS },
	{ "general protection fault", REPORT_OOPS },
	{ "divide error: ", REPORT_OOPS },
	{ "invalid opcode: ", REPORT_OOPS },
	{ "stack segment: ", REPORT_OOPS },
	{ "segment not present: ", REPORT_OOPS },
	{ "traps: PANIC: ", REPORT_OOPS },
	{ "PANIC: ", REPORT_OOPS },
	{ "Kernel panic - not syncing", REPORT_PANIC },
};

static const char *const words[] = {
	[REPORT_WARNING] = "a warning",
	[REPORT_LOCKDEP] = "a locking fault",
	[REPORT_SANITIZER] = "a sanitizer's report",
	[REPORT_STALL] = "a stall",
	[REPORT_OOPS] = "an oops",
	[REPORT_PANIC] = "a panic",
};

const char *report_word(enum report_kind kind)
{
	return words[kind];
}

/*
 * "[   12.345678] text" or "[   12.345678][    T1] text"; NULL if there is no
 * time stamp: then a process wrote the line, not the kernel.
 */
static const char *skip_stamp(const char *line)
{
	const char *end;

	if (*line != '[' || !(end = strchr(line, ']')))
		return NULL;
	if (line[1 + strspn(line + 1, " 0123456789.")] != ']')
		return NULL;
	line = end + 1;
	if (*line == '[' && (end = strchr(line, ']')))
		line = end + 1;
	return line + strspn(line, " ");
}

void console_scan_line(struct console_scan *s, const char *line)
{
	const char *text = skip_stamp(line);

	for (size_t i = 0; text && i < ARRAY_SIZE(reports); i++) {
		if (strncmp(text, reports[i].begins, strlen(reports[i].begins)))
			continue;
		if (!s->worst)
			snprintf(s->first, sizeof(s->first), "%s", text);
		if (reports[i].kind > s->worst)
			s->worst = reports[i].kind;
		return;
	}
}
