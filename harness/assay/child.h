/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver's process: in a process group of its own, killed by the kernel if we
 * die, and never left behind, nor anything that it started.
 */
#ifndef ASSAY_CHILD_H
#define ASSAY_CHILD_H

#include <sys/types.h>

#include "harness/assay/basics.h"

struct child {
	pid_t pid; /* also its group; 0: none */
	int handle; /* pidfd: readable when it ended; -1 where the kernel has none */
	int in; /* its standard input, output and error; ours are not blocking */
	int out;
	int err;
};

/* Start argv[0] (a path).  On failure nothing is left open. */
bool child_start(struct child *c, char *const *argv, struct problem *p);

/* No more requests: its standard input ends. */
void child_close_input(struct child *c);

/*
 * Kill what is left of the group, wait for the process, close everything.
 * Returns the status of waitpid(2): of the process itself if it ended before.
 */
int child_end(struct child *c);

/* "exit status 1", "killed by signal 9 (Killed)" */
void status_words(int status, char *text, size_t size);

/* Kill what drivers left behind outside their groups; only orphans end up with us. */
void children_sweep(void);

#endif
