/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small synchronous QMP client (QEMU's docs/interop/qmp-spec.txt) on one
 * connected Unix socket: one command at a time, events handed out as they come.
 *
 * The handshake costs nobody time: qmp_open() sends qmp_capabilities before the
 * greeting is there, and the answers are read when somebody first reads.
 */
#ifndef ASSAY_QMP_H
#define ASSAY_QMP_H

#include <jansson.h>

#include "lib/base.h"
#include "lib/text.h"

/* Called for each event, also in the middle of a command; data may be NULL. */
typedef void qmp_event_handler(void *context, const char *event, const json_t *data);

struct qmp {
	int fd;
	double patience; /* seconds to wait for an answer */
	qmp_event_handler *handler;
	void *context;

	/* The rest is the client's own. */
	bool ended; /* end of file, or the peer does not speak QMP */
	json_int_t last_id;
	json_t *greeting;
	json_t *answer; /* to command last_id */
	char *input;
	size_t length;
	size_t capacity;
};

/* Take fd over and start the handshake. */
void qmp_open(struct qmp *q, int fd, qmp_event_handler *handler, void *context);
void qmp_close(struct qmp *q);

/*
 * Wait for the end of the handshake and give the greeting's member "version";
 * NULL with words in error if it fails.  QEMU greets before it has made its
 * machine, but answers only afterwards: then the machine stands.
 */
const json_t *qmp_version(struct qmp *q, struct text *error);

/*
 * Perform a command and wait for its answer.  arguments (NULL for none) are
 * given away.  On success *reply, if wanted, is the caller's reference to the
 * member "return".  On failure error says "NAME: why".
 */
bool qmp_command(struct qmp *q, const char *name, json_t *arguments, json_t **reply,
		 struct text *error);

/* The same, and the peer receives a descriptor with it; fd stays the caller's. */
bool qmp_command_with_fd(struct qmp *q, const char *name, json_t *arguments, int fd,
			 struct text *error);

/* A line of the human monitor; *output is to be freed. */
bool qmp_human(struct qmp *q, const char *line, char **output, struct text *error);

/*
 * Wait up to so many seconds (0: do not wait) for the peer to say something
 * and handle all that is there.  False if nothing came, or at the end.
 */
bool qmp_service(struct qmp *q, double seconds);

#endif
