/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver drives one host: it makes VMs, runs a payload in them and performs
 * the actions that the payload names.  What differs between hosts is a struct
 * host_ops, one source file a host; the loop that serves requests and syncs
 * (serve.c), the stream (stream.c) and the image reader (image.c) stand once.
 *
 * Nothing here depends on more than libc: the KVM driver is one static binary.
 */
#ifndef ASSAY_DRIVER_H
#define ASSAY_DRIVER_H

#include "lib/base.h"
#include "lib/sync.h"
#include "lib/text.h"
#include "lib/wire.h"

#include "harness/driver/image.h"

/* Guest memory, from guest-physical address 0. */
#define GUEST_MEMORY_DEFAULT_MIB 64

/* A host's option: written NAME=VALUE in a target. */
struct host_option {
	const char *name;
	const char *values;  /* for help and checking: "kernel|split|none", or "NUMBER", "TEXT" */
	const char *initial; /* the value if none is given */
	const char *meaning;
	const char *value;   /* set by option_set() */
};

/* What waiting for the guest came to. */
enum wait_result {
	WAIT_MESSAGE, /* a message is there */
	WAIT_DIED,    /* the guest or its VM is gone; reason says how, in words */
	WAIT_TIMEOUT, /* no progress until the deadline */
	WAIT_BROKEN,  /* the driver itself cannot go on: our fault or the machine's */
};

#define REASON_MAX 512

/* One VM. Hosts embed it as the first member of their own. */
struct vm {
	const struct image *image;
	unsigned int cpus;      /* how many vCPUs it has */
	double deadline;        /* seconds without a message from the guest */
	char reason[REASON_MAX]; /* for every result of wait() but WAIT_MESSAGE */
};

struct host_ops {
	const char *name;
	struct host_option *options; /* ends with a NULL name */
	/* "test": a fresh VM for each; "image": one VM while its tests pass.  NULL means image. */
	const char *isolation;

	/*
	 * Look at the machine: can this host run here with its options?  Sets
	 * *actions to what it can do, probed and not assumed, *subject to a
	 * static text, and adds facts by stream_fact().  On failure returns
	 * false and says the missing fact in missing.  The image is what will
	 * be run, for hosts that best probe by booting it; NULL with --probe.
	 */
	bool (*probe)(const struct image *image, u64 *actions, const char **subject,
		      struct text *missing);

	/* Can a VM have more than one vCPU, up to CPUS_MAX?  Asked after probe(); says why not. */
	bool (*many_cpus)(struct text *missing);

	/*
	 * A fresh VM of so many vCPUs with the image loaded, not yet run.  NULL and a
	 * reason if impossible.
	 */
	struct vm *(*start)(const struct image *image, unsigned int cpus, struct text *reason);

	/* Run the guest until it sends a message.  Fills *m, or vm->reason. */
	enum wait_result (*wait)(struct vm *vm, struct message *m);

	/* Answer the message that wait() gave; the guest goes on with the next wait(). */
	bool (*reply)(struct vm *vm, const struct message *m);

	/*
	 * The faults this host can play for Assay's own tests, beside those of
	 * sabotage.h that need no host; ends with a NULL name; NULL if none.
	 */
	const struct sabotage *sabotages;

	/*
	 * Perform one action on the stopped guest.  arguments are its words of
	 * struct sync; *value is returned to the guest; detail says in words
	 * what went wrong.  A NULL entry is an action the host does not have.
	 */
	enum sync_status (*act[SYNC_COUNT])(struct vm *vm, const u64 *arguments, u64 *value,
					    struct text *detail);

	/*
	 * Asked after an action failed: was the VM killed from outside, so that
	 * the failure is nobody's?  vm->reason then says how.  NULL: it cannot be.
	 */
	bool (*killed)(struct vm *vm);

	/* Nothing of the VM is left afterwards, whatever state it was in. */
	void (*stop)(struct vm *vm);
};

/* A named fault of a driver (sabotage.h). */
struct sabotage {
	const char *name;
	const char *meaning;
};

/* The value of an option of this host; never NULL. */
const char *option_get(const struct host_ops *ops, const char *name);
bool option_is(const struct host_ops *ops, const char *name, const char *value);

/* Is this fault being played?  Off unless the option sabotage=NAME was given. */
bool sabotaged(const char *name);

/* Set "NAME=VALUE" after checking it.  On failure returns false and says why in error. */
bool option_set(const struct host_ops *ops, const char *text, struct text *error);
/* All options, the common ones too: call with index 0, 1, ... until NULL. */
const struct host_option *option_at(const struct host_ops *ops, unsigned int index);

/* The main() of every driver. */
int driver_main(const struct host_ops *ops, int argc, char **argv);

/* Seconds of the monotonic clock. */
double seconds_now(void);

#endif
