/* SPDX-License-Identifier: GPL-2.0-only */
/* A target as its driver described it, and the driver process that serves it now. */
#ifndef ASSAY_HOST_H
#define ASSAY_HOST_H

#include "harness/assay/catalog.h"
#include "harness/assay/dialogue.h"
#include "harness/assay/target.h"

struct host {
	struct target target;
	enum arch arch; /* of the images that it can run */
	bool by_default; /* nobody asked for this target */
	char *driver; /* path */
	bool in_lab;
	char *carrier; /* path of what runs the driver at its place; NULL if that is here */
	const char *isolation; /* "image", "test", or NULL for the driver's own choice */
	json_t *line; /* its `host` event; NULL until it said one */
	u64 actions;
	struct strings options; /* all its options as it runs, "name=value" */
	struct dialogue dialogue;
	const struct area *area; /* of the image that the running driver serves */
	unsigned int infrastructure; /* failures before a payload's first word */
	struct strings troubles; /* each of them in words */
	unsigned int given_up; /* tests in a row that infrastructure alone ended */
};

/* What became of starting a driver. */
enum host_state {
	HOST_READY,
	HOST_MISSING, /* it cannot run here: host_missing() names the fact */
	HOST_REFUSED, /* reason: it does not accept its options */
	HOST_BROKEN, /* reason: it died, hung or wrote nonsense before its host line */
	HOST_INTERRUPTED,
};

/* Only places that there are, and hosts that have a driver; fills h->target and h->driver. */
bool host_init(struct host *h, const char *build, const char *target, struct problem *p);

/* Start the driver on an image (on --probe if area is NULL) and hear its host line. */
enum host_state host_start(struct host *h, const struct area *area, char *reason,
			   size_t reason_size);

/* "" where the driver has not said it. */
const char *host_subject(const struct host *h);
const char *host_missing(const struct host *h);

void host_trouble(struct host *h, const char *reason);
void host_free(struct host *h);

#endif
