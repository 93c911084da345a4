// SPDX-License-Identifier: GPL-2.0-only
/* Text from elsewhere, made fit for a terminal and for a shell; see basics.h. */
#include "harness/assay/basics.h"

#include <stdlib.h>
#include <string.h>

/* The length of the well-formed UTF-8 sequence at s that is no control; 0 if there is none. */
static size_t sequence(const unsigned char *s)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	u32 code;

	if (length == 1)
		return *s >= ' ' && *s != 0x7f;
	if (!length || *s > 0xf4)
		return 0;
	code = *s & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	/* Too long a form, a surrogate, beyond the last, or a C1 control. */
	if (code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ||
	    code < 0xa0)
		return 0;
	return length;
}

void print_clean(FILE *out, const char *text, const char *escape)
{
	while (*text) {
		size_t length = sequence((const unsigned char *)text);

		if (length) {
			if (length == 1 && strchr(escape, *text))
				putc('\\', out);
			fwrite(text, 1, length, out);
			text += length;
			continue;
		}
		if (*text == '\n' || *text == '\t')
			fputs(*text == '\n' ? "\\n" : "\\t", out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
		text++;
	}
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-_./,=:+@%", c);
}

char *shell_quote(const char *word)
{
	char *quoted, *to;
	const char *c;

	for (c = word; *c && is_plain(*c); c++)
		;
	if (*word && !*c)
		return new_string(word);
	/* A single quote becomes '\'' : four characters. */
	to = quoted = new_zeroed(4 * strlen(word) + 3, 1);
	*to++ = '\'';
	for (c = word; *c; c++) {
		if (*c == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *c;
	}
	*to = '\'';
	return quoted;
}
