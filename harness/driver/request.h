/* SPDX-License-Identifier: GPL-2.0-only */
/* A request line of the driver's stream (doc/stream.md), read with suspicion. */
#ifndef ASSAY_REQUEST_H
#define ASSAY_REQUEST_H

#include "lib/wire.h"

struct request {
	u64 test; /* the plan's number */
	struct wire_run run;
	double deadline; /* seconds without progress */
	char only_case[256];
};

/* Read "run test=1 index=2 ...".  On failure returns false and says in error which word is wrong. */
bool request_parse(const char *line, struct request *request, char *error, size_t error_size);

#endif
