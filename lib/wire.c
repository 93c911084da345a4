// SPDX-License-Identifier: GPL-2.0-only
/* Messages, encoded and decoded; see lib/wire.h. */
#include "lib/wire.h"

/*
 * The header on the wire:
 *   0 magic u32 | 4 type u8 | 5 words u8 | 6 text length u16 | 8 sum u64
 * The sum covers the header's first eight bytes and the body, so a message
 * that lost or gained a byte on a serial line is noticed.
 */
enum { HEADER_BYTES = 16 };

#define MESSAGE(NAME, words_, strings_, meaning) [WIRE_##NAME] = { #NAME, words_, strings_ },
const struct wire_type_info wire_type_info[WIRE_TYPE_COUNT] = { WIRE_MESSAGES(MESSAGE) };
#undef MESSAGE

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words go over the wire as they are");

static void put64(u8 *to, u64 value)
{
	__builtin_memcpy(to, &value, sizeof(value));
}

static u64 get64(const u8 *from)
{
	u64 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

static u64 sum_word(u64 sum, u64 word)
{
	return ((sum << 5) | (sum >> 59)) ^ word;
}

/* Bodies are whole 64-bit words, which keeps this cheap where a guest is slow. */
static u64 sum_bytes(u64 sum, const u8 *bytes, size_t length)
{
	for (size_t i = 0; i < length; i += 8)
		sum = sum_word(sum, get64(bytes + i));
	return sum;
}

void message_start(struct message *m, enum wire_type type)
{
	m->type = type;
	m->words = 0;
	m->text_length = 0;
}

void message_word(struct message *m, u64 word)
{
	if (m->words < WIRE_WORDS_MAX)
		m->word[m->words++] = word;
}

void message_string(struct message *m, const char *string)
{
	/* Every string still to come needs room for its terminator. */
	u32 limit = WIRE_TEXT_MAX - WIRE_STRINGS_MAX;

	while (*string && m->text_length < limit)
		m->text[m->text_length++] = *string++;
	if (m->text_length < WIRE_TEXT_MAX)
		m->text[m->text_length++] = '\0';
}

const char *message_get_string(const struct message *m, unsigned int n)
{
	u32 at = 0;

	for (; n && at < m->text_length; at++)
		if (!m->text[at])
			n--;
	return at < m->text_length ? &m->text[at] : "";
}

/* Words at the end that are zero are not sent: on a serial line every byte costs. */
static u32 words_to_send(const struct message *m)
{
	u32 words = m->words;

	while (words && !m->word[words - 1])
		words--;
	return words;
}

/* What was not sent is zero. */
static u64 word_at(const struct message *m, u32 i)
{
	return i < m->words ? m->word[i] : 0;
}

size_t wire_encode(const struct message *m, u8 *bytes)
{
	u32 words = words_to_send(m);
	u64 header = WIRE_MAGIC | (u64)m->type << 32 | (u64)words << 40 |
		     (u64)m->text_length << 48;
	size_t words_end = HEADER_BYTES + 8 * words;
	size_t end = words_end + ALIGN_UP(m->text_length, 8);

	put64(bytes, header);
	for (u32 i = 0; i < words; i++)
		put64(bytes + HEADER_BYTES + 8 * i, m->word[i]);
	for (size_t i = 0; i < end - words_end; i++)
		bytes[words_end + i] = i < m->text_length ? (u8)m->text[i] : 0;
	put64(bytes + 8,
	      sum_bytes(sum_word(0, header), bytes + HEADER_BYTES, end - HEADER_BYTES));
	return end;
}

static unsigned int count_strings(const char *text, u32 length)
{
	unsigned int n = 0;

	for (u32 i = 0; i < length; i++)
		n += !text[i];
	return n;
}

/* How many bytes before the next place where a message could start. */
static size_t hunt(const u8 *bytes, size_t size)
{
	size_t i;

	for (i = 1; i < size; i++)
		if (bytes[i] == (WIRE_MAGIC & 0xff))
			break;
	return i;
}

enum wire_result wire_decode(struct message *m, const u8 *bytes, size_t size, size_t *used)
{
	size_t words_end, end;
	u64 header;

	*used = 0;
	for (size_t i = 0; i < MIN(size, 4); i++)
		if (bytes[i] != (u8)(WIRE_MAGIC >> (8 * i)))
			goto bad;
	if (size < HEADER_BYTES)
		return WIRE_SHORT;

	header = get64(bytes);
	m->type = (u8)(header >> 32);
	m->words = (u8)(header >> 40);
	m->text_length = (u16)(header >> 48);
	if (m->type >= WIRE_TYPE_COUNT || m->words > WIRE_WORDS_MAX ||
	    m->text_length > WIRE_TEXT_MAX)
		goto bad;

	words_end = HEADER_BYTES + 8 * m->words;
	end = words_end + ALIGN_UP(m->text_length, 8);
	if (size < end)
		return WIRE_SHORT;
	if (get64(bytes + 8) !=
	    sum_bytes(sum_word(0, header), bytes + HEADER_BYTES, end - HEADER_BYTES))
		goto bad;

	for (u32 i = 0; i < m->words; i++)
		m->word[i] = get64(bytes + HEADER_BYTES + 8 * i);
	while (m->words < wire_type_info[m->type].words)
		m->word[m->words++] = 0;
	for (u32 i = 0; i < m->text_length; i++)
		m->text[i] = (char)bytes[words_end + i];
	if (m->text_length && m->text[m->text_length - 1])
		goto bad;
	if (count_strings(m->text, m->text_length) != wire_type_info[m->type].strings)
		goto bad;
	*used = end;
	return WIRE_OK;
bad:
	*used = hunt(bytes, size);
	return WIRE_BAD;
}

void message_put_sync(struct message *m, const struct sync *sync)
{
	message_start(m, WIRE_SYNC);
	message_word(m, sync->actions);
	for (unsigned int i = 0; i < SYNC_COUNT; i++) {
		const u64 *argument = (const u64 *)((const char *)sync + sync_action[i].offset);

		if (sync->actions & BIT(i))
			for (unsigned int n = 0; n < sync_action[i].words; n++)
				message_word(m, argument[n]);
	}
}

bool message_get_sync(const struct message *m, struct sync *sync)
{
	u32 at = 1;

	*sync = (struct sync){ .actions = m->word[0] };
	if (sync->actions & ~(u64)SYNC_ALL)
		return false;
	for (unsigned int i = 0; i < SYNC_COUNT; i++) {
		u64 *argument = (u64 *)((char *)sync + sync_action[i].offset);

		if (!(sync->actions & BIT(i)))
			continue;
		for (unsigned int n = 0; n < sync_action[i].words; n++)
			argument[n] = word_at(m, at++);
	}
	return at >= m->words;
}

void message_put_reply(struct message *m, const struct sync_reply *reply)
{
	message_start(m, WIRE_SYNC_REPLY);
	message_word(m, reply->actions);
	for (unsigned int i = 0; i < SYNC_COUNT; i++) {
		if (!(reply->actions & BIT(i)))
			continue;
		message_word(m, reply->status[i]);
		message_word(m, reply->value[i]);
	}
	message_string(m, reply->detail);
}

bool message_get_reply(const struct message *m, struct sync_reply *reply)
{
	const char *detail = message_get_string(m, 0);
	u32 at = 1;
	size_t n;

	*reply = (struct sync_reply){ .actions = m->word[0] };
	if (m->type != WIRE_SYNC_REPLY || reply->actions & ~(u64)SYNC_ALL)
		return false;
	for (unsigned int i = 0; i < SYNC_COUNT; i++) {
		reply->status[i] = SYNC_NOT_REQUESTED;
		if (!(reply->actions & BIT(i)))
			continue;
		if (word_at(m, at) >= SYNC_STATUS_COUNT)
			return false;
		reply->status[i] = (u8)word_at(m, at++);
		reply->value[i] = word_at(m, at++);
	}
	for (n = 0; n + 1 < SYNC_DETAIL_MAX && detail[n]; n++)
		reply->detail[n] = detail[n];
	reply->detail[n] = '\0';
	return true;
}

void message_put_run(struct message *m, const struct wire_run *run, const char *only_case)
{
	message_start(m, WIRE_RUN);
	for (size_t i = 0; i < sizeof(*run) / sizeof(u64); i++)
		message_word(m, ((const u64 *)run)[i]);
	message_string(m, only_case);
}

bool message_get_run(const struct message *m, struct wire_run *run)
{
	if (m->type != WIRE_RUN || m->words > sizeof(*run) / sizeof(u64))
		return false;
	for (u32 i = 0; i < sizeof(*run) / sizeof(u64); i++)
		((u64 *)run)[i] = word_at(m, i);
	return true;
}
