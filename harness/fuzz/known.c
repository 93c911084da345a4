// SPDX-License-Identifier: GPL-2.0-only
/* A known-deviations file of any bytes is refused in one line, or every entry of it is whole. */
#include "harness/assay/known.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	struct known known = { 0 };
	struct problem problem = { 0 };

	known_parse(&known, "fuzzed", (const char *)bytes, size, &problem);
	for (size_t i = 0; i < known.count; i++) {
		const struct known_entry *e = &known.entry[i];

		if (!e->subject || !e->tests.count || !e->what || !e->why || !e->since)
			abort();
		known_covers_check(e, "vector=1", "wanted none got #UD");
	}
	known_free(&known);
	return 0;
}
