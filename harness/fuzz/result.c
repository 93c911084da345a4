// SPDX-License-Identifier: GPL-2.0-only
/*
 * A result or baseline of any bytes is refused in one line, or it can be
 * compared with itself, without a regression, and written as a baseline.  Each
 * line of it is refused as a verdict to take over, or is one that can be printed.
 */
#include "harness/assay/diff.h"
#include "harness/assay/outcome.h"

#include <stdlib.h>
#include <string.h>

static void use(const struct result *r, FILE *nowhere)
{
	struct problem p = { 0 };
	struct diff d;

	diff_make(&d, r, r, "kernel", false);
	if (d.count[DIFF_REGRESSION] || d.count[DIFF_NEW] || d.count[DIFF_GONE])
		abort();
	diff_text.print(nowhere, &d);
	diff_jsonl.print(nowhere, &d);
	diff_tap.print(nowhere, &d);
	diff_markdown.print(nowhere, &d);
	diff_free(&d);
	if (diff_within(&d, r, "kernel", &p))
		diff_text.print(nowhere, &d);
	diff_free(&d);
	baseline_write(nowhere, r);
}

static void restore(const char *line, size_t length)
{
	json_t *record = json_loadb(line, length, 0, NULL);
	struct outcome o;

	outcome_init(&o);
	if (record && outcome_restore(&o, record, &(struct known){ 0 }) &&
	    (o.verdict >= VERDICT_COUNT || o.said >= VERDICT_COUNT || !o.reason || o.known))
		abort();
	outcome_trim(&o, 1);
	outcome_free(&o);
	json_decref(record);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	static FILE *nowhere;
	struct problem p = { 0 };
	struct result r;
	size_t number = 0;
	bool ok = true;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	result_init(&r, "fuzzed");
	while (ok && size) {
		const u8 *end = memchr(bytes, '\n', size);
		size_t length = end ? (size_t)(end - bytes) : size;

		restore((const char *)bytes, length);
		ok = result_line(&r, (const char *)bytes, length, ++number, &p);
		if (!ok && (!*p.text || p.status != EXIT_USAGE))
			abort();
		bytes += length + (end != NULL);
		size -= length + (end != NULL);
	}
	result_finish(&r);
	if (ok && r.targets)
		use(&r, nowhere);
	result_free(&r);
	return 0;
}
