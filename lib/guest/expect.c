// SPDX-License-Identifier: GPL-2.0-only
/* Expectations report through one place; see lib/guest/expect.h. */
#include "lib/guest/run.h"

enum { KEPT_MAX = 4 };

/* What failed on another CPU.  That CPU adds; the boot CPU takes away when it has stopped. */
struct kept {
	const char *file, *expression;
	u32 line;
	char wanted[160], got[160];
};
static struct {
	volatile unsigned int count; /* may be more than were kept */
	struct kept failure[KEPT_MAX];
} kept[CPUS_MAX];

void expect_keep(unsigned int cpu, const struct expectation *e, const char *wanted,
		 const char *got)
{
	unsigned int n = kept[cpu].count;

	if (n < KEPT_MAX) {
		struct kept *k = &kept[cpu].failure[n];
		struct text w = text_into(k->wanted, sizeof(k->wanted));
		struct text g = text_into(k->got, sizeof(k->got));

		k->file = e->file;
		k->line = e->line;
		k->expression = e->expression;
		text_add(&w, "%s", wanted);
		text_add(&g, "%s", got);
	}
	kept[cpu].count = n + 1;
}

static void report_kept(unsigned int cpu, const struct kept *k)
{
	char expression[128];
	struct text t = text_into(expression, sizeof(expression));

	text_add(&t, "on CPU %u: %s", cpu, k->expression);
	expect_failed(&(struct expectation){ k->file, k->line, expression }, k->wanted, k->got);
}

bool expect_report_cpu(unsigned int cpu, bool send)
{
	unsigned int count = kept[cpu].count;

	kept[cpu].count = 0;
	if (!send)
		return false;
	for (unsigned int i = 0; i < MIN(count, (unsigned int)KEPT_MAX); i++)
		report_kept(cpu, &kept[cpu].failure[i]);
	if (count > KEPT_MAX)
		note("CPU %u: %u more expectations failed", cpu, count - KEPT_MAX);
	return count;
}

bool expect_failed(const struct expectation *e, const char *wanted, const char *got)
{
	if (machine_cpu()) {
		expect_keep(machine_cpu(), e, wanted, got);
		return false;
	}
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
