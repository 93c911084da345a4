// SPDX-License-Identifier: GPL-2.0-only
/* Fields of control files (deb-control(5)) and names in Depends; see kernel-deb.h. */
#include "harness/lab/kernel-deb.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line that begins with a blank goes on with the field before it. */
char *control_field(const char *paragraph, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = paragraph; *line;) {
		const char *end = strchrnul(line, '\n');

		if (!strncasecmp(line, name, length) && line[length] == ':') {
			char *value;

			while (*end && (end[1] == ' ' || end[1] == '\t'))
				end = strchrnul(end + 1, '\n');
			line += length + 1;
			line += strspn(line, " \t");
			value = new_format("%.*s", line < end ? (int)(end - line) : 0, line);
			for (char *c = value; *c; c++)
				if (*c == '\n' || *c == '\r')
					*c = ' ';
			return value;
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

struct strings depends_names(const char *depends)
{
	struct strings entries = strings_split(depends, ','), names = { 0 };

	for (size_t i = 0; i < entries.count; i++) {
		const char *entry = entries.item[i] + strspn(entries.item[i], " \t");
		char *name = new_format("%.*s", (int)strcspn(entry, " \t(:|["), entry);

		if (*name && !strings_have(&names, name))
			strings_add(&names, name);
		free(name);
	}
	strings_free(&entries);
	return names;
}

void deb_control_free(struct deb_control *c)
{
	free(c->package);
	free(c->version);
	free(c->architecture);
	free(c->depends);
	*c = (struct deb_control){ 0 };
}
