/* SPDX-License-Identifier: GPL-2.0-only */
/* A terminal that stands for a serial port of Bochs, which knows no pipe that goes both ways. */
#ifndef ASSAY_TERMINAL_H
#define ASSAY_TERMINAL_H

#include <stddef.h>

/*
 * Open one that passes every byte on as it is, from the first on.  Our side is
 * returned (close-on-exec, not blocking), or -1; Bochs opens the other by its name.
 * It is in *slave too, so that the wire does not end before Bochs has it.
 */
int terminal_open(char *name, size_t size, int *slave);

#endif
