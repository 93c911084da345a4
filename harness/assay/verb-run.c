// SPDX-License-Identifier: GPL-2.0-only
/* assay run: plan, run, report. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/assay/compare.h"
#include "harness/assay/folders.h"
#include "harness/assay/report.h"
#include "harness/assay/store.h"
#include "harness/assay/verbs.h"

static const struct argument arguments[] = {
#define OPTION(name, value, meaning, kind, member)                                                 \
	{                                                                                          \
		name, value, meaning, kind, offsetof(struct run_options, member), 1, 0xffffffff    \
	}
	OPTION("target", "T", "HOST[,option=value...]; again for more (see assay targets)",
	       ARGUMENT_LIST, targets),
	OPTION("kernel", "K", "judge it in a lab: debian:RELEASE, a file or a tree", ARGUMENT_LIST,
	       kernels),
	OPTION("cold", NULL, "in a lab: boot anew instead of restoring a snapshot", ARGUMENT_SWITCH,
	       cold),
	OPTION("area", "A", "only tests of this area; may be given again", ARGUMENT_LIST, areas),
	OPTION("fixes", "SHA", "only tests that guard this upstream fix", ARGUMENT_TEXT, fixes),
	OPTION("case", "NAME", "this case of the one test alone", ARGUMENT_TEXT, case_name),
	OPTION("seed", "N", "of random samples; 1 if not given", ARGUMENT_NUMBER, seed),
	OPTION("shard", "I/N", "the part I (from 0) of N", ARGUMENT_TEXT, shard_text),
	OPTION("matrix", "pairwise|sample=N|full", "how far matrices are walked; pairwise",
	       ARGUMENT_TEXT, matrix),
	OPTION("at-every-sync", "ACTION,...", "add these actions to every sync", ARGUMENT_TEXT,
	       at_every_sync),
	OPTION("repeat", "N", "run every test N times", ARGUMENT_NUMBER, repeat),
	OPTION("jobs", "N", "targets at a time; 1, in labs as many as there are CPUs",
	       ARGUMENT_NUMBER, jobs),
	OPTION("isolation", "image|test", "a VM for each image, or for each test", ARGUMENT_CHOICE,
	       isolation),
	OPTION("deadline", "SECONDS", "without progress, until a test is timeout", ARGUMENT_NUMBER,
	       deadline),
	OPTION("format", "summary|tap|ktap|jsonl|junit", "summary on a terminal, else tap",
	       ARGUMENT_CHOICE, format),
	OPTION("output", "DIR", "write run.jsonl, report.tap, report.xml, summary.txt there",
	       ARGUMENT_TEXT, output),
	OPTION("resume", "DIR", "go on with a run into DIR that was cut off", ARGUMENT_TEXT,
	       resume),
	OPTION("baseline", "FILE", "compare at the end; only what is worse than FILE or DIR fails",
	       ARGUMENT_TEXT, baseline),
	OPTION("known", "DIR", "the known deviations, if not results/known", ARGUMENT_TEXT, known),
	OPTION("no-known", NULL, "judge without known deviations", ARGUMENT_SWITCH, no_known),
#undef OPTION
};

/* --- before the run --- */

static bool read_known(struct run *r, struct problem *p)
{
	char *folder;
	bool ok;

	if (r->options.no_known)
		return true;
	folder = r->options.known ? new_string(r->options.known) : known_folder();
	/* A build without a list is judged without one; a folder that was named must be there. */
	ok = (!r->options.known && access(folder, F_OK)) || known_read_folder(&r->known, folder, p);
	free(folder);
	return ok;
}

/* --case names a case of one test; of which, must be clear. */
static bool check_one_test(const struct run *r, const struct picked *picked, size_t count,
			   struct problem *p)
{
	if (!r->options.case_name)
		return true;
	if (count != 1)
		return problem_set(p, EXIT_USAGE,
				   "--case is for one test, but %zu are selected; name its test",
				   count);
	if (!picked_test(picked)->cases)
		return problem_set(p, EXIT_USAGE, "test %s has no cases; leave out --case",
				   picked_test(picked)->id);
	return true;
}

/* --- reports --- */

/* Where verdicts go: standard output in one format, and the files of --output. */
static void set_reports(struct run *r, struct store *store)
{
	const char *format = r->options.format;
	bool terminal = isatty(STDOUT_FILENO);
	const struct report_ops *ops = report_find(format ? format : terminal ? "summary" : "tap");

	if (ops == &report_summary && terminal)
		ops = &report_live;
	r->report = new_zeroed(2 + STORE_FILES, sizeof(*r->report));
	r->report[r->reports++] =
		(struct report){ .ops = ops, .out = stdout, .optional = store->folder != NULL };
	for (size_t i = 0; store->folder && i < STORE_FILES; i++)
		r->report[r->reports++] = store->report[i];
	if (r->comparison)
		r->report[r->reports++] =
			(struct report){ .ops = &report_compare, .out = stdout, .optional = true };
}

/* --- the verb --- */

static bool prepare(struct run *r, struct catalog *c, const char *build, struct problem *p)
{
	const struct selection selection = { &r->globs, &r->options.areas, r->options.fixes };
	struct picked *picked = NULL;
	size_t count = 0;
	bool ok;

	ok = run_options_check(&r->options, p) && read_known(r, p) && catalog_open(c, build, p) &&
	     catalog_select(c, &selection, &picked, &count, p) &&
	     check_one_test(r, picked, count, p) &&
	     hosts_add(r, build, picked, count, p);
	if (ok)
		plan_make(r, picked, count);
	free(picked);
	return ok;
}

/* --- going on with another run --- */

/* The words that say which run it is: not how it is shown, nor how fast. */
static char *identity(struct run_options o, const struct strings *globs)
{
	struct strings words;
	char *line;

	o.resume = o.format = NULL;
	o.jobs = 0;
	words = arguments_words(&verb_run, &o, globs);
	line = arguments_line(&verb_run, &words);
	strings_free(&words);
	return line;
}

/* Beside --resume, a command line says nothing or the same. */
static bool same_command(const struct run_options *given, const struct strings *globs,
			 const struct run *r, struct problem *p)
{
	char *now = identity(*given, globs), *before = identity(r->options, &r->globs);
	bool same = !strcmp(now, "assay run") || !strcmp(now, before) ||
		    problem_set(p, EXIT_USAGE,
				"--resume %s: that run was: %s; leave the other options out",
				given->resume, before);

	free(now);
	free(before);
	return same;
}

/* From what is given, or from the run that goes on.  r->arguments holds the texts. */
static bool read_options(struct run *r, const struct run_options *given,
			 const struct strings *globs, const struct resume *z, struct problem *p)
{
	r->arguments = given->resume ? resume_arguments(z)
				     : arguments_words(&verb_run, given, globs);
	r->command = arguments_line(&verb_run, &r->arguments);
	if (!arguments_parse(&verb_run, (int)r->arguments.count, r->arguments.item, &r->options,
			     &r->globs, p))
		return false;
	if (!given->resume)
		return true;
	if (!same_command(given, globs, r, p))
		return false;
	r->options.resume = given->resume;
	r->options.format = given->format ? given->format : r->options.format;
	r->options.jobs = given->jobs ? given->jobs : r->options.jobs;
	return true;
}

/* --- the verb --- */

/* A baseline is read before, and asked for its targets after they are known. */
static bool prepare_all(struct run *r, struct catalog *c, const char *build,
			struct comparison *comparison, struct problem *p)
{
	if (!r->options.baseline)
		return prepare(r, c, build, p);
	r->comparison = comparison;
	return compare_open(comparison, r->options.baseline, p) && prepare(r, c, build, p) &&
	       compare_begin(comparison, r, p);
}

static bool open_store(struct run *r, struct store *store, struct resume *z, struct problem *p)
{
	if (r->options.resume)
		return resume_take(z, r, p) && store_resume(store, z, p);
	return !r->options.output || store_open(store, r->options.output, p);
}

static void free_lists(struct run_options *o)
{
	strings_free(&o->targets);
	strings_free(&o->kernels);
	strings_free(&o->areas);
}

static int run(void *options, const struct strings *globs, struct problem *p)
{
	struct run_options *given = options;
	struct run r = { .started = clock_seconds(),
			 .began = time(NULL),
			 .lock = PTHREAD_MUTEX_INITIALIZER };
	struct comparison comparison = { 0 };
	struct resume resume = { 0 };
	struct store store = { 0 };
	struct catalog c = { 0 };
	char *build = build_folder();
	int status = EXIT_EXPECTED;

	if ((!given->resume || resume_open(&resume, given->resume, p)) &&
	    read_options(&r, given, globs, &resume, p) &&
	    prepare_all(&r, &c, build, &comparison, p) && open_store(&r, &store, &resume, p)) {
		set_reports(&r, &store);
		reports_begin(&r);
		run_plan(&r);
		if (r.comparison)
			compare_end(&comparison, &r);
		reports_end(&r);
		status = run_status(&r);
		if (store.folder && !store_commit(&store, r.plans, p) && status == EXIT_SUBJECT)
			p->status = EXIT_SUBJECT;
	}
	free(r.report);
	free_lists(given);
	free_lists(&r.options);
	run_free(&r);
	compare_close(&comparison);
	resume_close(&resume);
	catalog_close(&c);
	free(build);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "[GLOB...]",
	.meaning = "judge targets; with no option, those that this machine has",
	.example = "assay run 'paging/*' --target qemu,machine=q35 --at-every-sync=save,restore",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct run_options),
	.run = run,
};
