// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages over the guest's serial port, and how long to wait for one.  The
 * deadline follows progress: a Bochs that got no processor time is not blamed
 * for its silence.
 */
#include "harness/driver/bochs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
	DEADLINES_MAX = 6, /* however busy the machine is, silence ends after so many */
	EXIT_MILLISECONDS = 5000,
};

/* Wait for the guest's bytes or Bochs' words, and take the words in. */
static void wait_for_anything(struct vm_bochs *b, double seconds)
{
	struct pollfd on[] = {
		{ .fd = b->errors, .events = POLLIN },
		{ .fd = b->wire, .events = POLLIN },
		{ .fd = b->pidfd, .events = POLLIN },
	};

	poll(on, ARRAY_SIZE(on), (int)(seconds * 1e3) + 1);
	if (on[0].revents)
		console_read(&b->console, &b->errors);
}

static enum wait_result died(struct vm_bochs *b)
{
	console_flush(&b->input.text);
	if (bochs_process_ended(b, EXIT_MILLISECONDS))
		return b->killed ? WAIT_BROKEN : WAIT_DIED;
	snprintf(b->vm.reason, sizeof(b->vm.reason),
		 "Bochs closed the guest's serial port, but does not exit");
	return WAIT_BROKEN;
}

enum wait_result bochs_wait(struct vm *vm, struct message *m)
{
	struct vm_bochs *b = (struct vm_bochs *)vm;
	double slice = MIN(1.0, vm->deadline / 4);
	double since = seconds_now(), cpu_since = bochs_cpu_seconds(b);

	for (;;) {
		double silent, worked;

		if (wire_next(&b->input, m)) {
			bochs_forget_folder(b);
			return WAIT_MESSAGE;
		}
		if (wire_read(&b->input, b->wire) > 0)
			continue;
		/* Its last bytes were read before. */
		if (bochs_process_ended(b, 0))
			return died(b);
		wait_for_anything(b, slice);
		silent = seconds_now() - since;
		worked = bochs_cpu_seconds(b) - cpu_since;
		if (silent < vm->deadline ||
		    (silent < DEADLINES_MAX * vm->deadline && worked < vm->deadline))
			continue;
		snprintf(vm->reason, sizeof(vm->reason),
			 "no message for %.1f s (%.1f s of processor time)", silent, worked);
		return WAIT_TIMEOUT;
	}
}

/* A Bochs that is gone takes no answer; the next wait() says how it died. */
bool bochs_reply(struct vm *vm, const struct message *m)
{
	struct vm_bochs *b = (struct vm_bochs *)vm;

	if (wire_write(b->wire, m) || errno == EPIPE || errno == EIO)
		return true;
	snprintf(vm->reason, sizeof(vm->reason), "cannot write to the guest's serial port: %s",
		 strerror(errno));
	return false;
}
