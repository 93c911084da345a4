// SPDX-License-Identifier: GPL-2.0-only
/* The readers of a driver's stream: bytes into lines, lines into events. */
#include "harness/assay/event.h"
#include "harness/assay/lines.h"
#include "lib/t/tap.h"

#include <stdlib.h>
#include <string.h>

/* Feed text to l in pieces of `step` bytes; collect "line|line|!too long|". */
static void feed(struct lines *l, const char *text, size_t length, size_t step, char *out)
{
	char *line, *to;
	size_t room, line_length;
	enum lines_result result;

	while (length) {
		size_t n = MIN(step, length);

		to = lines_room(l, &room);
		ck_assert_uint_gt(room, 0);
		n = MIN(n, room);
		memcpy(to, text, n);
		lines_added(l, n);
		text += n;
		length -= n;
		while ((result = lines_next(l, &line, &line_length)) != LINES_NONE) {
			if (result == LINES_TOO_LONG) {
				strcat(out, "!|");
				continue;
			}
			ck_assert_uint_eq(strlen(line), line_length);
			strcat(out, line);
			strcat(out, "|");
		}
	}
}

START_TEST(cuts_lines_however_they_come)
{
	static const char text[] = "one\n\nthree and more\nfour";

	for (size_t step = 1; step <= sizeof(text); step++) {
		struct lines l = { 0 };
		char out[100] = "";

		feed(&l, text, strlen(text), step, out);
		ck_assert_str_eq("one||three and more|", out);
		ck_assert(lines_unfinished(&l));
		feed(&l, "\n", 1, 1, out);
		ck_assert_str_eq("one||three and more|four|", out);
		ck_assert(!lines_unfinished(&l));
		lines_free(&l);
	}
}
END_TEST

START_TEST(throws_away_what_is_too_long)
{
	static const size_t lengths[] = { LINE_LENGTH_MAX - 1, LINE_LENGTH_MAX, LINE_LENGTH_MAX + 1,
					  5 * LINE_LENGTH_MAX };
	size_t length = lengths[_i];
	char *text = malloc(length + 10);
	char *out = calloc(1, length + 100);
	struct lines l = { 0 };

	memset(text, 'x', length);
	strcpy(text + length, "\nnext\n");
	feed(&l, text, length + 6, 4096, out);
	if (length <= LINE_LENGTH_MAX)
		ck_assert_uint_eq(length + 6, strlen(out));
	else
		ck_assert_str_eq("!|next|", out);
	ck_assert(!lines_unfinished(&l));
	lines_free(&l);
	free(text);
	free(out);
}
END_TEST

static const struct {
	const char *line;
	const char *error; /* NULL: it is one */
} events[] = {
	{ "{\"event\":\"end\"}", NULL },
	{ "{\"event\":\"hello\",\"test\":3}", NULL },
	{ "{\"event\":\"hello\",\"test\":3,\"more\":[]}", NULL },
	{ "{\"event\":\"verdict\",\"test\":1,\"verdict\":\"pass\",\"reason\":\"\",\"cases\":{}}",
	  NULL },
	{ "", "not JSON" },
	{ "{\"event\":\"hello\",\"te", "not JSON" },
	{ "{\"event\":\"end\"} {", "not JSON" },
	{ "[]", "no event" },
	{ "{}", "no event" },
	{ "{\"event\":1}", "no event" },
	{ "{\"event\":\"bye\"}", "unknown event 'bye'" },
	{ "{\"event\":\"hello\"}", "an event 'hello' without 'test'" },
	{ "{\"event\":\"hello\",\"test\":\"3\"}", "with the wrong type of 'test'" },
	{ "{\"event\":\"hello\",\"test\":-3}", "with the wrong type of 'test'" },
	{ "{\"event\":\"hello\",\"test\":1,\"test\":2}", "not JSON" },
	{ "{\"event\":\"log\",\"test\":1,\"text\":\"\\ud800\"}", "not JSON" },
	{ "{\"event\":\"log\",\"test\":1,\"text\":\"\xff\"}", "not JSON" },
	{ "{\"event\":\"log\",\"test\":1,\"text\":\"a\\u0000b\"}", "not JSON" },
	{ "{\"event\":\"verdict\",\"test\":1,\"verdict\":\"pass\",\"reason\":\"\",\"cases\":3}",
	  "with the wrong type of 'cases'" },
	{ "{\"event\":\"host\",\"version\":1,\"host\":\"x\"}", "without 'options'" },
};

START_TEST(reads_events)
{
	struct event e;
	char error[256] = "";
	bool ok = event_parse(&e, events[_i].line, strlen(events[_i].line), error, sizeof(error));

	if (!events[_i].error) {
		ck_assert_msg(ok, "%s", error);
		event_free(&e);
		return;
	}
	ck_assert_msg(!ok, "was accepted: %s", events[_i].line);
	ck_assert_msg(strstr(error, events[_i].error), "%s: %s", events[_i].line, error);
}
END_TEST

START_TEST(reads_members)
{
	static const char line[] =
		"{\"event\":\"verdict\",\"test\":7,\"verdict\":\"fail\",\"reason\":\"why\","
		"\"cases\":{\"planned\":4,\"run\":-1},\"seconds\":0.5}";
	struct event e;
	char error[256];

	ck_assert(event_parse(&e, line, strlen(line), error, sizeof(error)));
	ck_assert_int_eq(EVENT_VERDICT, e.kind);
	ck_assert(event_has_test(e.kind));
	ck_assert_uint_eq(7, e.test);
	ck_assert_str_eq("why", event_string(&e, "reason"));
	ck_assert_str_eq("", event_string(&e, "case"));
	ck_assert_uint_eq(4, event_number_in(&e, "cases", "planned"));
	ck_assert_uint_eq(0, event_number_in(&e, "cases", "run"));
	ck_assert_uint_eq(0, event_number_in(&e, "cases", "failed"));
	ck_assert(event_real(&e, "seconds") == 0.5);
	event_free(&e);
	ck_assert(!event_has_test(EVENT_HOST) && !event_has_test(EVENT_CONSOLE) &&
		  !event_has_test(EVENT_END));
}
END_TEST

/* A line of hostile depth must not take the stack. */
START_TEST(survives_depth)
{
	char *line = malloc(60001), error[256];
	struct event e;

	memset(line, '[', 60000);
	line[60000] = '\0';
	ck_assert(!event_parse(&e, line, 60000, error, sizeof(error)));
	free(line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stream");
	TCase *tests = tcase_create("stream");

	tcase_add_test(tests, cuts_lines_however_they_come);
	tcase_add_loop_test(tests, throws_away_what_is_too_long, 0, 4);
	tcase_add_loop_test(tests, reads_events, 0, ARRAY_SIZE(events));
	tcase_add_test(tests, reads_members);
	tcase_add_test(tests, survives_depth);
	suite_add_tcase(suite, tests);
	return tap_run(suite);
}
