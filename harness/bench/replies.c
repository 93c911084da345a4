// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes what a driver would answer to a payload that is to run its first test
 * and power off.  With these bytes on its serial port a payload runs in a bare
 * QEMU with nobody beside it, which is what `make bench` compares with.
 */
#include "lib/wire.h"

#include <stdio.h>

static void write_message(const struct message *m)
{
	u8 bytes[WIRE_BYTES_MAX];

	fwrite(bytes, 1, wire_encode(m, bytes), stdout);
}

int main(void)
{
	static const struct wire_run run = { .seed = 1, .shards = 1 };
	static struct message m;

	/* The UART may hold and lose some bytes before the payload sets it up. */
	fwrite((const char[256]){ 0 }, 1, 256, stdout);
	message_put_run(&m, &run, "");
	write_message(&m);
	message_start(&m, WIRE_EXIT);
	write_message(&m);
	return 0;
}
