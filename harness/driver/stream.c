// SPDX-License-Identifier: GPL-2.0-only
/* The stream's writer; see stream.h and doc/stream.md. */
#include "harness/driver/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Large enough for a check with all its strings escaped; a longer value is cut. */
#define LINE_MAX_BYTES 16384

static char line[LINE_MAX_BYTES];
static size_t length;
static bool need_comma;
static bool reader_gone;

struct fact {
	char name[32];
	char value[128];
};

static struct fact fact[32];
static size_t facts;

static void put(const char *text, size_t n)
{
	/* Room for what closes the line. */
	if (length + n > LINE_MAX_BYTES - 32)
		return;
	memcpy(line + length, text, n);
	length += n;
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

/* Guests and consoles may send any byte; a line of JSON takes only UTF-8, so the rest is `?`. */
static void put_escaped(const char *text)
{
	put_text("\"");
	for (; *text && length < LINE_MAX_BYTES - 64; text++) {
		unsigned char c = (unsigned char)*text;
		char escape[8];

		if (c == '"' || c == '\\') {
			snprintf(escape, sizeof(escape), "\\%c", c);
			put_text(escape);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put_text(escape);
		} else {
			put(c < 0x80 ? text : "?", 1);
		}
	}
	put_text("\"");
}

static void put_name(const char *name)
{
	if (need_comma)
		put_text(",");
	put_escaped(name);
	put_text(":");
	need_comma = true;
}

void stream_begin(const char *event)
{
	length = 0;
	need_comma = false;
	put_text("{");
	stream_string("event", event);
}

void stream_string(const char *name, const char *value)
{
	put_name(name);
	put_escaped(value);
}

void stream_number(const char *name, s64 value)
{
	char text[24];

	put_name(name);
	snprintf(text, sizeof(text), "%lld", (long long)value);
	put_text(text);
}

void stream_real(const char *name, double value)
{
	char text[32];

	put_name(name);
	snprintf(text, sizeof(text), "%.6f", value);
	put_text(text);
}

void stream_object(const char *name)
{
	put_name(name);
	put_text("{");
	need_comma = false;
}

void stream_object_end(void)
{
	put_text("}");
	need_comma = true;
}

void stream_array(const char *name)
{
	put_name(name);
	put_text("[");
	need_comma = false;
}

void stream_element(const char *value)
{
	if (need_comma)
		put_text(",");
	put_escaped(value);
	need_comma = true;
}

void stream_array_end(void)
{
	put_text("]");
	need_comma = true;
}

bool stream_send(void)
{
	size_t done = 0;

	put_text("}\n");
	while (!reader_gone && done < length) {
		ssize_t n = write(STDOUT_FILENO, line + done, length - done);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			reader_gone = true;
	}
	return !reader_gone;
}

void stream_fact(const char *name, const char *value)
{
	if (facts == sizeof(fact) / sizeof(fact[0]))
		return;
	snprintf(fact[facts].name, sizeof(fact[0].name), "%s", name);
	snprintf(fact[facts].value, sizeof(fact[0].value), "%s", value);
	facts++;
}

void stream_facts(void)
{
	stream_object("facts");
	for (size_t i = 0; i < facts; i++)
		stream_string(fact[i].name, fact[i].value);
	stream_object_end();
}
