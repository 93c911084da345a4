// SPDX-License-Identifier: GPL-2.0-only
/* Bounded text building; see lib/text.h. */
#include "lib/text.h"

struct text text_into(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){ .buffer = buffer, .size = size };
}

static void add_char(struct text *t, char c)
{
	if (t->length + 1 >= t->size) {
		t->truncated = true;
		return;
	}
	t->buffer[t->length++] = c;
	t->buffer[t->length] = '\0';
}

static void add_string(struct text *t, const char *s)
{
	for (s = s ? s : "(null)"; *s; s++)
		add_char(t, *s);
}

static void add_number(struct text *t, u64 value, unsigned int base, int width, char pad)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (width-- > n)
		add_char(t, pad);
	while (n)
		add_char(t, digits[--n]);
}

void text_vadd(struct text *t, const char *format, va_list args)
{
	for (const char *p = format; *p; p++) {
		bool prefix = false;
		char pad = ' ';
		int width = 0;
		int longs = 0;
		s64 value;

		if (*p != '%') {
			add_char(t, *p);
			continue;
		}
		p++;
		for (; *p == '#' || *p == '0'; p++) {
			if (*p == '#')
				prefix = true;
			else
				pad = '0';
		}
		for (; *p >= '0' && *p <= '9'; p++)
			width = width * 10 + *p - '0';
		for (; *p == 'l'; p++)
			longs++;
		switch (*p) {
		case 's':
			add_string(t, va_arg(args, const char *));
			break;
		case 'c':
			add_char(t, (char)va_arg(args, int));
			break;
		case 'd':
			value = longs ? va_arg(args, long long) : va_arg(args, int);
			if (value < 0)
				add_char(t, '-');
			add_number(t, value < 0 ? -(u64)value : (u64)value, 10, width, pad);
			break;
		case 'u':
		case 'x':
			if (prefix)
				add_string(t, "0x");
			add_number(t,
				   longs ? va_arg(args, unsigned long long) :
					   va_arg(args, unsigned int),
				   *p == 'x' ? 16 : 10, width, pad);
			break;
		case '\0':
			return;
		default:
			add_char(t, *p);
		}
	}
}

void text_add(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vadd(t, format, args);
	va_end(args);
}

void text_add_flags(struct text *t, const struct flag_name *names, size_t count, u64 value)
{
	const char *separator = "";

	if (!value)
		add_char(t, '0');
	for (size_t i = 0; i < count; i++) {
		if ((value & names[i].mask) != names[i].mask)
			continue;
		text_add(t, "%s%s", separator, names[i].name);
		value &= ~names[i].mask;
		separator = "|";
	}
	if (value)
		text_add(t, "%s%#llx", separator, (unsigned long long)value);
}

bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}
