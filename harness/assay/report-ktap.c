// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst): targets, in them areas, in
 * them tests.  Names carry nothing that changes from run to run.
 */
#include "harness/assay/report.h"

#include <stdlib.h>
#include <string.h>

/* Tests of one area of one target stand together in the plan. */
static bool same_area(const struct run *r, size_t a, size_t b)
{
	return r->plan[a].host == r->plan[b].host &&
	       r->plan[a].picked.area == r->plan[b].picked.area;
}

static bool same_host(const struct run *r, size_t a, size_t b)
{
	return r->plan[a].host == r->plan[b].host;
}

typedef bool same_group(const struct run *r, size_t a, size_t b);

static size_t group_start(const struct run *r, size_t plan, same_group *same)
{
	while (plan && same(r, plan - 1, plan))
		plan--;
	return plan;
}

static size_t group_end(const struct run *r, size_t plan, same_group *same)
{
	for (plan++; plan < r->plans && same(r, plan - 1, plan); plan++)
		;
	return plan;
}

/* How many groups lie in from..to. */
static size_t groups(const struct run *r, size_t from, size_t to, same_group *same)
{
	size_t count = 0;

	for (; from < to; from = group_end(r, from, same))
		count++;
	return count;
}

static void open_group(FILE *out, const char *indent, const char *name, size_t count)
{
	fprintf(out, "%sKTAP version 1\n%s# Subtest: ", indent, indent);
	print_clean(out, name, "#");
	fprintf(out, "\n%s1..%zu\n", indent, count);
}

static bool is_ok(const struct outcome *o)
{
	return o->verdict == VERDICT_PASS || o->verdict == VERDICT_SKIP ||
	       o->verdict == VERDICT_KNOWN;
}

static void close_group(FILE *out, const char *indent, const struct run *r, size_t from, size_t to,
			size_t n, const char *name)
{
	bool ok = true;

	for (size_t i = from; i < to; i++)
		ok &= is_ok(&r->outcome[i]);
	fprintf(out, "%s%sok %zu ", indent, ok ? "" : "not ", n);
	print_clean(out, name, "#");
	putc('\n', out);
}

static void begin(struct report *report, const struct run *r)
{
	fprintf(report->out, "KTAP version 1\n1..%zu\n", groups(r, 0, r->plans, same_host));
	for (size_t i = 0; i < r->hosts; i++)
		print_host(report->out, "# ", &r->host[i]);
}

static void print_test(FILE *out, const struct run *r, size_t plan, size_t n)
{
	static const char *const directives[VERDICT_COUNT] = {
		[VERDICT_SKIP] = "SKIP",
		[VERDICT_KNOWN] = "XFAIL known:",
		[VERDICT_ERROR] = "ERROR",
		[VERDICT_TIMEOUT] = "TIMEOUT",
	};
	const struct outcome *o = &r->outcome[plan];
	const char *directive = directives[o->verdict];
	char *name = planned_name(r, plan);
	const char *slash = strchr(name, '/');

	fprintf(out, "    %sok %zu %s", is_ok(o) ? "" : "not ", n, slash ? slash + 1 : name);
	if (directive) {
		fprintf(out, " # %s ", directive);
		print_clean(out, verdict_reason(o), "#");
	}
	putc('\n', out);
	if (!is_ok(o) && !directive) {
		fprintf(out, "    # %s: ", verdict_word(o->verdict));
		print_clean(out, verdict_reason(o), "");
		putc('\n', out);
	}
	print_details(out, "    #   ", r, plan);
	free(name);
}

static void verdict(struct report *report, const struct run *r, size_t plan)
{
	const char *target = run_host(r, plan)->target.text;
	const char *area_name = r->plan[plan].picked.area->name;
	size_t host, host_end;

	/* Only first and last of a group look at more than their neighbours. */
	if (!plan || !same_area(r, plan - 1, plan)) {
		report->area_start = plan;
		host = group_start(r, plan, same_host);
		host_end = group_end(r, plan, same_host);
		if (plan == host)
			open_group(report->out, "  ", target, groups(r, host, host_end, same_area));
		open_group(report->out, "    ", area_name, group_end(r, plan, same_area) - plan);
	}
	print_test(report->out, r, plan, plan - report->area_start + 1);
	if (plan + 1 < r->plans && same_area(r, plan, plan + 1))
		return;
	host = group_start(r, plan, same_host);
	close_group(report->out, "  ", r, report->area_start, plan + 1,
		    groups(r, host, plan + 1, same_area), area_name);
	if (plan + 1 == r->plans || !same_host(r, plan, plan + 1))
		close_group(report->out, "", r, host, plan + 1, groups(r, 0, plan + 1, same_host),
			    target);
}

static void end(struct report *report, const struct run *r)
{
	for (size_t i = 0; i < r->hosts; i++)
		print_flaky(report->out, "# ", r, i);
	print_matrix(report->out, "# ", r);
	print_run_notes(report->out, "# ", r);
}

const struct report_ops report_ktap = {
	.name = "ktap",
	.begin = begin,
	.verdict = verdict,
	.end = end,
};
