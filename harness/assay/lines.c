// SPDX-License-Identifier: GPL-2.0-only
/* Bytes into lines; see lines.h. */
#include "harness/assay/lines.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/basics.h"

char *lines_room(struct lines *l, size_t *room)
{
	if (!l->buffer)
		l->buffer = new_zeroed(LINE_LENGTH_MAX + 1, 1);
	if (l->start) {
		memmove(l->buffer, l->buffer + l->start, l->end - l->start);
		l->end -= l->start;
		l->scanned -= l->start;
		l->start = 0;
	}
	*room = LINE_LENGTH_MAX + 1 - l->end;
	return l->buffer + l->end;
}

void lines_added(struct lines *l, size_t count)
{
	l->end += count;
}

enum lines_result lines_next(struct lines *l, char **line, size_t *length)
{
	char *newline = l->scanned < l->end
				? memchr(l->buffer + l->scanned, '\n', l->end - l->scanned)
				: NULL;

	if (!newline) {
		l->scanned = l->end;
		if (l->too_long || l->end - l->start > LINE_LENGTH_MAX) {
			/* Its bytes are not needed; say so when it ends. */
			l->too_long = true;
			l->start = l->end;
		}
		return LINES_NONE;
	}
	*line = l->buffer + l->start;
	*length = newline - *line;
	*newline = '\0';
	l->start = l->scanned = newline + 1 - l->buffer;
	if (l->too_long) {
		l->too_long = false;
		return LINES_TOO_LONG;
	}
	return LINES_LINE;
}

bool lines_unfinished(const struct lines *l)
{
	return l->too_long || l->start < l->end;
}

void lines_free(struct lines *l)
{
	free(l->buffer);
	*l = (struct lines){ 0 };
}
