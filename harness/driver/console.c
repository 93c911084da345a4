// SPDX-License-Identifier: GPL-2.0-only
/* Lines that an emulator or a guest's firmware printed; see console.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/console.h"
#include "harness/driver/stream.h"

void console_flush(struct console *c)
{
	if (!c->length)
		return;
	c->line[c->length] = '\0';
	c->length = 0;
	if (!c->first[0] &&
	    (c->explains ? !!strstr(c->line, c->explains) : !strstr(c->line, "warning: ")))
		snprintf(c->first, sizeof(c->first), "%s", c->line);
	if (c->quiet)
		return;
	stream_begin("console");
	stream_string("text", c->line);
	stream_send();
}

void console_add(struct console *c, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n' || c->length + 1 == sizeof(c->line))
			console_flush(c);
		/* Remains of broken messages and terminal controls are nobody's text. */
		if ((bytes[i] >= ' ' && bytes[i] <= '~') || bytes[i] == '\t')
			c->line[c->length++] = bytes[i];
	}
}

void console_read(struct console *c, int *fd)
{
	char bytes[1024];
	ssize_t n = -1;

	while (*fd >= 0 && (n = read(*fd, bytes, sizeof(bytes))) > 0)
		console_add(c, bytes, (size_t)n);
	if (*fd >= 0 && !n) {
		close(*fd);
		*fd = -1;
	}
}
