// SPDX-License-Identifier: GPL-2.0-only
/* Messages over a descriptor that stands for a guest's serial port; see wire-input.h. */
#include "harness/driver/wire-input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

bool wire_next(struct wire_input *in, struct message *m)
{
	enum wire_result result = WIRE_SHORT;
	size_t at = 0, used;

	while (at < in->length) {
		result = wire_decode(m, in->bytes + at, in->length - at, &used);
		if (result == WIRE_SHORT)
			break;
		if (result == WIRE_BAD)
			console_add(&in->text, (const char *)in->bytes + at, used);
		at += used;
		if (result == WIRE_OK)
			break;
	}
	in->length -= at;
	memmove(in->bytes, in->bytes + at, in->length);
	return result == WIRE_OK;
}

ssize_t wire_read(struct wire_input *in, int fd)
{
	ssize_t n = read(fd, in->bytes + in->length, sizeof(in->bytes) - in->length);

	if (n > 0)
		in->length += (size_t)n;
	return n < 0 && errno != EAGAIN && errno != EINTR ? 0 : n;
}

bool wire_write(int fd, const struct message *m)
{
	u8 bytes[WIRE_BYTES_MAX];
	size_t length = wire_encode(m, bytes), sent = 0;

	while (sent < length) {
		struct pollfd room = { .fd = fd, .events = POLLOUT };
		ssize_t n = write(fd, bytes + sent, length - sent);

		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
			poll(&room, 1, -1);
		else if (errno != EINTR)
			return false;
	}
	return true;
}
