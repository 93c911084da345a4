// SPDX-License-Identifier: GPL-2.0-only
/*
 * The summary on a terminal: one line that lives while the run does, failures
 * above it as they come.
 */
#include "harness/assay/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define DRAW_SECONDS 0.1
#define ERASE "\r\033[K"

/* The test that a host runs. */
struct under_way {
	bool begun;
	size_t plan;
	u64 run, planned; /* cases, where a heartbeat told */
};

static bool is_under_way(const struct run *r, const struct under_way *u)
{
	return u->begun && !r->plan[u->plan].done;
}

/* "1:05", or "2:01:05" */
static void add_time(FILE *out, double seconds)
{
	u64 s = (u64)seconds;

	if (s >= 3600)
		fprintf(out, "%llu:%02llu:%02llu", (unsigned long long)(s / 3600),
			(unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60));
	else
		fprintf(out, "%llu:%02llu", (unsigned long long)(s / 60),
			(unsigned long long)(s % 60));
}

/* By the tests that are done, and the parts that are of those under way. */
static void add_time_left(FILE *out, const struct report *report, const struct run *r,
			  double elapsed)
{
	double done = (double)r->done;

	for (size_t i = 0; i < r->hosts; i++) {
		const struct under_way *u = &report->under_way[i];

		if (is_under_way(r, u) && u->planned)
			done += MIN(1.0, (double)u->run / (double)u->planned);
	}
	if (done < 1 || elapsed < 2)
		return;
	fprintf(out, ", about ");
	add_time(out, elapsed * ((double)r->plans - done) / done);
	fprintf(out, " left");
}

static char *status_line(const struct report *report, const struct run *r)
{
	double elapsed = clock_seconds() - r->started;
	const char *separator = " ";
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	fprintf(out, "%zu/%zu ", r->done, r->plans);
	add_time(out, elapsed);
	add_time_left(out, report, r, elapsed);
	for (size_t i = 0; i < r->hosts; i++) {
		const struct under_way *u = &report->under_way[i];

		if (!is_under_way(r, u))
			continue;
		fputs(separator, out);
		separator = " | ";
		print_clean(out, r->host[i].target.text, "");
		fprintf(out, " %s", planned_test(&r->plan[u->plan])->id);
		if (u->planned)
			fprintf(out, " %llu/%llu cases", (unsigned long long)u->run,
				(unsigned long long)u->planned);
	}
	fclose(out);
	return line;
}

static void draw(struct report *report, const struct run *r)
{
	char *line = status_line(report, r);
	struct winsize window = { 0 };
	int width = 79;

	if (!ioctl(fileno(report->out), TIOCGWINSZ, &window) && window.ws_col > 1)
		width = window.ws_col - 1;
	fprintf(report->out, ERASE "%.*s", width, line);
	fflush(report->out);
	free(line);
}

static void begin(struct report *report, const struct run *r)
{
	report->under_way = new_zeroed(r->hosts, sizeof(*report->under_way));
	for (size_t i = 0; i < r->not_run.count; i++) {
		fprintf(report->out, "not run: ");
		print_clean(report->out, r->not_run.item[i], "");
		putc('\n', report->out);
	}
}

static void progress(struct report *report, const struct run *r, size_t plan, u64 run, u64 planned)
{
	struct under_way *u = &report->under_way[r->plan[plan].host];
	double now = clock_seconds();

	if (!u->begun || u->plan != plan)
		*u = (struct under_way){ .begun = true, .plan = plan };
	if (planned) {
		u->run = run;
		u->planned = planned;
	}
	if (now - report->last < DRAW_SECONDS)
		return;
	report->last = now;
	draw(report, r);
}

static void verdict(struct report *report, const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];
	char *name;

	if (!verdict_blames_subject(o->verdict) && !verdict_blames_assay(o->verdict))
		return;
	/* An interrupted run has many of these, and nothing to say about them. */
	if (r->cut_short)
		return;
	name = planned_name(r, plan);
	fprintf(report->out, ERASE "%s: ", verdict_word(o->verdict));
	print_clean(report->out, run_host(r, plan)->target.text, "");
	fprintf(report->out, " %s: ", name);
	print_clean(report->out, verdict_reason(o), "");
	putc('\n', report->out);
	print_details(report->out, "    ", r, plan);
	free(name);
}

static void end(struct report *report, const struct run *r)
{
	fprintf(report->out, ERASE);
	print_summary(report->out, r, false);
	free(report->under_way);
}

const struct report_ops report_live = {
	.name = "live",
	.begin = begin,
	.verdict = verdict,
	.progress = progress,
	.end = end,
};
