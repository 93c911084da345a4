// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wire reader gets any bytes: it must end, and what it accepts must encode
 * again.
 */
#include "lib/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	static struct message m;
	u8 again[WIRE_BYTES_MAX];
	struct sync_reply reply;
	struct wire_run run;
	struct sync sync;
	size_t used;

	while (size) {
		switch (wire_decode(&m, bytes, size, &used)) {
		case WIRE_SHORT:
			return 0;
		case WIRE_BAD:
			if (!used || used > size)
				abort();
			break;
		case WIRE_OK:
			/* Zero words at the end are not sent again, so it can only be shorter. */
			if (wire_encode(&m, again) > used)
				abort();
			for (unsigned int i = 0; i <= WIRE_STRINGS_MAX; i++)
				if (strlen(message_get_string(&m, i)) >= WIRE_TEXT_MAX)
					abort();
			if (m.type == WIRE_SYNC)
				message_get_sync(&m, &sync);
			message_get_reply(&m, &reply);
			message_get_run(&m, &run);
		}
		bytes += used;
		size -= used;
	}
	return 0;
}
