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

/* By the tests that are done, and the part of this one that is. */
static void add_time_left(FILE *out, const struct report *report, const struct run *r,
			  double elapsed)
{
	double done = (double)r->done;

	if (report->planned)
		done += MIN(1.0, (double)report->run / (double)report->planned);
	if (done < 1 || elapsed < 2)
		return;
	fprintf(out, ", about ");
	add_time(out, elapsed * ((double)r->plans - done) / done);
	fprintf(out, " left");
}

static char *status_line(const struct report *report, const struct run *r, size_t plan)
{
	double elapsed = clock_seconds() - r->started;
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	print_clean(out, run_host(r, plan)->target.text, "");
	fprintf(out, " %zu/%zu %s", r->done, r->plans, planned_test(&r->plan[plan])->id);
	if (report->planned)
		fprintf(out, " %llu/%llu cases", (unsigned long long)report->run,
			(unsigned long long)report->planned);
	fprintf(out, " ");
	add_time(out, elapsed);
	add_time_left(out, report, r, elapsed);
	fclose(out);
	return line;
}

static void draw(struct report *report, const struct run *r, size_t plan)
{
	char *line = status_line(report, r, plan);
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
	for (size_t i = 0; i < r->not_run.count; i++) {
		fprintf(report->out, "not run: ");
		print_clean(report->out, r->not_run.item[i], "");
		putc('\n', report->out);
	}
}

static void progress(struct report *report, const struct run *r, size_t plan, u64 run, u64 planned)
{
	double now = clock_seconds();

	if (planned) {
		report->run = run;
		report->planned = planned;
	}
	if (now - report->last < DRAW_SECONDS)
		return;
	report->last = now;
	draw(report, r, plan);
}

static void verdict(struct report *report, const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];
	char *name;

	report->run = report->planned = 0;
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
}

const struct report_ops report_live = {
	.name = "live",
	.begin = begin,
	.verdict = verdict,
	.progress = progress,
	.end = end,
};
