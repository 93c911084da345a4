// SPDX-License-Identifier: GPL-2.0-only
#include "lib/t/tap.h"

#include <stdbool.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* A TAP description is one line, and `#` would begin a directive. */
static void print_line(const char *text)
{
	for (; *text; text++)
		putchar(*text == '\n' ? ' ' : *text == '#' ? '_' : *text);
	putchar('\n');
}

int tap_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	TestResult **results;
	int tests, failed;

	srunner_run_all(runner, CK_SILENT);
	tests = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	results = srunner_results(runner);

	printf("TAP version 13\n1..%d\n", tests);
	for (int i = 0; i < tests; i++) {
		bool passed = tr_rtype(results[i]) == CK_PASS;

		printf("%sok %d - %s: ", passed ? "" : "not ", i + 1, tr_tcname(results[i]));
		print_line(passed ? "passed" : tr_msg(results[i]));
		if (!passed)
			printf("# %s:%d\n", tr_lfile(results[i]), tr_lno(results[i]));
	}
	free(results);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
