// SPDX-License-Identifier: GPL-2.0-only
/* Performs the actions of a sync, in the table's order, and answers the guest. */
#include "harness/driver/sabotage.h"
#include "harness/driver/session.h"
#include "harness/driver/stream.h"

#include <stdio.h>

static void send_sync(const struct session *s, u64 actions, const struct sync_reply *reply)
{
	enum sync_status worst = SYNC_OK;
	char names[256];

	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (reply->actions & BIT(i) && reply->status[i] != SYNC_OK && worst == SYNC_OK)
			worst = reply->status[i];
	session_event(s, "sync");
	stream_string("actions", sync_format(actions, names, sizeof(names)));
	stream_string("status", sync_status_text[worst]);
	stream_string("detail", reply->detail);
	stream_send();
}

static void perform_one(struct server *server, unsigned int bit, struct sync *sync,
			struct sync_reply *reply)
{
	char text[SYNC_DETAIL_MAX];
	struct text detail = text_into(text, sizeof(text));
	u64 *arguments = (u64 *)((char *)sync + sync_action[bit].offset);
	enum sync_status status = SYNC_UNSUPPORTED;
	u64 value = 0;

	if (!(server->actions & BIT(bit)))
		text_add(&detail, "host %s has no %s", server->ops->name, sync_action[bit].name);
	else if (!sabotage_action(server->ops, server->vm, bit, arguments, &value, &detail, &status))
		status = server->ops->act[bit](server->vm, arguments, &value, &detail);
	reply->status[bit] = (u8)status;
	reply->value[bit] = value;
	if (status != SYNC_OK && !reply->detail[0])
		snprintf(reply->detail, sizeof(reply->detail), "%s", text);
}

/* In the order of the table; after one that failed the rest is not tried. */
static void perform(struct server *server, struct sync *sync, u64 actions,
		    struct sync_reply *reply)
{
	sabotage_at_sync(server->ops, server->vm);
	*reply = (struct sync_reply){ .actions = actions };
	for (unsigned int bit = 0; bit < SYNC_COUNT; bit++) {
		reply->status[bit] = SYNC_NOT_REQUESTED;
		if (!(actions & BIT(bit)))
			continue;
		perform_one(server, bit, sync, reply);
		if (reply->status[bit] != SYNC_OK) {
			reply->actions = actions & (BIT(bit + 1) - 1);
			return;
		}
		server->vm_altered |= BIT(bit) & SYNC_ALTERS_VM;
	}
}

/* An action that failed because somebody killed the VM says nothing of the subject. */
static bool vm_killed(const struct server *server, u64 actions, const struct sync_reply *reply)
{
	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (actions & reply->actions & BIT(i) && reply->status[i] == SYNC_FAILED)
			return server->ops->killed && server->ops->killed(server->vm);
	return false;
}

static bool succeeded(const struct sync_reply *reply, unsigned int bit)
{
	return reply->actions & BIT(bit) && reply->status[bit] == SYNC_OK;
}

/* After these the payload may say HELLO again. */
static void note_resets(struct session *s, const struct sync_reply *reply)
{
	s->shutdown_expected = succeeded(reply, SYNC_BIT_EXPECT_SHUTDOWN);
	s->reset_asked = s->shutdown_expected || succeeded(reply, SYNC_BIT_RESET);
}

/* The guest has its answer and goes on; what it asked for happens when it has halted. */
static bool perform_deferred(struct session *s, struct message *message, struct sync *sync,
			     u64 actions)
{
	struct server *server = s->server;
	struct sync_reply reply = { .actions = actions };

	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		reply.status[i] = actions & BIT(i) ? SYNC_DEFERRED : SYNC_NOT_REQUESTED;
	message_put_reply(message, &reply);
	if (!server->ops->reply(server->vm, message))
		return false;
	perform(server, sync, actions, &reply);
	send_sync(s, actions, &reply);
	note_resets(s, &reply);
	if (vm_killed(server, actions, &reply))
		return false;
	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (reply.actions & BIT(i) && reply.status[i] != SYNC_OK)
			snprintf(s->broken, sizeof(s->broken), "%s: %s: %s", sync_action[i].name,
				 sync_status_text[reply.status[i]], reply.detail);
	return true;
}

bool serve_sync(struct session *s, struct message *message)
{
	struct server *server = s->server;
	struct sync_reply reply;
	struct sync sync;
	u64 actions;

	if (!message_get_sync(message, &sync))
		return false;
	actions = sync.actions | s->request.run.at_every_sync;
	if (actions & WAIT_HALTED)
		return perform_deferred(s, message, &sync, actions);
	perform(server, &sync, actions, &reply);
	send_sync(s, actions, &reply);
	if (vm_killed(server, actions, &reply))
		return false;
	note_resets(s, &reply);
	if (succeeded(&reply, SYNC_BIT_RESET))
		return true; /* nobody is there to read an answer; HELLO comes next */
	message_put_reply(message, &reply);
	return server->ops->reply(server->vm, message);
}
