// SPDX-License-Identifier: GPL-2.0-only
/* The tables of lib/sync.h as data, and the two textual forms of an action set. */
#include "lib/sync.h"
#include "lib/text.h"

#define ARGUMENT(name) #name " "
#define ACTION(NAME, field_, arguments_, meaning_)                                                 \
	[SYNC_BIT_##NAME] = {                                                                      \
		.name = #NAME,                                                                     \
		.arguments = "" arguments_,                                                        \
		.meaning = meaning_,                                                               \
		.offset = offsetof(struct sync, field_),                                           \
		.words = sizeof(((struct sync *)0)->field_) / sizeof(u64),                         \
	},
const struct sync_action sync_action[SYNC_COUNT] = { SYNC_ACTIONS(ACTION, ARGUMENT) };
#undef ACTION
#undef ARGUMENT

#define REGISTER(NAME) #NAME,
const char *const sync_register_name[SYNC_REG_COUNT] = { SYNC_REGISTERS(REGISTER) };
#undef REGISTER

#define STATUS(NAME, text) text,
const char *const sync_status_text[SYNC_STATUS_COUNT] = { SYNC_STATUSES(STATUS) };
#undef STATUS

/* The length of name if text starts with it as a whole word, whatever the case; else 0. */
static size_t match_name(const char *text, const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		char c = text[i];

		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		if (c == '-')
			c = '_';
		if (c != name[i])
			return 0;
	}
	return text[i] == '\0' || text[i] == ',' || text[i] == '|' ? i : 0;
}

bool sync_parse(const char *text, u64 *actions, const char **bad)
{
	*actions = 0;
	while (*text) {
		size_t length = 0;
		unsigned int i;

		for (i = 0; i < SYNC_COUNT; i++) {
			length = match_name(text, sync_action[i].name);
			if (length)
				break;
		}
		if (!length) {
			*bad = text;
			return false;
		}
		*actions |= BIT(i);
		text += length;
		if (*text)
			text++;
	}
	return true;
}

char *sync_format(u64 actions, char *buffer, size_t size)
{
	struct text t = text_into(buffer, size);

	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (actions & BIT(i))
			text_add(&t, "%s%s", t.length ? "|" : "", sync_action[i].name);
	if (!t.length)
		text_add(&t, "none");
	return buffer;
}
