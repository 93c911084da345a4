// SPDX-License-Identifier: GPL-2.0-only
/* Reads sources.list(5) for mirrors of Debian; see kernel-mirror.h. */
#include "harness/lab/kernel-mirror.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/lab/kernel-command.h"
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-files.h"

#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

enum { SOURCES_MOST = 1 << 20 };

static bool ends(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && !strcmp(text + length - tail, suffix);
}

/*
 * Other archives are not asked for Debian's kernels.  A mirror of Debian's ends
 * in /debian or /debian-security; a list of mirrors (apt-transport-mirror(1))
 * is called so.
 */
static bool is_debian(const char *uri, bool *security)
{
	*security = ends(uri, "/debian-security") || ends(uri, "/debian-security.list");
	return *security || ends(uri, "/debian") || ends(uri, "/debian.list");
}

static void add(struct mirrors *m, const char *word, const char *signed_by)
{
	size_t length = strlen(word);
	char *uri;
	bool security;

	while (length && word[length - 1] == '/')
		length--;
	uri = new_format("%.*s", (int)length, word);
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->item[i].uri, uri))
			length = 0;
	if (!length || !is_debian(uri, &security) || strpbrk(uri, "\"'\\ \n")) {
		free(uri);
		return;
	}
	m->item = grow(m->item, m->count, sizeof(*m->item));
	m->item[m->count++] = (struct mirror){
		.uri = uri,
		.security = security,
		.signed_by = new_string(*signed_by == '/' && !strpbrk(signed_by, "\"\\\n")
						? signed_by
					: file_exists(KEYRING) ? KEYRING
							       : ""),
	};
}

static bool has_word(const char *field, const char *word)
{
	struct strings words = strings_split(field ? field : "", ' ');
	bool has = strings_have(&words, word);

	strings_free(&words);
	return has;
}

static void add_stanza(struct mirrors *m, const char *stanza)
{
	char *types = control_field(stanza, "Types"), *uris = control_field(stanza, "URIs");
	char *enabled = control_field(stanza, "Enabled");
	char *signed_by = control_field(stanza, "Signed-By");
	struct strings words = strings_split(uris ? uris : "", ' ');

	for (size_t i = 0; i < words.count; i++)
		if (has_word(types, "deb") && (!enabled || strcasecmp(enabled, "no")))
			add(m, words.item[i], signed_by ? signed_by : "");
	strings_free(&words);
	free(types);
	free(uris);
	free(enabled);
	free(signed_by);
}

/* Paragraphs between empty lines; lines that begin with # are not there. */
static void add_stanzas(struct mirrors *m, const char *text)
{
	struct strings lines = strings_split(text, '\n');
	char *stanza = new_string("");

	for (size_t i = 0; i <= lines.count; i++) {
		const char *line = i < lines.count ? lines.item[i] : "";
		char *longer;

		if (*line == '#')
			continue;
		if (!line[strspn(line, " \t\r")]) {
			add_stanza(m, stanza);
			*stanza = '\0';
			continue;
		}
		longer = new_format("%s%s\n", stanza, line);
		free(stanza);
		stanza = longer;
	}
	free(stanza);
	strings_free(&lines);
}

/* deb [signed-by=FILE arch=amd64] URI SUITE COMPONENT... */
static void add_line(struct mirrors *m, const char *line)
{
	const char *options = line + 3 + strspn(line + 3, " \t"), *uri = options;
	char *word, *key = NULL;

	if (*options == '[') {
		const char *by = strstr(options, "signed-by="), *end = strchr(options, ']');

		if (!end)
			return;
		if (by && by < end)
			key = new_format("%.*s", (int)strcspn(by + 10, " \t]"), by + 10);
		uri = end + 1;
	}
	uri += strspn(uri, " \t");
	word = new_format("%.*s", (int)strcspn(uri, " \t\r"), uri);
	add(m, word, key ? key : "");
	free(word);
	free(key);
}

static void add_lines(struct mirrors *m, const char *text)
{
	struct strings lines = strings_split(text, '\n');

	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.item[i] + strspn(lines.item[i], " \t");

		if (!strncmp(line, "deb", 3) && line[3] && strchr(" \t[", line[3]))
			add_line(m, line);
	}
	strings_free(&lines);
}

void mirrors_add(struct mirrors *m, const char *file_name, const char *text)
{
	if (ends(file_name, ".sources"))
		add_stanzas(m, text);
	else if (ends(file_name, ".list"))
		add_lines(m, text);
}

static void add_file(struct mirrors *m, const char *path)
{
	struct problem ignored;
	struct bytes text;

	if (!file_read(path, SOURCES_MOST, &text, &ignored))
		return;
	mirrors_add(m, path, (const char *)text.data);
	bytes_free(&text);
}

static void add_parts(struct mirrors *m, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = new_format("%s/%s", folder, entries[i]->d_name);

		add_file(m, path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* apt-config prints NAME='VALUE' lines. */
static char *shell_value(const char *text, const char *name)
{
	char *start = new_format("%s='", name);
	const char *at = strstr(text, start);
	char *value = NULL;

	if (at) {
		at += strlen(start);
		value = new_format("%.*s", (int)strcspn(at, "'"), at);
	}
	free(start);
	return value;
}

bool mirrors_read(struct mirrors *m, struct problem *p)
{
	char *argv[] = {
		"/usr/bin/apt-config",	   "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS",
		"Dir::Etc::sourceparts/d", NULL
	};
	char *list, *parts;
	struct said said;
	bool main = false;

	*m = (struct mirrors){ 0 };
	if (!command_run(argv, &said, p))
		return false;
	if (said.status) {
		problem_set(p, EXIT_LAB,
			    "apt-config does not run (status %d): debian: needs apt; give a "
			    "kernel's file",
			    said.status);
		said_free(&said);
		return false;
	}
	list = shell_value(said.out, "LIST");
	parts = shell_value(said.out, "PARTS");
	if (list)
		add_file(m, list);
	if (parts)
		add_parts(m, parts);
	free(list);
	free(parts);
	said_free(&said);
	for (size_t i = 0; i < m->count; i++)
		main |= !m->item[i].security;
	if (main)
		return true;
	mirrors_free(m);
	return problem_set(
		p, EXIT_LAB,
		"this machine's apt sources name no mirror of Debian (a URI that ends in "
		"/debian); add one, or give a kernel's file");
}

void mirrors_free(struct mirrors *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->item[i].uri);
		free(m->item[i].signed_by);
	}
	free(m->item);
	*m = (struct mirrors){ 0 };
}
