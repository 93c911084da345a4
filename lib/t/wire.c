// SPDX-License-Identifier: GPL-2.0-only
/* The wire's encoding: what goes in comes out, and nothing that was touched does. */
#include "lib/t/tap.h"
#include "lib/wire.h"

#include <stdlib.h>
#include <string.h>

static struct message in, out;
static u8 bytes[WIRE_BYTES_MAX];

static size_t encode_fail_message(void)
{
	static const char *const part[] = { "paging/a.c", "f.error_code", "P|W", "P", "pte=P" };

	message_start(&in, WIRE_FAIL);
	message_word(&in, 0x123456789abcdef0);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		message_string(&in, part[i]);
	return wire_encode(&in, bytes);
}

START_TEST(there_and_back)
{
	size_t used, size = encode_fail_message();

	ck_assert_uint_eq(size % 8, 0);
	ck_assert_int_eq(wire_decode(&out, bytes, size, &used), WIRE_OK);
	ck_assert_uint_eq(used, size);
	ck_assert_uint_eq(out.type, WIRE_FAIL);
	ck_assert_uint_eq(out.word[0], 0x123456789abcdef0);
	ck_assert_str_eq(message_get_string(&out, 2), "P|W");
	ck_assert_str_eq(message_get_string(&out, 4), "pte=P");
	ck_assert_str_eq(message_get_string(&out, 5), "");
}
END_TEST

START_TEST(every_prefix_is_short)
{
	size_t used, size = encode_fail_message();

	for (size_t n = 0; n < size; n++)
		ck_assert_int_eq(wire_decode(&out, bytes, n, &used), WIRE_SHORT);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
	size_t used, size = encode_fail_message();

	for (size_t bit = 0; bit < 8 * size; bit++) {
		enum wire_result result;

		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		result = wire_decode(&out, bytes, size, &used);
		ck_assert_msg(result != WIRE_OK, "bit %zu", bit);
		ck_assert(result != WIRE_BAD || used);
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
}
END_TEST

START_TEST(noise_is_thrown_away)
{
	static const char noise[] = "SeaBIOS (version 1.16.2)\r\nA ASY\n";
	u8 stream[sizeof(noise) + WIRE_BYTES_MAX];
	size_t have, at = 0, used, size = encode_fail_message();

	memcpy(stream, noise, sizeof(noise));
	memcpy(stream + sizeof(noise), bytes, size);
	have = sizeof(noise) + size;
	while (wire_decode(&out, stream + at, have - at, &used) == WIRE_BAD)
		at += used;
	ck_assert_uint_eq(at, sizeof(noise));
	ck_assert_uint_eq(used, size);
}
END_TEST

START_TEST(long_strings_are_cut)
{
	char *text = malloc(4 * WIRE_TEXT_MAX);
	size_t used, size;

	memset(text, 'x', 4 * WIRE_TEXT_MAX);
	text[4 * WIRE_TEXT_MAX - 1] = '\0';
	message_start(&in, WIRE_FAIL);
	message_word(&in, 1);
	for (int i = 0; i < 5; i++)
		message_string(&in, text);
	size = wire_encode(&in, bytes);
	ck_assert_uint_le(size, WIRE_BYTES_MAX);
	ck_assert_int_eq(wire_decode(&out, bytes, size, &used), WIRE_OK);
	free(text);
}
END_TEST

/* Every action alone, and all of them: arguments arrive in their own places. */
START_TEST(syncs)
{
	struct sync sync = { 0 }, got;
	size_t used;
	u64 *word = (u64 *)&sync;

	for (size_t i = 0; i < sizeof(sync) / sizeof(u64); i++)
		word[i] = 1000 + i;
	sync.actions = _i < SYNC_COUNT ? BIT(_i) : SYNC_ALL;
	message_put_sync(&in, &sync);
	ck_assert_int_eq(wire_decode(&out, bytes, wire_encode(&in, bytes), &used), WIRE_OK);
	ck_assert(message_get_sync(&out, &got));
	ck_assert_uint_eq(got.actions, sync.actions);
	for (unsigned int a = 0; a < SYNC_COUNT; a++) {
		const char *from = (const char *)&sync + sync_action[a].offset;
		const char *to = (const char *)&got + sync_action[a].offset;

		if (sync.actions & BIT(a))
			ck_assert(!memcmp(from, to, 8 * sync_action[a].words));
	}
	out.word[out.words++] = 1;
	ck_assert_msg(!message_get_sync(&out, &got), "a word too many");
}
END_TEST

START_TEST(unknown_actions_are_refused)
{
	struct sync got;

	message_start(&in, WIRE_SYNC);
	message_word(&in, BIT(SYNC_COUNT));
	ck_assert(!message_get_sync(&in, &got));
}
END_TEST

START_TEST(replies)
{
	struct sync_reply reply = { .actions = SAVE | GET_REGISTER | RESET }, got;
	size_t used;

	reply.status[SYNC_BIT_GET_REGISTER] = SYNC_FAILED;
	reply.value[SYNC_BIT_GET_REGISTER] = 0xabcdef;
	strcpy(reply.detail, "KVM_GET_REGS: EINVAL");
	message_put_reply(&in, &reply);
	ck_assert_int_eq(wire_decode(&out, bytes, wire_encode(&in, bytes), &used), WIRE_OK);
	ck_assert(message_get_reply(&out, &got));
	ck_assert_uint_eq(got.status[SYNC_BIT_SAVE], SYNC_OK);
	ck_assert_uint_eq(got.status[SYNC_BIT_RESTORE], SYNC_NOT_REQUESTED);
	ck_assert_uint_eq(got.status[SYNC_BIT_GET_REGISTER], SYNC_FAILED);
	ck_assert_uint_eq(got.value[SYNC_BIT_GET_REGISTER], 0xabcdef);
	ck_assert_str_eq(got.detail, "KVM_GET_REGS: EINVAL");
	out.word[1] = SYNC_STATUS_COUNT;
	ck_assert(!message_get_reply(&out, &got));
}
END_TEST

START_TEST(runs)
{
	struct wire_run run = { .index = 3, .seed = 7, .at_every_sync = SAVE, .resets = 2 }, got;
	size_t used;

	message_put_run(&in, &run, "vector=3,route=msi");
	ck_assert_int_eq(wire_decode(&out, bytes, wire_encode(&in, bytes), &used), WIRE_OK);
	ck_assert(message_get_run(&out, &got));
	ck_assert(!memcmp(&run, &got, sizeof(run)));
	ck_assert_str_eq(message_get_string(&out, 0), "vector=3,route=msi");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = tcase_create("wire");

	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, every_prefix_is_short);
	tcase_add_test(tcase, every_flipped_bit_is_noticed);
	tcase_add_test(tcase, noise_is_thrown_away);
	tcase_add_test(tcase, long_strings_are_cut);
	tcase_add_loop_test(tcase, syncs, 0, SYNC_COUNT + 1);
	tcase_add_test(tcase, unknown_actions_are_refused);
	tcase_add_test(tcase, replies);
	tcase_add_test(tcase, runs);
	suite_add_tcase(suite, tcase);
	return tap_run(suite);
}
