// SPDX-License-Identifier: GPL-2.0-only
/* assay bugs: the real bugs that tests show, and whether they still do. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/bug.h"
#include "harness/assay/folders.h"
#include "harness/assay/glob.h"
#include "harness/assay/interrupt.h"
#include "harness/assay/judge.h"
#include "harness/assay/run.h"
#include "harness/assay/verbs.h"

struct bugs_options {
	const char *folder;
	bool run, is_unsigned;
	u64 repeat;
};

static const struct argument arguments[] = {
#define OPTION(name, value, meaning, kind, member)                                                 \
	{                                                                                          \
		name, value, meaning, kind, offsetof(struct bugs_options, member), 1, 1000         \
	}
	OPTION("run", NULL, "run each test on the bad and the good kernels", ARGUMENT_SWITCH, run),
	OPTION("repeat", "N", "with --run: each N times", ARGUMENT_NUMBER, repeat),
	OPTION("unsigned", NULL, "with --run: take kernels that no index has any more",
	       ARGUMENT_SWITCH, is_unsigned),
	OPTION("folder", "DIR", "the folder of the files, if not results/bugs", ARGUMENT_TEXT,
	       folder),
#undef OPTION
};

static void print_bug(const struct bug *b)
{
	char *bad = strings_join(&b->bad, " "), *good = strings_join(&b->good, " ");
	char *targets = strings_join(&b->targets, " ");
	const char *const rows[][2] = {
		{ "fix", b->fix },   { "cve", b->cve },	       { "row", b->row },
		{ "bad", bad },	     { "good", good },	       { "target", targets },
		{ "test", b->test }, { "case", b->case_name }, { "signature", b->signature },
		{ "runs", b->runs }, { "seen", b->seen },
	};

	print_clean(stdout, b->name, "");
	printf(": ");
	print_clean(stdout, b->title, "");
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i][1])
			continue;
		printf("    %-9s ", rows[i][0]);
		print_clean(stdout, rows[i][1], "");
		putchar('\n');
	}
	free(bad);
	free(good);
	free(targets);
}

/* --- running one --- */

/* What a run of one side, the bad kernels or the good ones, came to. */
enum side { SIDE_PASSED, SIDE_FAILED, SIDE_OTHERWISE, SIDE_ERROR };

struct tally {
	size_t runs[SIDE_ERROR + 1];
	size_t never_failed; /* targets none of whose runs failed with the signature */
};

static bool has_signature(const struct bug *b, const struct outcome *o)
{
	bool found = glob_match(b->signature, o->reason);

	for (size_t i = 0; i < o->checks && !found; i++) {
		char *signature = check_signature(&o->check[i]);

		found = glob_match(b->signature, signature);
		free(signature);
	}
	return found;
}

static enum side side_of(const struct bug *b, const struct outcome *o)
{
	switch (o->verdict) {
	case VERDICT_PASS:
		return SIDE_PASSED;
	case VERDICT_KNOWN:
		/* Of a kernel that will never get the fix, or something else. */
		return has_signature(b, o) ? SIDE_FAILED : SIDE_PASSED;
	case VERDICT_FAIL:
	case VERDICT_CRASH:
	case VERDICT_TIMEOUT:
		return has_signature(b, o) ? SIDE_FAILED : SIDE_OTHERWISE;
	default:
		return SIDE_ERROR;
	}
}

/* With --repeat a target runs it several times, and a racy bug shows in one of them. */
static size_t targets_never_failed(const struct bug *b, struct run *r)
{
	size_t never = 0;

	for (size_t i = 0; i < r->plans; i++) {
		bool failed = false, first = true;

		for (size_t j = 0; j < r->plans; j++) {
			if (run_host(r, j) != run_host(r, i))
				continue;
			first &= j >= i;
			failed |= side_of(b, &r->outcome[j]) == SIDE_FAILED;
		}
		never += first && !failed;
	}
	return never;
}

/* Run the bug's test on the targets of a side. */
static bool run_side(const struct bug *b, const struct strings *kernels, u64 repeat,
		     struct tally *tally, struct problem *p)
{
	struct run r = { .command = new_string("assay bugs"), .options = { .repeat = repeat } };
	const struct selection selection = { &r.globs, &r.options.areas, NULL };
	char *build = build_folder(), *known = known_folder();
	struct catalog c = { 0 };
	struct picked *picked = NULL;
	size_t count = 0;
	bool ok;

	strings_add(&r.globs, b->test);
	r.options.case_name = b->case_name;
	for (size_t i = 0; i < kernels->count; i++) {
		for (size_t t = 0; t < b->targets.count; t++) {
			char *target = bug_target(b->targets.item[t], kernels->item[i]);

			strings_add(&r.options.targets, target);
			free(target);
		}
	}
	ok = run_options_check(&r.options, p) && known_read_folder(&r.known, known, p) &&
	     catalog_open(&c, build, p) && catalog_select(&c, &selection, &picked, &count, p) &&
	     hosts_add(&r, build, picked, count, p);
	if (ok) {
		plan_make(&r, picked, count);
		run_plan(&r);
	}
	for (size_t i = 0; i < r.plans; i++) {
		const struct outcome *o = &r.outcome[i];

		tally->runs[side_of(b, o)]++;
		printf("    %-8s %s", verdict_word(o->verdict), run_host(&r, i)->target.text);
		printf("%s", *o->reason ? ": " : "");
		print_clean(stdout, o->reason, "");
		putchar('\n');
	}
	fflush(stdout);
	tally->never_failed = targets_never_failed(b, &r);
	strings_free(&r.options.targets);
	free(picked);
	catalog_close(&c);
	run_free(&r);
	free(known);
	free(build);
	return ok;
}

static enum exit_status run_bug(const struct bug *b, u64 repeat)
{
	struct tally bad = { 0 }, good = { 0 };
	struct problem p = { 0 };
	const char *word = "reproduced";
	enum exit_status status = EXIT_EXPECTED;
	bool ok;

	printf("%s\n", b->name);
	fflush(stdout);
	ok = run_side(b, &b->bad, repeat, &bad, &p) && run_side(b, &b->good, repeat, &good, &p);
	if (!ok || bad.runs[SIDE_ERROR] || good.runs[SIDE_ERROR]) {
		word = "error";
		status = EXIT_LAB;
	} else if (good.runs[SIDE_FAILED] || good.runs[SIDE_OTHERWISE]) {
		word = "not fixed";
		status = EXIT_SUBJECT;
	} else if (bad.never_failed || bad.runs[SIDE_OTHERWISE]) {
		word = "not reproduced";
		status = EXIT_SUBJECT;
	}
	printf("  %s: ", word);
	print_clean(stdout, ok ? b->title : p.text, "");
	printf(" (bad kernels failed %zu of %zu, good ones passed %zu of %zu)\n",
	       bad.runs[SIDE_FAILED],
	       bad.runs[SIDE_FAILED] + bad.runs[SIDE_PASSED] + bad.runs[SIDE_OTHERWISE] +
		       bad.runs[SIDE_ERROR],
	       good.runs[SIDE_PASSED],
	       good.runs[SIDE_FAILED] + good.runs[SIDE_PASSED] + good.runs[SIDE_OTHERWISE] +
		       good.runs[SIDE_ERROR]);
	fflush(stdout);
	return status;
}

/* --- the verb --- */

static bool is_asked_for(const struct bug *b, const struct strings *globs)
{
	for (size_t i = 0; i < globs->count; i++)
		if (glob_match(globs->item[i], b->name) || glob_match(globs->item[i], b->test))
			return true;
	return !globs->count;
}

/* A subject's answer weighs more than Assay's own trouble. */
static enum exit_status worse(enum exit_status a, enum exit_status b)
{
	if (a == EXIT_SUBJECT || b == EXIT_SUBJECT)
		return EXIT_SUBJECT;
	return MAX(a, b);
}

static int bugs(void *options, const struct strings *globs, struct problem *p)
{
	const struct bugs_options *o = options;
	char *folder = o->folder ? new_string(o->folder) : bugs_folder();
	enum exit_status status = EXIT_EXPECTED;
	struct bugs all = { 0 };
	size_t shown = 0;
	bool ok = bugs_read(&all, folder, p);

	if (o->is_unsigned)
		setenv("ASSAY_UNSIGNED_KERNELS", "1", 1);
	for (size_t i = 0; ok && i < all.count && !interrupted(); i++) {
		if (!is_asked_for(&all.bug[i], globs))
			continue;
		shown++;
		if (o->run)
			status = worse(status, run_bug(&all.bug[i], o->repeat));
		else
			print_bug(&all.bug[i]);
	}
	if (ok && !shown && globs->count)
		problem_set(p, EXIT_USAGE, "no bug matches '%s'; see: assay bugs", globs->item[0]);
	if (interrupted())
		status = worse(status, EXIT_LAB);
	bugs_free(&all);
	free(folder);
	return status;
}

const struct verb verb_bugs = {
	.name = "bugs",
	.operands = "[GLOB...]",
	.meaning = "real bugs of stock kernels that tests show; --run shows them again",
	.example = "assay bugs --run 'ioeventfd*'",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct bugs_options),
	.run = bugs,
};
