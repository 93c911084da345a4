/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command lines by tables: a verb lists its options, and parsing, checking and
 * `--help` follow from the list.
 */
#ifndef ASSAY_ARGUMENTS_H
#define ASSAY_ARGUMENTS_H

#include "harness/assay/basics.h"

enum argument_kind {
	ARGUMENT_SWITCH, /* bool */
	ARGUMENT_TEXT, /* const char *, NULL if not given */
	ARGUMENT_CHOICE, /* const char *, one of value's words */
	ARGUMENT_LIST, /* struct strings: may be given again */
	ARGUMENT_NUMBER, /* u64, from least to most */
};

struct argument {
	const char *name; /* "target": written --target VALUE or --target=VALUE */
	const char *value; /* for help: "N"; for a choice its words: "text|jsonl"; NULL: a switch */
	const char *meaning;
	enum argument_kind kind;
	size_t offset; /* of its place in the verb's structure */
	u64 least, most;
};

struct verb {
	const char *name;
	const char *operands; /* "[GLOB...]", "" if it takes none */
	const char *meaning; /* one line */
	const char *example; /* one command and what it does */
	const struct argument *argument;
	size_t arguments;
	size_t size; /* of the structure that the options fill, zeroed before */
	/* Returns the exit status; if p->text is set, main() prints it and uses its status. */
	int (*run)(void *options, const struct strings *operands, struct problem *p);
};

/* Read a command line, without the verb itself, into options and operands. */
bool arguments_parse(const struct verb *verb, int argc, char **argv, void *options,
		     struct strings *operands, struct problem *p);

/* The inverse: words that arguments_parse() reads as these options and operands. */
struct strings arguments_words(const struct verb *verb, const void *options,
			       const struct strings *operands);

/* "assay VERB word...", quoted for a shell; the caller frees it. */
char *arguments_line(const struct verb *verb, const struct strings *words);

/* What --help prints: it fits one screen. */
void arguments_help(FILE *out, const struct verb *verb);

/* A whole decimal number from least to most. */
bool number_parse(const char *text, u64 least, u64 most, u64 *number);

#endif
