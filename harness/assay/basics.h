/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of the command needs: exit statuses, the one line that says
 * why something cannot go on, memory that is there, lists of strings.
 */
#ifndef ASSAY_BASICS_H
#define ASSAY_BASICS_H

#include "lib/base.h"

#include <stdio.h>

/* If a subject failed and Assay failed too, the subject's status is given. */
enum exit_status {
	EXIT_EXPECTED = 0, /* all as expected */
	EXIT_SUBJECT = 1, /* fail, crash, timeout, fixed */
	EXIT_USAGE = 2, /* usage or bad input */
	EXIT_LAB = 3, /* Assay or the lab failed: error, a target that cannot run */
};

/* Why a verb cannot go on, in one line: what, where; what to do. */
struct problem {
	enum exit_status status;
	char text[1024];
};

/* Fills it and returns false, so that failing is `return problem_set(...)`. */
bool printf_like(3, 4)
	problem_set(struct problem *p, enum exit_status status, const char *format, ...);

/* These end the program if there is no memory; nothing sensible is left to do then. */
void *new_zeroed(size_t count, size_t size);
char *new_string(const char *s);
char *printf_like(1, 2) new_format(const char *format, ...);
/*
 * Room for one more behind `count` elements: call before every append.  Doubles
 * at powers of two, so that appending costs the same however long the array is.
 */
void *grow(void *array, size_t count, size_t size);

struct strings {
	char **item;
	size_t count;
};

/* Takes a copy. */
void strings_add(struct strings *s, const char *item);
void strings_free(struct strings *s);
/* Ascending by byte. */
void strings_sort(struct strings *s);
bool strings_have(const struct strings *s, const char *item);
/* The parts of a text between separators; none for an empty text. */
struct strings strings_split(const char *text, char separator);
/* One new string; the caller frees it. */
char *strings_join(const struct strings *s, const char *separator);

/* Seconds of the monotonic clock. */
double clock_seconds(void);

/* A stable hash (FNV-1a, 64 bits), the same on every machine and in every version. */
u64 hash_bytes(const void *bytes, size_t length);

/*
 * Print text from elsewhere (a guest, a driver, a command line) as one line
 * that cannot command a terminal: control characters become \n, \t or \xNN,
 * bytes that are not UTF-8 \xNN.  Each character of `escape` gets a backslash.
 */
void print_clean(FILE *out, const char *text, const char *escape);

/* For a POSIX shell, quoted only where it must be; the caller frees it. */
char *shell_quote(const char *word);

#endif
