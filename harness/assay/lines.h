/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cuts a stream of bytes into lines.  What comes in is not trusted: a line has
 * a greatest length, and what is longer is thrown away and said.
 */
#ifndef ASSAY_LINES_H
#define ASSAY_LINES_H

#include "lib/base.h"

/* A message has at most WIRE_TEXT_MAX bytes; a console line or a host line may be longer. */
#define LINE_LENGTH_MAX 65536

struct lines {
	char *buffer; /* LINE_LENGTH_MAX + 1 bytes once anything was read */
	size_t start; /* of what was not handed out yet */
	size_t scanned; /* up to here there is no newline */
	size_t end;
	bool too_long; /* throwing away up to the next newline */
};

/*
 * Where to put new bytes, and how many fit; never 0 after lines_next() returned
 * LINES_NONE.  lines_added() tells how many came.
 */
char *lines_room(struct lines *l, size_t *room);
void lines_added(struct lines *l, size_t count);

enum lines_result {
	LINES_NONE, /* more bytes are needed */
	LINES_LINE, /* *line, without its newline, valid until the next call of lines_room() */
	LINES_TOO_LONG, /* a line of more than LINE_LENGTH_MAX bytes was thrown away */
};
enum lines_result lines_next(struct lines *l, char **line, size_t *length);

/* Is there part of a line that its newline does not follow? */
bool lines_unfinished(const struct lines *l);
void lines_free(struct lines *l);

#endif
