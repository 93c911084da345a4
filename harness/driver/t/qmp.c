// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QMP client against a peer that says what it should not.  The peer's words
 * are in the socket before they are asked for, but where lines come in pieces.
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/driver/qmp.h"
#include "lib/t/tap.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 22}, "         \
	"\"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define READY "{\"return\": {}, \"id\": 1}\r\n"

static struct qmp q;
static int peer;
static char words[256];
static struct text error;
static unsigned int events;
static char last_event[64];

static void on_event(void *context, const char *event, const json_t *data)
{
	const char *reason = json_string_value(json_object_get(data, "reason"));

	ck_assert_ptr_eq(context, &events);
	events++;
	snprintf(last_event, sizeof(last_event), "%s %s", event, reason ? reason : "-");
}

static void set_up(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	peer = ends[1];
	error = text_into(words, sizeof(words));
	qmp_open(&q, ends[0], on_event, &events);
	q.patience = 5;
}

static void tear_down(void)
{
	qmp_close(&q);
	if (peer >= 0)
		close(peer);
}

static void say(const char *line)
{
	ck_assert_int_eq(write(peer, line, strlen(line)), (ssize_t)strlen(line));
}

/* What the client said, all of it. */
static const char *heard(void)
{
	static char bytes[4096];
	ssize_t n = recv(peer, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	bytes[n > 0 ? n : 0] = '\0';
	return bytes;
}

static void hang_up(void)
{
	close(peer);
	peer = -1;
}

START_TEST(handshake_is_sent_before_the_greeting)
{
	ck_assert_str_eq(heard(), "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
}
END_TEST

START_TEST(version_comes_from_the_greeting)
{
	const json_t *version;

	say(GREETING READY);
	version = json_object_get(qmp_version(&q, &error), "qemu");
	ck_assert_int_eq(json_integer_value(json_object_get(version, "minor")), 2);
}
END_TEST

START_TEST(version_waits_for_the_machine)
{
	say(GREETING);
	hang_up();
	ck_assert_ptr_null(qmp_version(&q, &error));
	ck_assert_str_eq(words, "QEMU closed its monitor");
}
END_TEST

START_TEST(refused_handshake_is_told)
{
	say(GREETING "{\"error\": {\"desc\": \"not today\"}, \"id\": 1}\r\n");
	ck_assert_ptr_null(qmp_version(&q, &error));
	ck_assert_str_eq(words, "not today");
}
END_TEST

START_TEST(command_carries_arguments_and_gets_its_answer)
{
	json_t *reply = NULL;

	heard();
	say(GREETING READY "{\"return\": {\"status\": \"paused\"}, \"id\": 2}\r\n");
	ck_assert(qmp_command(&q, "query", json_pack("{s:s}", "path", "/machine"), &reply, &error));
	ck_assert_str_eq(json_string_value(json_object_get(reply, "status")), "paused");
	ck_assert_str_eq(heard(), "{\"execute\":\"query\",\"id\":2,"
				  "\"arguments\":{\"path\":\"/machine\"}}\n");
	ck_assert_str_eq(words, "");
	json_decref(reply);
}
END_TEST

START_TEST(error_names_the_command)
{
	say(GREETING READY "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such file\"}, "
			   "\"id\": 2}\r\n");
	ck_assert(!qmp_command(&q, "migrate", NULL, NULL, &error));
	ck_assert_str_eq(words, "migrate: no such file");
	error = text_into(words, sizeof(words));
	say("{\"id\": 3}\r\n");
	ck_assert(!qmp_command(&q, "stop", NULL, NULL, &error));
	ck_assert_str_eq(words, "stop: an answer without a result");
}
END_TEST

START_TEST(what_nobody_asked_for_is_ignored)
{
	json_t *reply = NULL;

	say(GREETING READY "[1, 2]\r\n{\"event\": 5}\r\n\r\n{\"return\": 7, \"id\": 9}\r\n{\"return\": 8}\r\n"
			   "{\"return\": 5, \"id\": \"2\"}\r\n{\"return\": 3, \"id\": 2}\r\n");
	ck_assert(qmp_command(&q, "query", NULL, &reply, &error));
	ck_assert_int_eq(json_integer_value(reply), 3);
	json_decref(reply);
}
END_TEST

START_TEST(events_come_in_the_middle_of_a_command)
{
	say(GREETING READY "{\"event\": \"STOP\"}\r\n"
			   "{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-reset\"}}\r\n"
			   "{\"return\": {}, \"id\": 2}\r\n");
	ck_assert(qmp_command(&q, "stop", NULL, NULL, &error));
	ck_assert_uint_eq(events, 2);
	ck_assert_str_eq(last_event, "SHUTDOWN guest-reset");
}
END_TEST

START_TEST(last_words_are_heard_when_the_peer_hangs_up)
{
	say(GREETING READY "{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-reset\"}}\r\n");
	hang_up();
	ck_assert(!qmp_command(&q, "cont", NULL, NULL, &error));
	ck_assert_str_eq(words, "cont: QEMU closed its monitor");
	ck_assert_str_eq(last_event, "SHUTDOWN guest-reset");
	ck_assert(q.ended);
	ck_assert(!qmp_service(&q, 1));
}
END_TEST

START_TEST(silence_ends_at_the_patience)
{
	json_t *reply = NULL;

	say(GREETING READY);
	q.patience = 0.05;
	ck_assert(!qmp_command(&q, "slow", NULL, NULL, &error));
	ck_assert_ptr_nonnull(strstr(words, "slow: no answer within"));
	/* A late answer is not the next command's. */
	say("{\"return\": \"late\", \"id\": 2}\r\n{\"return\": \"mine\", \"id\": 3}\r\n");
	ck_assert(qmp_command(&q, "query", NULL, &reply, &error));
	ck_assert_str_eq(json_string_value(reply), "mine");
	json_decref(reply);
}
END_TEST

START_TEST(a_peer_that_speaks_no_json_is_left)
{
	say("SSH-2.0-OpenSSH_9.2\r\n");
	ck_assert_ptr_null(qmp_version(&q, &error));
	ck_assert(q.ended);
}
END_TEST

START_TEST(service_waits_only_if_asked)
{
	ck_assert(!qmp_service(&q, 0));
	say("{\"event\": \"RESUME\"}\r\n");
	ck_assert(qmp_service(&q, 0));
	ck_assert_uint_eq(events, 1);
}
END_TEST

static void *say_in_pieces(void *line)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000 };

	for (const char *p = line; *p; p++) {
		ck_assert_int_eq(write(peer, p, 1), 1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

START_TEST(lines_may_come_in_pieces)
{
	static char line[] = GREETING READY "{\"event\": \"STOP\"}\r\n{\"return\": 4, \"id\": 2}\r\n";
	json_t *reply = NULL;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, say_in_pieces, line), 0);
	ck_assert(qmp_command(&q, "query", NULL, &reply, &error));
	ck_assert_int_eq(json_integer_value(reply), 4);
	ck_assert_uint_eq(events, 1);
	pthread_join(thread, NULL);
	json_decref(reply);
}
END_TEST

static void *say_without_end(void *unused)
{
	static char blanks[65536];

	memset(blanks, ' ', sizeof(blanks));
	while (send(peer, blanks, sizeof(blanks), MSG_NOSIGNAL) > 0)
		;
	return unused;
}

START_TEST(a_line_without_end_is_no_qmp)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, say_without_end, NULL), 0);
	ck_assert_ptr_null(qmp_version(&q, &error));
	ck_assert(q.ended);
	qmp_close(&q);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(descriptors_travel_with_their_command)
{
	char bytes[512], control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int sent = memfd_create("sent", 0), got;
	struct stat a, b;

	heard();
	say(GREETING READY "{\"return\": {}, \"id\": 2}\r\n");
	ck_assert(qmp_command_with_fd(&q, "getfd", json_pack("{s:s}", "fdname", "state"), sent,
				      &error));
	ck_assert_int_gt(recvmsg(peer, &m, 0), 0);
	ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&m));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	ck_assert_int_eq(fstat(sent, &a), 0);
	ck_assert_int_eq(fstat(got, &b), 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	close(got);
	close(sent);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		handshake_is_sent_before_the_greeting, version_comes_from_the_greeting,
		version_waits_for_the_machine, refused_handshake_is_told,
		command_carries_arguments_and_gets_its_answer, error_names_the_command,
		what_nobody_asked_for_is_ignored,
		events_come_in_the_middle_of_a_command, last_words_are_heard_when_the_peer_hangs_up,
		silence_ends_at_the_patience,
		a_peer_that_speaks_no_json_is_left,
		service_waits_only_if_asked, lines_may_come_in_pieces,
		a_line_without_end_is_no_qmp, descriptors_travel_with_their_command,
	};
	Suite *suite = suite_create("qmp");
	TCase *talk = tcase_create("qmp");

	tcase_add_checked_fixture(talk, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(talk, tests[i]);
	suite_add_tcase(suite, talk);
	return tap_run(suite);
}
