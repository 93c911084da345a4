// SPDX-License-Identifier: GPL-2.0-only
/* assay: finds the verb, reads its command line, prints the one line if it cannot go on. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assay/interrupt.h"
#include "harness/assay/json.h"
#include "harness/assay/names.h"
#include "harness/assay/verbs.h"

static const struct verb *const verbs[] = {
	&verb_run,     &verb_diff,    &verb_baseline, &verb_list,  &verb_actions,
	&verb_targets, &verb_kernels, &verb_known,    &verb_bugs,
};

static void print_help(FILE *out)
{
	fprintf(out, "assay VERB [OPTION...] [OPERAND...]: judges hypervisors by their laws\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-10s %s\n", verbs[i]->name, verbs[i]->meaning);
	fprintf(out,
		"\n`assay VERB --help` says more, `assay --version` which build this is.\n"
		"Exit status: 0 all as expected, 1 a subject failed (also if Assay failed too),\n"
		"2 usage or bad input, 3 Assay or the lab failed.\n"
		"\nExample: assay run 'paging/*' --target qemu,machine=q35\n");
}

static int complain(const struct problem *p)
{
	fprintf(stderr, "assay: ");
	print_clean(stderr, p->text, "");
	putc('\n', stderr);
	return p->status;
}

static const struct verb *find_verb(const char *name, struct problem *p)
{
	struct strings names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i]->name, name)) {
			strings_free(&names);
			return verbs[i];
		}
		strings_add(&names, verbs[i]->name);
	}
	unknown_name(p, *name == '-' ? "option" : "verb", name, &names);
	strings_free(&names);
	return NULL;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	void *options = new_zeroed(1, verb->size);
	struct strings operands = { 0 };
	struct problem p = { 0 };
	int status;

	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		if (strcmp(argv[i], "--help"))
			continue;
		arguments_help(stdout, verb);
		free(options);
		return EXIT_EXPECTED;
	}
	if (arguments_parse(verb, argc, argv, options, &operands, &p))
		status = verb->run(options, &operands, &p);
	else
		status = p.status;
	if (*p.text)
		status = complain(&p);
	strings_free(&operands);
	free(options);
	return status;
}

int main(int argc, char **argv)
{
	struct problem p = { 0 };
	const struct verb *verb = NULL;
	int status = EXIT_EXPECTED;

	interrupt_init();
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
	} else if (!strcmp(argv[1], "--version")) {
		printf("assay %s (build %s)\n", ASSAY_VERSION, build_digest());
	} else {
		verb = find_verb(argv[1], &p);
		if (!verb)
			return complain(&p);
		status = run_verb(verb, argc - 2, argv + 2);
	}
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	/* Who closed our output knows; for the rest it is a fault that must be seen. */
	if (errno != EPIPE) {
		problem_set(&p, EXIT_LAB, "standard output: %s", strerror(errno));
		complain(&p);
	}
	return status ? status : EXIT_LAB;
}
