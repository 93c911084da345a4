/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known deviations: what a kind of subject is known to do wrong, and why the
 * subject and not the test is wrong.  The format stands in doc/known.md.
 */
#ifndef ASSAY_KNOWN_H
#define ASSAY_KNOWN_H

#include "harness/assay/basics.h"
#include "lib/verdict.h"

/* One block of a file.  Texts are globs (glob.h) where so said. */
struct known_entry {
	const char *file; /* of the file it stands in; belongs to the struct known */
	unsigned int line;
	char *subject; /* glob over the `subject` of the host line */
	struct strings
		options; /* globs over "name=value" of the target's options: all must match */
	struct strings tests; /* globs over ids: any may match */
	char *case_name; /* glob over the failed cases; NULL: any */
	char *signature; /* glob over what a failure says; NULL: anything */
	enum verdict verdict; /* fail, crash or timeout; VERDICT_COUNT: any of them */
	u64 sync; /* holds only with these actions added to every sync */
	char *what;
	char *why;
	char *since; /* 2026-11-21 */
	bool flaky; /* it may pass */
};

struct known {
	struct known_entry *entry;
	size_t count;
	struct strings files;
};

/*
 * Add the entries of a file's text.  name is for messages and need not live
 * longer than the call.  On failure, with one line "NAME:LINE: what is wrong",
 * the entries before the bad block stay.
 */
bool known_parse(struct known *k, const char *name, const char *text, size_t size,
		 struct problem *p);

/* All files NAME.txt of a folder, by name; a folder that is not there is a problem. */
bool known_read_folder(struct known *k, const char *folder, struct problem *p);
void known_free(struct known *k);

/* Whom and what a run judges: which entries can matter at all. */
struct known_context {
	const char *subject;
	const struct strings *options; /* all of the target's, "name=value" */
	const char *test;
	u64 sync; /* actions added to every sync */
};
bool known_applies(const struct known_entry *e, const struct known_context *c);
bool known_names_test(const struct known_entry *e, const char *id);

/* Does an entry that applies cover this failed expectation? */
bool known_covers_check(const struct known_entry *e, const char *case_name, const char *signature);

/* Does it cover this end of a test?  reason: the verdict's, case_name: where it died. */
bool known_covers_verdict(const struct known_entry *e, enum verdict verdict, const char *case_name,
			  const char *reason);

#endif
