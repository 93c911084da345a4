// SPDX-License-Identifier: GPL-2.0-only
/* assay diff, assay baseline: what changed between two results, and one to compare with later. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/diff.h"
#include "harness/assay/verbs.h"

struct diff_options {
	const char *by;
	const char *format;
};

static const struct argument arguments[] = {
	{ "by", "OPTION", "compare targets that differ only in this option; kernel", ARGUMENT_TEXT,
	  offsetof(struct diff_options, by), 0, 0 },
	{ "format", "text|jsonl|tap|markdown", "text if not given", ARGUMENT_CHOICE,
	  offsetof(struct diff_options, format), 0, 0 },
};

static const struct diff_format *const formats[] = { &diff_text, &diff_jsonl, &diff_tap,
						     &diff_markdown };

static const struct diff_format *find_format(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return &diff_text;
}

static int diff(void *options, const struct strings *operands, struct problem *p)
{
	const struct diff_options *o = options;
	const char *by = o->by ? o->by : "kernel";
	struct result result[2] = { 0 };
	struct diff d = { 0 };
	bool ok = operands->count == 1 || operands->count == 2 ||
		  problem_set(p, EXIT_USAGE,
			      "diff takes two results, or one with several kernels; write: assay "
			      "diff A B");

	for (size_t i = 0; ok && i < operands->count; i++)
		ok = result_read(&result[i], operands->item[i], p);
	if (ok && operands->count == 1)
		ok = diff_within(&d, &result[0], by, p);
	else if (ok)
		diff_make(&d, &result[0], &result[1], by, false);
	if (ok)
		find_format(o->format)->print(stdout, &d);
	ok = ok && diff_status(&d) == EXIT_EXPECTED;
	diff_free(&d);
	result_free(&result[0]);
	result_free(&result[1]);
	return ok ? EXIT_EXPECTED : EXIT_SUBJECT;
}

const struct verb verb_diff = {
	.name = "diff",
	.operands = "A [B]",
	.meaning = "what changed between two results, or two kernels of one",
	.example = "assay diff results/last-week today; A and B: folders of assay run --output, or "
		   "baselines",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct diff_options),
	.run = diff,
};

static int baseline(void *options, const struct strings *operands, struct problem *p)
{
	struct result r;

	(void)options;
	if (operands->count != 1)
		problem_set(p, EXIT_USAGE, "baseline takes one result; write: assay baseline RUN");
	else if (result_read(&r, operands->item[0], p)) {
		baseline_write(stdout, &r);
		result_free(&r);
	}
	return EXIT_EXPECTED;
}

const struct verb verb_baseline = {
	.name = "baseline",
	.operands = "RUN",
	.meaning = "print a run's result in a form to commit and compare with",
	.example = "assay baseline today >results/baselines/qemu.jsonl",
	.size = 1,
	.run = baseline,
};
