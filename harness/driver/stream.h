/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the driver's stream (doc/stream.md): one JSON object a line, each
 * written by a single write(), so that a killed driver never leaves half a line
 * in front of another's.
 */
#ifndef ASSAY_STREAM_H
#define ASSAY_STREAM_H

#include "lib/base.h"

/*
 *	stream_begin("check");
 *	stream_string("case", name);
 *	stream_number("line", 12);
 *	stream_send();
 */
void stream_begin(const char *event);
void stream_string(const char *name, const char *value);
void stream_number(const char *name, s64 value);
void stream_real(const char *name, double value);
/* Nested objects and arrays of strings; every open has its close. */
void stream_object(const char *name);
void stream_object_end(void);
void stream_array(const char *name);
void stream_element(const char *value);
void stream_array_end(void);
/* False once the reader is gone: the driver then ends. */
bool stream_send(void);

/* A fact for the `host` line, collected while probing. */
void stream_fact(const char *name, const char *value);
void stream_facts(void);

#endif
