/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ends a run early: SIGINT, SIGTERM and SIGHUP.  The first one is noted,
 * so that the run can stop its drivers and finish its output; a second one
 * kills all drivers and ends the program at once.
 */
#ifndef ASSAY_INTERRUPT_H
#define ASSAY_INTERRUPT_H

#include <sys/types.h>

#include "lib/base.h"

/* Take the signals over; also ignores SIGPIPE: writes then fail with EPIPE. */
void interrupt_init(void);

/* The signal that came, or 0. */
int interrupted(void);

/* Readable once a signal came: for poll(). */
int interrupt_descriptor(void);

/* The process groups that a second signal kills. */
void interrupt_add_group(pid_t group);
void interrupt_remove_group(pid_t group);

#endif
