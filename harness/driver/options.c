// SPDX-License-Identifier: GPL-2.0-only
/* Options of a host, and those that every host has; the faults that drivers can play. */
#include "harness/driver/driver.h"
#include "harness/driver/sabotage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct host_option common[] = {
	{ .name = "isolation", .values = "image|test|default", .initial = "default",
	  .meaning = "one VM for all tests of an image while they pass, or a fresh one for each" },
	{ .name = "sabotage", .values = "TEXT", .initial = "none",
	  .meaning = "play a fault of this driver, to see that a test notices (--probe lists them)" },
	{ .name = "spare_host", .values = "on|off", .initial = "on",
	  .meaning = "skip what takes every kernel down that is known; a lab does not" },
	{ 0 },
};

#define SABOTAGE(NAME, name_, meaning_) { name_, meaning_ },
static const struct sabotage common_sabotage[] = { SABOTAGES(SABOTAGE){ 0 } };
#undef SABOTAGE

static bool one_of(const char *values, const char *value)
{
	size_t n = strlen(value);

	for (const char *p = values; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, value, n) && (p[n] == '|' || !p[n]))
			return n > 0;
	}
	return false;
}

static bool valid(const struct host_option *o, const char *value)
{
	char *end;

	if (!strcmp(o->values, "TEXT"))
		return *value != '\0';
	if (!strcmp(o->values, "NUMBER")) {
		strtoull(value, &end, 0);
		return *value >= '0' && *value <= '9' && !*end;
	}
	return one_of(o->values, value);
}

const struct sabotage *sabotage_at(const struct host_ops *ops, unsigned int index)
{
	unsigned int own = 0;

	if (index + 1 < ARRAY_SIZE(common_sabotage))
		return &common_sabotage[index];
	index -= ARRAY_SIZE(common_sabotage) - 1;
	while (ops->sabotages && ops->sabotages[own].name && own < index)
		own++;
	return ops->sabotages && ops->sabotages[own].name ? &ops->sabotages[own] : NULL;
}

static bool known_sabotage(const struct host_ops *ops, const char *name)
{
	const struct sabotage *s;

	for (unsigned int i = 0; (s = sabotage_at(ops, i)); i++)
		if (!strcmp(s->name, name))
			return true;
	return !strcmp(name, "none");
}

const struct host_option *option_at(const struct host_ops *ops, unsigned int index)
{
	unsigned int own = 0;

	while (ops->options[own].name && own < index)
		own++;
	if (ops->options[own].name)
		return &ops->options[own];
	index -= own;
	return index + 1 < ARRAY_SIZE(common) ? &common[index] : NULL;
}

bool option_set(const struct host_ops *ops, const char *text, struct text *error)
{
	const char *value = strchr(text, '=');
	struct host_option *o;
	size_t n = value ? (size_t)(value - text) : 0;

	for (unsigned int i = 0; (o = (struct host_option *)option_at(ops, i)); i++)
		if (n && !strncmp(o->name, text, n) && !o->name[n])
			break;
	if (!o) {
		text_add(error, "host %s has no option '%s'; it has:", ops->name, text);
		for (unsigned int i = 0; (o = (struct host_option *)option_at(ops, i)); i++)
			text_add(error, " %s=%s", o->name, o->values);
		return false;
	}
	value++;
	if (!valid(o, value) || (!strcmp(o->name, "sabotage") && !known_sabotage(ops, value))) {
		text_add(error, "option %s of host %s takes %s, not '%s'", o->name, ops->name,
			 o->values, value);
		return false;
	}
	o->value = value;
	return true;
}

const char *option_get(const struct host_ops *ops, const char *name)
{
	const struct host_option *o;

	for (unsigned int i = 0; (o = option_at(ops, i)); i++)
		if (!strcmp(o->name, name))
			return o->value ? o->value : o->initial;
	fprintf(stderr, "host %s reads an option %s that it does not have\n", ops->name, name);
	abort();
}

bool option_is(const struct host_ops *ops, const char *name, const char *value)
{
	return !strcmp(option_get(ops, name), value);
}

bool sabotaged(const char *name)
{
	return common[1].value && !strcmp(common[1].value, name);
}
