/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's side of a serial port as an emulator hands it out: messages, and text between them. */
#ifndef ASSAY_WIRE_INPUT_H
#define ASSAY_WIRE_INPUT_H

#include <sys/types.h>

#include "harness/driver/console.h"
#include "lib/wire.h"

struct wire_input {
	u8 bytes[4 * WIRE_BYTES_MAX]; /* not yet a message */
	size_t length;
	struct console text; /* what came and was no message */
};

/* Take one message out of what has come. */
bool wire_next(struct wire_input *in, struct message *m);

/* Read once: bytes read, 0 at the end of the wire, negative if nothing is there. */
ssize_t wire_read(struct wire_input *in, int fd);

/* Write a message.  False with errno if that is impossible; EPIPE: nobody is there to read. */
bool wire_write(int fd, const struct message *m);

#endif
