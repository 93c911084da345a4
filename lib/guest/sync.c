// SPDX-License-Identifier: GPL-2.0-only
/* The guest's side of a sync. */
#include "lib/guest/run.h"

static struct sync_reply reply;

const struct sync_reply *sync_perform(const struct sync *request)
{
	message_put_sync(&outgoing, request);
	wire_call(&outgoing, &incoming);
	if (!message_get_reply(&incoming, &reply))
		test_error("the host's reply to a sync is malformed");
	run.last_heartbeat = machine_ticks();
	return &reply;
}

/* Whose fault a failed action is decides the verdict. */
static void judge(const struct sync *request, unsigned int bit)
{
	const struct expectation e = {
		.file = run.test->file,
		.line = (u32)run.test->line,
		.expression = sync_action[bit].name,
	};
	char got[SYNC_DETAIL_MAX + 64];
	struct text t = text_into(got, sizeof(got));

	text_add(&t, "%s%s%s", sync_status_text[reply.status[bit]],
		 reply.detail[0] ? ": " : "", reply.detail);
	switch (reply.status[bit]) {
	case SYNC_OK:
	case SYNC_DEFERRED:
		return;
	case SYNC_UNSUPPORTED:
		/* Declared: the host has it, but not for these arguments.  Else added from outside. */
		if (request->actions & ~run.test->actions & BIT(bit))
			test_error("%s is not in the test's ACTIONS: %s", sync_action[bit].name,
				   got);
		skip("the host cannot %s: %s", sync_action[bit].name, reply.detail);
	case SYNC_REFUSED:
		test_error("%s: %s", sync_action[bit].name, got);
	default:
		expect_failed(&e, "done", got);
		test_abandon();
	}
}

const struct sync_reply *sync_judged(const struct sync *request)
{
	sync_perform(request);
	for (unsigned int bit = 0; bit < SYNC_COUNT; bit++)
		if (reply.actions & BIT(bit))
			judge(request, bit);
	return &reply;
}

u64 sync_value(const struct sync_reply *r, u64 action)
{
	return r->value[__builtin_ctzll(action)];
}
