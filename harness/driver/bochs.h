/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver for Bochs: what its files share.
 *
 * One Bochs process is one VM.  The payload's disk image boots by our own boot
 * sector and talks through the first 16550, which Bochs connects to a terminal
 * of ours.  Bochs has no monitor that a program could use, so there is no action
 * but those that need none.
 *
 *	bochs.c          options, probing, the struct host_ops
 *	bochs-process.c  a process: its folder and configuration, its end in words
 *	bochs-wire.c     messages, and the deadline that follows progress
 */
#ifndef ASSAY_BOCHS_H
#define ASSAY_BOCHS_H

#include <sys/types.h>
#include <time.h>

#include "harness/driver/driver.h"
#include "harness/driver/wire-input.h"

extern const struct host_ops bochs_ops;

struct vm_bochs {
	struct vm vm;
	pid_t pid; /* 0: it has ended */
	int pidfd;
	clockid_t cpu_clock; /* of all its threads */
	int wire; /* our side of the terminal */
	int slave; /* the other: open here too, so that the wire does not end before Bochs has it */
	int errors; /* what Bochs prints; -1 after its end */
	bool killed; /* by a signal from outside, which is not the subject's fault */
	char folder
		[64]; /* its own, until it runs: configuration and what else it leaves; else "" */
	struct wire_input input;
	struct console console;
};

/* The path of the executable, by the options; *path is sized REASON_MAX.  False: none is there. */
bool bochs_path(char *path, struct text *missing);

struct vm_bochs *bochs_process_start(const struct image *image, struct text *reason);
/* Kill it, whatever it does, and free it. */
void bochs_process_stop(struct vm_bochs *b);
/* Remove its folder, once it has opened what is there. */
void bochs_forget_folder(struct vm_bochs *b);
/* Has it ended, or will it within some seconds?  Then reap it and say how in vm.reason. */
bool bochs_process_ended(struct vm_bochs *b, int milliseconds);
double bochs_cpu_seconds(const struct vm_bochs *b);

enum wait_result bochs_wait(struct vm *vm, struct message *m);
bool bochs_reply(struct vm *vm, const struct message *m);

#endif
