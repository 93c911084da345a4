// SPDX-License-Identifier: GPL-2.0-only
/* What a run that goes on relies on: command lines that come back, journals in order, the pool. */
#include "harness/assay/arguments.h"
#include "harness/assay/pool.h"
#include "harness/assay/store.h"
#include "lib/t/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- command lines --- */

struct options {
	bool flag;
	const char *text;
	struct strings list;
	u64 number;
};

static const struct argument arguments[] = {
	{ "flag", NULL, "", ARGUMENT_SWITCH, offsetof(struct options, flag), 0, 0 },
	{ "text", "T", "", ARGUMENT_TEXT, offsetof(struct options, text), 0, 0 },
	{ "list", "L", "", ARGUMENT_LIST, offsetof(struct options, list), 0, 0 },
	{ "number", "N", "", ARGUMENT_NUMBER, offsetof(struct options, number), 1, 99 },
};
static const struct verb verb = {
	.name = "do", .operands = "[WORD...]", .argument = arguments, .arguments = 4
};

static const struct {
	const char *given, *words, *line;
} lines[] = {
	{ "", "", "assay do" },
	{ "--flag x y", "x y --flag", "assay do x y --flag" },
	{ "--number=7 --text=-a b", "b --text -a --number 7", "assay do b --text -a --number 7" },
	{ "--list 1 --list * x", "x --list 1 --list *", "assay do x --list 1 --list '*'" },
	{ "--flag -- -x --y", "--flag -- -x --y", "assay do --flag -- -x --y" },
};

static struct strings through(const struct strings *words)
{
	struct options o = { 0 };
	struct strings operands = { 0 }, result;
	struct problem p = { 0 };

	ck_assert_msg(arguments_parse(&verb, (int)words->count, words->item, &o, &operands, &p),
		      "%s", p.text);
	result = arguments_words(&verb, &o, &operands);
	strings_free(&operands);
	strings_free(&o.list);
	return result;
}

START_TEST(command_lines_come_back)
{
	struct strings given = strings_split(lines[_i].given, ' ');
	struct strings words = through(&given), again;
	char *joined = strings_join(&words, " "), *line = arguments_line(&verb, &words), *twice;

	ck_assert_str_eq(lines[_i].words, joined);
	ck_assert_str_eq(lines[_i].line, line);
	/* The text that an option got lives in `given`. */
	again = through(&words);
	twice = strings_join(&again, " ");
	ck_assert_str_eq(joined, twice);
	free(twice);
	free(joined);
	free(line);
	strings_free(&again);
	strings_free(&words);
	strings_free(&given);
}
END_TEST

/* --- journals: H head, digits verdicts, E end; the later of two verdicts counts --- */

static const struct {
	const char *before, *after;
} journals[] = {
	{ "H123E", "H123E" },	{ "H321E", "H123E" }, { "H1323E", "H123E" },
	{ "H12323E", "H123E" }, { "H213E", "H123E" },
};

static void put_line(FILE *f, char what, size_t place)
{
	if (what == 'H' || what == 'E')
		fprintf(f, "{\"record\":\"%s\"}\n", what == 'H' ? "run" : "end");
	else
		fprintf(f, "{\"record\":\"verdict\",\"number\":%c,\"at\":%zu}\n", what, place);
}

START_TEST(journals_come_into_order)
{
	char path[] = "/tmp/assay-journal-XXXXXX", got[64] = "", line[128];
	const char *before = journals[_i].before;
	int fd = mkstemp(path), n;
	FILE *f = fdopen(fd, "w");
	size_t at, places = 0;

	for (size_t i = 0; before[i]; i++)
		put_line(f, before[i], i);
	fclose(f);
	ck_assert(journal_order(path, 3));
	f = fopen(path, "r");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "{\"record\":\"verdict\",\"number\":%d,\"at\":%zu}", &n, &at) ==
		    2) {
			got[places++] = (char)('0' + n);
			ck_assert_ptr_eq(strrchr(before, '0' + n), before + at);
		} else {
			got[places++] = strstr(line, "run") ? 'H' : 'E';
		}
	}
	fclose(f);
	unlink(path);
	ck_assert_str_eq(journals[_i].after, got);
}
END_TEST

/* --- the pool --- */

enum { WORKS = 200 };

static void count(void *done, size_t i)
{
	((_Atomic int *)done)[i]++;
}

START_TEST(a_pool_does_all_work_once)
{
	static _Atomic int done[WORKS];
	struct pool *p = pool_open((size_t)_i);

	for (int round = 1; round <= 3; round++) {
		pool_run(p, WORKS, count, done);
		for (size_t i = 0; i < WORKS; i++)
			ck_assert_int_eq(round, done[i]);
		pool_run(p, 0, count, done);
	}
	pool_close(p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tests = tcase_create("journal");

	tcase_add_loop_test(tests, command_lines_come_back, 0, ARRAY_SIZE(lines));
	tcase_add_loop_test(tests, journals_come_into_order, 0, ARRAY_SIZE(journals));
	tcase_add_loop_test(tests, a_pool_does_all_work_once, 0, 5);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
