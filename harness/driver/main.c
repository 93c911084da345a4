// SPDX-License-Identifier: GPL-2.0-only
/* The process of a driver: options, the `host` line, then requests until there are no more. */
#include "harness/driver/init.h"
#include "harness/driver/sabotage.h"
#include "harness/driver/session.h"
#include "harness/driver/stream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_CANNOT_RUN = 3 };

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void send_host(const struct host_ops *ops, u64 actions, const char *subject,
		      const char *missing)
{
	const struct host_option *o;
	const struct sabotage *fault;

	stream_begin("host");
	stream_number("version", 1);
	stream_string("host", ops->name);
	stream_string("subject", subject);
	stream_object("options");
	for (unsigned int i = 0; (o = option_at(ops, i)); i++)
		stream_string(o->name, o->value ? o->value : o->initial);
	stream_object_end();
	stream_object("option_values");
	for (unsigned int i = 0; (o = option_at(ops, i)); i++)
		stream_string(o->name, o->values);
	stream_object_end();
	stream_array("actions");
	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (actions & BIT(i))
			stream_element(sync_action[i].name);
	stream_array_end();
	stream_object("sabotage");
	for (unsigned int i = 0; (fault = sabotage_at(ops, i)); i++)
		stream_string(fault->name, fault->meaning);
	stream_object_end();
	stream_facts();
	if (*missing)
		stream_string("missing", missing);
	stream_send();
}

static int usage(const struct host_ops *ops)
{
	fprintf(stderr,
		"usage: assay-driver-%s IMAGE [option=value]...\n"
		"       assay-driver-%s --probe [option=value]...\n",
		ops->name, ops->name);
	return EXIT_USAGE;
}

/* A host's signals end a read, not the stream. */
static bool read_line(char *line, int size)
{
	for (;;) {
		errno = 0;
		if (fgets(line, size, stdin))
			return true;
		if (errno != EINTR)
			return false;
		clearerr(stdin);
	}
}

int driver_main(const struct host_ops *ops, int argc, char **argv)
{
	char error[512], missing[512], line[2048];
	struct text why = text_into(error, sizeof(error));
	struct text lack = text_into(missing, sizeof(missing));
	struct server server = { .ops = ops };
	const char *subject = "";
	bool probe_only;

	if (getpid() == 1)
		init_main(ops);
	/* If the command dies, nobody reads us any more. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return usage(ops);
	probe_only = !strcmp(argv[1], "--probe");
	for (int i = 2; i < argc; i++) {
		if (option_set(ops, argv[i], &why))
			continue;
		fprintf(stderr, "assay-driver-%s: %s\n", ops->name, error);
		return EXIT_USAGE;
	}
	if (!probe_only && !image_open(&server.image, argv[1], error, sizeof(error))) {
		fprintf(stderr, "assay-driver-%s: %s\n", ops->name, error);
		return EXIT_USAGE;
	}
	if (!ops->probe(probe_only ? NULL : &server.image, &server.actions, &subject, &lack)) {
		send_host(ops, 0, subject, missing);
		return EXIT_CANNOT_RUN;
	}
	send_host(ops, server.actions, subject, "");
	while (!probe_only && read_line(line, sizeof(line))) {
		if (!serve_request(&server, line)) {
			serve_stop(&server);
			return EXIT_USAGE;
		}
	}
	serve_stop(&server);
	stream_begin("end");
	stream_send();
	return EXIT_SUCCESS;
}
