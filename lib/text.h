/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounded text building for code that has no libc.  A struct text never
 * overflows its buffer and is terminated after every call; what did not fit is
 * dropped and `truncated` is set.
 */
#ifndef ASSAY_TEXT_H
#define ASSAY_TEXT_H

#include "lib/base.h"

struct text {
	char *buffer;
	size_t size;   /* of buffer, at least 1 */
	size_t length; /* without the terminator */
	bool truncated;
};

struct text text_into(char *buffer, size_t size);

/*
 * Append.  Conversions: %s %c %d %u %x, the last three also as %l and %ll;
 * `#` puts 0x before %x, a width with or without leading 0 pads, %% is a
 * percent sign.  Anything else is copied as it stands.
 */
void text_add(struct text *t, const char *format, ...) printf_like(2, 3);
void text_vadd(struct text *t, const char *format, va_list args);

/* A named bit or field value of a word, for output in the manual's names. */
struct flag_name {
	u64 mask;
	const char *name;
};

/* Append "P|W|U" for the set bits that have names, the rest as hex, "0" for none. */
void text_add_flags(struct text *t, const struct flag_name *names, size_t count, u64 value);

bool text_equal(const char *a, const char *b);

#endif
