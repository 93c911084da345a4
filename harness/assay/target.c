// SPDX-License-Identifier: GPL-2.0-only
/* The grammar of targets; see target.h. */
#include "harness/assay/target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-release.h"

const char *const arch_name[ARCH_COUNT] = { [ARCH_X86] = "x86", [ARCH_ARM64] = "arm64" };

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"

#define SSH_PLACE "ssh:"

enum { TARGET_LENGTH_MAX = 512 };

static const char grammar[] = "write HOST[,option=value...][@PLACE[,option=value...]]";

static bool is_name(const char *s, size_t length)
{
	return length && strspn(s, NAME_CHARACTERS) >= length;
}

static bool is_value(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '@')
			return false;
	return true;
}

/* Is an option of this name there already? */
static bool has_option(const struct strings *options, const char *option, size_t name_length)
{
	for (size_t i = 0; i < options->count; i++)
		if (!strncmp(options->item[i], option, name_length + 1))
			return true;
	return false;
}

/* "ssh:user@host": nothing that ssh or a shell could take for something else. */
static bool is_ssh_place(const char *s)
{
	return !strncmp(s, SSH_PLACE, strlen(SSH_PLACE)) && isalnum((unsigned char)s[4]) &&
	       s[4 + strspn(s + 4, NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ.@")] == '\0';
}

/* "kvm,irqchip=none": a name, then options. */
static bool parse_half(const char *half, const char *what, char **name, struct strings *options,
		       const char *text, struct problem *p)
{
	struct strings parts = strings_split(half, ',');
	bool ok = true;

	*name = new_string(parts.count ? parts.item[0] : "");
	if (!is_name(*name, strlen(*name)) && !(!strcmp(what, "place") && is_ssh_place(*name)))
		ok = problem_set(p, EXIT_USAGE, "target '%s': '%s' is not the name of a %s; %s",
				 text, *name, what, grammar);
	for (size_t i = 1; ok && i < parts.count; i++) {
		const char *option = parts.item[i];
		size_t length = strcspn(option, "=");

		if (!is_name(option, length) || !option[length] || !is_value(option + length + 1))
			ok = problem_set(p, EXIT_USAGE, "target '%s': '%s' is not option=value; %s",
					 text, option, grammar);
		else if (has_option(options, option, length))
			ok = problem_set(p, EXIT_USAGE,
					 "target '%s': option '%.*s' stands twice; leave one out",
					 text, (int)length, option);
		else
			strings_add(options, option);
	}
	strings_free(&parts);
	return ok;
}

bool target_parse(struct target *t, const char *text, struct problem *p)
{
	const char *at = strchr(text, '@');
	char *host;
	bool ok;

	*t = (struct target){ 0 };
	if (strlen(text) > TARGET_LENGTH_MAX)
		return problem_set(p, EXIT_USAGE, "a target of %zu characters is too long; %s",
				   strlen(text), grammar);
	t->text = new_string(text);
	host = new_format("%.*s", at ? (int)(at - text) : (int)strlen(text), text);
	ok = parse_half(host, "host", &t->host, &t->options, text, p);
	if (ok && at)
		ok = parse_half(at + 1, "place", &t->place, &t->place_options, text, p);
	else if (ok)
		t->place = new_string("local");
	free(host);
	if (!ok)
		target_free(t);
	return ok;
}

/* The value of an option, or "". */
static const char *value_of(const struct strings *options, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < options->count; i++)
		if (!strncmp(options->item[i], name, length) && options->item[i][length] == '=')
			return options->item[i] + length + 1;
	return "";
}

enum arch target_arch(const struct target *t)
{
	const char *arch = spec_arch(value_of(&t->place_options, "kernel"));

	if (!strcmp(value_of(&t->options, "arch"), "arm64") ||
	    !strcmp(value_of(&t->place_options, "machine"), "virt") ||
	    !strcmp(value_of(&t->place_options, "arch"), "arm64") ||
	    (arch && !strcmp(arch, "arm64")))
		return ARCH_ARM64;
	return ARCH_X86;
}

const char *target_ssh_host(const struct target *t)
{
	return strncmp(t->place, SSH_PLACE, strlen(SSH_PLACE)) ? NULL
							       : t->place + strlen(SSH_PLACE);
}

void target_free(struct target *t)
{
	free(t->text);
	free(t->host);
	free(t->place);
	strings_free(&t->options);
	strings_free(&t->place_options);
	*t = (struct target){ 0 };
}
