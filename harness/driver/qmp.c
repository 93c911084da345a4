// SPDX-License-Identifier: GPL-2.0-only
/* A small synchronous QMP client; see qmp.h. */
#include "harness/driver/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Longer lines than any answer that we ask for: the peer is not QEMU. */
#define LINE_MAX_BYTES (8u << 20)
#define PATIENCE_DEFAULT 60.0

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One line, with a descriptor beside it unless fd is negative. */
static bool send_line(struct qmp *q, const char *line, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	size_t left = strlen(line);

	while (left) {
		struct iovec part = { .iov_base = (char *)line, .iov_len = left };
		struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t n;

		if (fd >= 0) {
			m.msg_control = control.bytes;
			m.msg_controllen = sizeof(control.bytes);
			control.header.cmsg_level = SOL_SOCKET;
			control.header.cmsg_type = SCM_RIGHTS;
			control.header.cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
		}
		n = sendmsg(q->fd, &m, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		fd = -1;
		line += n;
		left -= (size_t)n;
	}
	return true;
}

static bool send_command(struct qmp *q, const char *name, json_t *arguments, int fd)
{
	json_t *command = json_pack("{s:s, s:I}", "execute", name, "id", ++q->last_id);
	char *text, *line;
	bool sent;

	if (arguments)
		json_object_set_new(command, "arguments", arguments);
	text = json_dumps(command, JSON_COMPACT);
	json_decref(command);
	if (!text || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	sent = line && send_line(q, line, fd);
	free(line);
	return sent;
}

static void handle_line(struct qmp *q, const char *line, size_t length)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	const char *event = json_string_value(json_object_get(object, "event"));
	json_t *greeting = json_object_get(object, "QMP");

	if (!object) {
		q->ended = true;
	} else if (event) {
		if (q->handler)
			q->handler(q->context, event, json_object_get(object, "data"));
	} else if (greeting) {
		json_decref(q->greeting);
		q->greeting = json_incref(greeting);
	} else if (json_integer_value(json_object_get(object, "id")) == q->last_id) {
		json_decref(q->answer);
		q->answer = json_incref(object);
	}
	/* The rest answers commands that nobody waits for any more. */
	json_decref(object);
}

static void handle_input(struct qmp *q)
{
	char *line = q->input, *end;

	while (!q->ended &&
	       (end = memchr(line, '\n', q->length - (size_t)(line - q->input)))) {
		if (end - line > 1)
			handle_line(q, line, (size_t)(end - line));
		line = end + 1;
	}
	q->length -= (size_t)(line - q->input);
	memmove(q->input, line, q->length);
}

/* Read once; false if nothing is there or never will be. */
static bool receive(struct qmp *q)
{
	ssize_t n;

	if (q->ended)
		return false;
	if (q->capacity - q->length < 4096) {
		size_t capacity = q->capacity ? 2 * q->capacity : 16384;
		char *input = capacity <= LINE_MAX_BYTES ? realloc(q->input, capacity) : NULL;

		if (!input) {
			q->ended = true;
			return false;
		}
		q->input = input;
		q->capacity = capacity;
	}
	do {
		n = recv(q->fd, q->input + q->length, q->capacity - q->length, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		q->ended = true;
		return false;
	}
	q->length += (size_t)n;
	handle_input(q);
	return true;
}

bool qmp_service(struct qmp *q, double seconds)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	bool any = false;

	while (receive(q))
		any = true;
	if (any || q->ended || seconds <= 0)
		return any;
	/* Rounded up: a wait shorter than a millisecond must not spin. */
	if (poll(&p, 1, (int)(seconds * 1e3) + 1) <= 0)
		return false;
	while (receive(q))
		any = true;
	return any;
}

void qmp_open(struct qmp *q, int fd, qmp_event_handler *handler, void *context)
{
	*q = (struct qmp){
		.fd = fd, .patience = PATIENCE_DEFAULT, .handler = handler, .context = context,
	};
	if (!send_command(q, "qmp_capabilities", NULL, -1))
		q->ended = true;
}

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	json_decref(q->greeting);
	json_decref(q->answer);
	free(q->input);
	*q = (struct qmp){ .fd = -1, .ended = true };
}

/* Wait until *place is filled. */
static bool wait_for(struct qmp *q, json_t *const *place, struct text *error)
{
	double end = now() + q->patience;

	while (!*place) {
		double left = end - now();

		if (q->ended) {
			text_add(error, "QEMU closed its monitor");
			return false;
		}
		if (left <= 0) {
			text_add(error, "no answer within %u s", (unsigned int)q->patience);
			return false;
		}
		qmp_service(q, left);
	}
	return true;
}

/* The answer's member "return", or NULL with the peer's words in error. */
static json_t *wait_for_result(struct qmp *q, struct text *error)
{
	json_t *returned, *why;

	if (!wait_for(q, &q->answer, error))
		return NULL;
	returned = json_object_get(q->answer, "return");
	why = json_object_get(json_object_get(q->answer, "error"), "desc");
	if (!returned)
		text_add(error, "%s",
			 why ? json_string_value(why) : "an answer without a result");
	return returned;
}

const json_t *qmp_version(struct qmp *q, struct text *error)
{
	/* The first command was qmp_capabilities. */
	if (!wait_for(q, &q->greeting, error) || (q->last_id == 1 && !wait_for_result(q, error)))
		return NULL;
	return json_object_get(q->greeting, "version");
}

static bool perform(struct qmp *q, const char *name, json_t *arguments, int fd, json_t **reply,
		    struct text *error)
{
	json_t *returned;

	json_decref(q->answer);
	q->answer = NULL;
	/* What was said before the peer went away is still worth reading. */
	if (!send_command(q, name, arguments, fd))
		while (receive(q))
			;
	text_add(error, "%s: ", name);
	returned = wait_for_result(q, error);
	if (returned && reply)
		*reply = json_incref(returned);
	return returned != NULL;
}

/* Success leaves no words behind. */
static bool perform_silently(struct qmp *q, const char *name, json_t *arguments, int fd,
			     json_t **reply, struct text *error)
{
	char words[256];
	struct text attempt = text_into(words, sizeof(words));
	bool done = perform(q, name, arguments, fd, reply, &attempt);

	if (!done && error)
		text_add(error, "%s", words);
	return done;
}

bool qmp_command(struct qmp *q, const char *name, json_t *arguments, json_t **reply,
		 struct text *error)
{
	return perform_silently(q, name, arguments, -1, reply, error);
}

bool qmp_command_with_fd(struct qmp *q, const char *name, json_t *arguments, int fd,
			 struct text *error)
{
	return perform_silently(q, name, arguments, fd, NULL, error);
}

bool qmp_human(struct qmp *q, const char *line, char **output, struct text *error)
{
	json_t *reply;

	if (!qmp_command(q, "human-monitor-command", json_pack("{s:s}", "command-line", line),
			 &reply, error))
		return false;
	*output = strdup(json_string_value(reply) ? json_string_value(reply) : "");
	json_decref(reply);
	return *output != NULL;
}
