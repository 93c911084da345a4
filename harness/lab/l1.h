/* SPDX-License-Identifier: GPL-2.0-only */
/* One running lab machine: an emulator's process, its stream and its console. */
#ifndef ASSAY_L1_H
#define ASSAY_L1_H

#include "harness/assay/child.h"
#include "harness/assay/lines.h"
#include "harness/driver/qmp.h"
#include "harness/lab/lab.h"

struct l1 {
	struct child qemu; /* pid 0: none runs */
	struct lines out; /* the stream */
	struct lines err; /* QEMU's own words */
	struct lines text; /* the console */
	int console; /* a file in memory, which QEMU appends to */
	off_t console_read;
	struct qmp qmp; /* QEMU's; fd -1 of a Bochs */
	int slave; /* of Bochs: the far side of the stream's terminal, or -1 */
	int unread; /* and what it says twice: kept open, so that it can say it */
	bool resumed; /* a restored machine runs */
	bool out_ended;
	double last_line; /* of the stream; clock_seconds() */
	int status; /* after L1_DEATH, as of waitpid(2) */
	char words[256]; /* the last line of QEMU's own */
};

/*
 * Start the machine: from `incoming`, a descriptor of a saved state that stays
 * the caller's, or by booting if it is -1; a booted one can be told to stop and
 * save itself (l1->qmp).
 */
bool l1_start(struct l1 *l1, const struct lab *lab, int incoming, struct problem *p);

/* Kill it; nothing is left. */
void l1_stop(struct l1 *l1);

enum l1_heard {
	L1_LINE, /* of the stream */
	L1_CONSOLE, /* a line of the console; what came before a stream's line is given before it */
	L1_DEATH, /* QEMU ended: text says how */
	L1_SILENCE, /* nothing on the stream for so many seconds */
};

/* Called every few seconds while nothing comes and the machine is not yet given up; or NULL. */
extern void (*l1_idle)(void);

/* Wait for what comes next; *text stays until the next call. */
enum l1_heard l1_hear(struct l1 *l1, double silence, const char **text);

/* Write a line to the port of the stream; false if nobody takes it. */
bool l1_tell(struct l1 *l1, const char *line);

#endif
