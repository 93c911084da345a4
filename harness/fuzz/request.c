// SPDX-License-Identifier: GPL-2.0-only
/* The driver's request reader gets any line. */
#include "harness/driver/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	struct request request;
	char error[128] = "", *line = malloc(size + 1);

	memcpy(line, bytes, size);
	line[size] = '\0';
	if (request_parse(line, &request, error, sizeof(error))) {
		if (request.run.shards && request.run.shard >= request.run.shards)
			abort();
	} else if (!error[0]) {
		abort();
	}
	free(line);
	return 0;
}
