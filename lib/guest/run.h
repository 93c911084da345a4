/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the guest's test loop know of each other; tests do not include it. */
#ifndef ASSAY_GUEST_RUN_H
#define ASSAY_GUEST_RUN_H

#include "lib/guest/runtime.h"

#define CASE_NAME_MAX 256

/* The test that is running. */
struct run {
	const struct test *test;
	struct wire_run request;
	char only_case[CASE_NAME_MAX]; /* "" for all */

	/* The current case; its name is written when somebody asks for it. */
	bool in_case;
	bool case_failed;
	char case_name[CASE_NAME_MAX];
	void (*case_namer)(struct text *t, const void *context);
	const void *case_context;

	u64 planned; /* 0: CASES(n) of the test */
	u64 seen;    /* cases that came by, whether they ran or not */
	u64 run;
	u64 failed;
	u64 not_covered;
	u64 window_hits;
	bool begun;          /* its own code was entered */
	bool failed_outside; /* an expectation failed outside any case */
	u64 last_heartbeat;  /* machine_ticks() */
	u64 next_sync_case;  /* for --at-every-sync */
};

extern struct run run;

/* A message buffer; the runtime never needs two at once, and they are too large for stacks. */
extern struct message outgoing, incoming;

/* Append a formatted string to the outgoing message; what does not fit a line is cut. */
void outgoing_format(const char *format, va_list args);

/* The name of the current case, or "". */
const char *run_case_name(void);

#endif
