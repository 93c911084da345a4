/* SPDX-License-Identifier: GPL-2.0-only */
/* Between assay and the driver in a lab: requests in, the stream out. */
#ifndef ASSAY_RELAY_H
#define ASSAY_RELAY_H

#include "harness/lab/console.h"
#include "harness/lab/l1.h"

struct relay {
	struct lab *lab;
	const char *image; /* "/images/paging", or "--probe" */
	int state; /* descriptor of the saved machine */
	struct l1 l1;
	bool running; /* a driver runs in there and has said its host line */
	json_t *host; /* that line */
	json_int_t doubted; /* the test whose end was last put down to the lab; 0: none */
	unsigned int doubts; /* and how often */
};

/* Say the host line: with the driver's own words, or with why there are none. */
bool relay_host(struct relay *r);

/* Serve one request line. */
void relay_request(struct relay *r, const char *request);

void relay_stop(struct relay *r);

/* A restored machine with a driver in it, r->host being what that said.  False: why there is none. */
bool relay_have_driver(struct relay *r, char *why, size_t size);
void relay_stop_machine(struct relay *r);

/* The word of a line's member "event"; "" if it has none. */
const char *relay_event(const json_t *json);

/*
 * relay-doubt.c: whether this end of a test is put down to the lab.  It is so some times
 * in a row, and then no more.
 */
bool relay_doubts_stall(struct relay *r, json_int_t test, const struct console_scan *scan);
bool relay_doubts_shadow(struct relay *r, json_int_t test, const json_t *verdict);

/* An event of the lab's own: infrastructure that failed. */
void relay_trouble(const char *what);

#endif
