// SPDX-License-Identifier: GPL-2.0-only
/* Which known deviation covers what; see known.h. */
#include "harness/assay/glob.h"
#include "harness/assay/known.h"

static bool any_matches(const char *glob, const struct strings *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		if (glob_match(glob, texts->item[i]))
			return true;
	return false;
}

bool known_names_test(const struct known_entry *e, const char *id)
{
	for (size_t i = 0; i < e->tests.count; i++)
		if (glob_match(e->tests.item[i], id))
			return true;
	return false;
}

bool known_applies(const struct known_entry *e, const struct known_context *c)
{
	if (!known_names_test(e, c->test) || !glob_match(e->subject, c->subject) ||
	    (e->sync & ~c->sync))
		return false;
	for (size_t i = 0; i < e->options.count; i++)
		if (!any_matches(e->options.item[i], c->options))
			return false;
	return true;
}

static bool matches(const char *glob, const char *text)
{
	return !glob || glob_match(glob, text);
}

bool known_covers_check(const struct known_entry *e, const char *case_name, const char *signature)
{
	return (e->verdict == VERDICT_FAIL || e->verdict == VERDICT_COUNT) &&
	       matches(e->case_name, case_name) && matches(e->signature, signature);
}

bool known_covers_verdict(const struct known_entry *e, enum verdict verdict, const char *case_name,
			  const char *reason)
{
	return (e->verdict == verdict || e->verdict == VERDICT_COUNT) &&
	       matches(e->case_name, case_name) && matches(e->signature, reason);
}
