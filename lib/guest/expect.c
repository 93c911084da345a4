// SPDX-License-Identifier: GPL-2.0-only
/* Expectations report through one place; see lib/guest/expect.h. */
#include "lib/guest/run.h"

bool expect_failed(const struct expectation *e, const char *wanted, const char *got)
{
	if (run.in_case)
		run.case_failed = true;
	else
		run.failed_outside = true;
	message_start(&outgoing, WIRE_FAIL);
	message_word(&outgoing, e->line);
	message_string(&outgoing, e->file);
	message_string(&outgoing, e->expression);
	message_string(&outgoing, wanted);
	message_string(&outgoing, got);
	message_string(&outgoing, run_case_name());
	wire_send(&outgoing);
	return false;
}

bool expect_number(const struct expectation *e, u64 wanted, u64 got)
{
	char w[24], g[24];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (wanted == got)
		return true;
	text_add(&tw, "%#llx", (unsigned long long)wanted);
	text_add(&tg, "%#llx", (unsigned long long)got);
	return expect_failed(e, w, g);
}

bool expect_bool(const struct expectation *e, bool wanted, bool got)
{
	return wanted == got ||
	       expect_failed(e, wanted ? "true" : "false", got ? "true" : "false");
}

bool expect_string(const struct expectation *e, const char *wanted, const char *got)
{
	return text_equal(wanted, got) || expect_failed(e, wanted, got);
}

bool expect_flags(const struct expectation *e, const struct flag_name *names, size_t count,
		  u64 wanted, u64 got)
{
	char w[96], g[96];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (wanted == got)
		return true;
	text_add_flags(&tw, names, count, wanted);
	text_add_flags(&tg, names, count, got);
	return expect_failed(e, w, g);
}
