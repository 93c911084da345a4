/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program to its end, without a shell, and keeps what it says. */
#ifndef LAB_KERNEL_COMMAND_H
#define LAB_KERNEL_COMMAND_H

#include "harness/assay/basics.h"

struct said {
	int status; /* exit status; 127: it could not be started, 128 + N: signal N */
	char *out; /* standard output and error, together */
};

/*
 * argv[0] is a path.  The program dies with us.  False: there was no way to
 * run it at all (EXIT_LAB); a status that is not 0 is for the caller to judge.
 */
bool command_run(char *const *argv, struct said *said, struct problem *p);
void said_free(struct said *said);

/*
 * The line that says most of what went wrong, for apt's programs: an error
 * before other lines, and before files that are only missing.  The caller
 * frees it.
 */
char *said_reason(const struct said *said);

/* Does the server just not have the file? */
bool reason_is_missing_file(const char *reason);

#endif
