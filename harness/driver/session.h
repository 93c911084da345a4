/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the serving loop share; hosts do not see it. */
#ifndef ASSAY_SESSION_H
#define ASSAY_SESSION_H

#include "harness/driver/driver.h"
#include "harness/driver/request.h"

struct server {
	const struct host_ops *ops;
	u64 actions; /* that the host can do */
	struct image image;
	struct vm *vm; /* parked with its last message unanswered, or NULL */
	u64 vm_altered; /* actions done in it that spoil it for other tests */
};

/* One test under way. */
struct session {
	struct server *server;
	struct request request;
	const struct image_test *test;
	double started;
	u64 checks;            /* failed expectations that were reported */
	u64 checks_at_reset;   /* of them, those before the last reset */
	u64 cases_failed;      /* before the last reset: a case that resets the machine is its last */
	double progressed;     /* when something came that was no repeated heartbeat */
	u64 beat;              /* the cases of the last heartbeat */
	bool hello;            /* the payload's first word came */
	bool reset_asked;       /* by RESET, or by a shutdown that was announced */
	bool shutdown_expected; /* EXPECT_SHUTDOWN was done, and nothing came since */
	char broken[REASON_MAX]; /* a deferred action that failed, or a shutdown that did not come */
};

/* Begin an event of this test on the stream. */
void session_event(const struct session *s, const char *event);

/* Perform the sync in *message and answer it.  False if the guest cannot go on. */
bool serve_sync(struct session *s, struct message *message);

/* The payload said HELLO again: had the test a reset coming?  Else vm->reason says it had not. */
bool reset_came(struct session *s);
/* Did a message of this type come in place of a shutdown?  Then s->broken says so. */
bool shutdown_missed(struct session *s, u32 type);

/* Serve one request line.  False if it is malformed: the stream cannot be trusted any more. */
bool serve_request(struct server *server, char *line);

/* Stop the VM that is parked, if there is one. */
void serve_stop(struct server *server);

#endif
