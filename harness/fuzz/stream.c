// SPDX-License-Identifier: GPL-2.0-only
/* A driver's stream of any bytes, cut at any places, is read to its end. */
#include "harness/assay/event.h"
#include "harness/assay/lines.h"

#include <stdlib.h>
#include <string.h>

static void read_line(const char *line, size_t length)
{
	char error[256] = "";
	struct event e;

	if (!event_parse(&e, line, length, error, sizeof(error))) {
		if (!error[0])
			abort();
		return;
	}
	event_string(&e, "reason");
	event_number(&e, "test");
	event_number_in(&e, "cases", "planned");
	event_real(&e, "seconds");
	event_free(&e);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	struct lines lines = { 0 };
	size_t piece = size ? bytes[0] + 1u : 1;
	enum lines_result result;
	size_t length;
	char *line;

	for (;;) {
		size_t room, n;
		char *to;

		while ((result = lines_next(&lines, &line, &length)) != LINES_NONE)
			if (result == LINES_LINE)
				read_line(line, length);
		if (!size)
			break;
		to = lines_room(&lines, &room);
		n = MIN(MIN(room, piece), size);
		if (!n)
			abort();
		memcpy(to, bytes, n);
		lines_added(&lines, n);
		bytes += n;
		size -= n;
	}
	lines_unfinished(&lines);
	lines_free(&lines);
	return 0;
}
