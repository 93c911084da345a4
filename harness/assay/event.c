// SPDX-License-Identifier: GPL-2.0-only
/* The reader of a driver's lines; see event.h. */
#include "harness/assay/event.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	const char *members;
} kinds[EVENT_KINDS] = {
#define EVENT(NAME, word_, members_) [EVENT_##NAME] = { word_, members_ },
	EVENTS(EVENT)
#undef EVENT
};

static bool has_type(const json_t *value, char type)
{
	switch (type) {
	case 's':
		return json_is_string(value);
	case 'n':
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case 'r':
		return json_is_number(value);
	case 'o':
		return json_is_object(value);
	case 'a':
		return json_is_array(value);
	}
	return false;
}

/* Every "type[?] name" of the list. */
static bool check_members(const json_t *json, const char *list, char *error, size_t error_size)
{
	while (*list) {
		char type = list[0];
		bool optional = list[1] == '?';
		const char *start = list + 2 + optional;
		size_t length = strcspn(start, ",");
		const json_t *value = json_object_getn(json, start, length);

		if (value ? !has_type(value, type) : !optional) {
			snprintf(error, error_size, "an event '%s' %s '%.*s'",
				 json_string_value(json_object_get(json, "event")),
				 value ? "with the wrong type of" : "without", (int)length, start);
			return false;
		}
		list = start + length;
		list += strspn(list, ", ");
	}
	return true;
}

bool event_parse(struct event *e, const char *line, size_t length, char *error, size_t error_size)
{
	json_error_t json_error;
	const char *word;

	e->json = json_loadb(line, length, JSON_REJECT_DUPLICATES, &json_error);
	if (!e->json) {
		snprintf(error, error_size, "a line that is not JSON (%s): %.60s%s",
			 json_error.text, line, length > 60 ? "..." : "");
		return false;
	}
	word = json_string_value(json_object_get(e->json, "event"));
	if (!word) {
		snprintf(error, error_size, "a line that is no event: %.60s%s", line,
			 length > 60 ? "..." : "");
		goto bad;
	}
	for (e->kind = 0; e->kind < EVENT_KINDS; e->kind++)
		if (!strcmp(word, kinds[e->kind].word))
			break;
	if (e->kind == EVENT_KINDS) {
		snprintf(error, error_size, "an unknown event '%.60s'", word);
		goto bad;
	}
	if (!check_members(e->json, kinds[e->kind].members, error, error_size))
		goto bad;
	e->test = event_number(e, "test");
	return true;
bad:
	event_free(e);
	return false;
}

void event_free(struct event *e)
{
	json_decref(e->json);
	e->json = NULL;
}

bool event_has_test(enum event_kind kind)
{
	return !strncmp(kinds[kind].members, "n test", 6);
}

const char *event_string(const struct event *e, const char *name)
{
	const char *value = json_string_value(json_object_get(e->json, name));

	return value ? value : "";
}

static u64 natural(const json_t *value)
{
	json_int_t n = json_integer_value(value);

	return n > 0 ? (u64)n : 0;
}

u64 event_number(const struct event *e, const char *name)
{
	return natural(json_object_get(e->json, name));
}

u64 event_number_in(const struct event *e, const char *object, const char *name)
{
	return natural(json_object_get(json_object_get(e->json, object), name));
}

double event_real(const struct event *e, const char *name)
{
	return json_number_value(json_object_get(e->json, name));
}
