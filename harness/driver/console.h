/* SPDX-License-Identifier: GPL-2.0-only */
/* What an emulator or a guest's firmware prints, as `console` events. */
#ifndef ASSAY_DRIVER_CONSOLE_H
#define ASSAY_DRIVER_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Collects what is printed into lines. */
struct console {
	char line[256];
	size_t length;
	/* The first one that is no warning, or that holds `explains`: what explains a death. */
	char first[256];
	const char *explains; /* or NULL */
	bool quiet; /* only remember: nothing may come before the stream's `host` line */
};

void console_add(struct console *c, const char *bytes, size_t count);
/* Send the line that was begun. */
void console_flush(struct console *c);
/* Read what is there of *fd, which does not block; at the end close it and make it -1. */
void console_read(struct console *c, int *fd);

#endif
