/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel says of itself on its console when something is wrong with it:
 * an oops, a BUG, a WARN, lockdep, a sanitizer, a stall.  Such a report is a
 * finding against the kernel, whatever the test that ran meanwhile came to.
 */
#ifndef ASSAY_CONSOLE_H
#define ASSAY_CONSOLE_H

#include "lib/base.h"

enum report_kind {
	REPORT_NONE,
	REPORT_WARNING,
	REPORT_LOCKDEP,
	REPORT_SANITIZER,
	REPORT_STALL, /* a lab whose machine was busy elsewhere shows this too */
	REPORT_OOPS,
	REPORT_PANIC,
};

/* The first report of a test, and the worst. */
struct console_scan {
	enum report_kind worst;
	char first[256]; /* the line that began the first report, without its time stamp */
};

/* A line of the console, without its newline. */
void console_scan_line(struct console_scan *s, const char *line);

const char *report_word(enum report_kind kind);

#endif
