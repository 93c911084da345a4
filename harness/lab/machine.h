/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulated machines that boot a kernel under judgement. */
#ifndef ASSAY_MACHINE_H
#define ASSAY_MACHINE_H

#include "harness/assay/basics.h"

struct machine {
	const char *name, *arch;
	const char *qemu; /* the executable, if none is named */
	const char *package; /* Debian's, with it */
	const char *cpu; /* the model, if none is named */
	const char *memory, *cpus; /* MiB and how many, if the place does not say */
	const char *words; /* of its command line, separated by blanks */
	const char *stream; /* the words that put the chardev `stream` on a port of its own... */
	const char *port; /* ...which the kernel calls so */
	const char *append; /* the kernel's command line */
	const char *kvm; /* the module that gives this machine KVM */
	const char *driver; /* an option that the driver in it needs, unless told otherwise; or NULL */
	bool bochs; /* Bochs, not QEMU: bochs.c; words and stream are then NULL */
	int patience; /* seconds without a word, after which it does not boot any more */
	int deadline; /* of the driver in it, if none is asked for: in its own seconds */
	const char *early; /* parameters kvm-arm.NAME that no module declares (early_param()), or NULL */
	const char *modules; /* others that are loaded where the kernel has them, or NULL */
	bool cold; /* its state cannot be saved: it boots for every image */
	bool loses_shadow; /* between two instructions of a guest the interrupt shadow may be lost */
};

/* Of that name, or the usual one if it is ""; for the architecture, or for any if it is NULL. */
const struct machine *machine_find(const char *name, const char *arch);

struct lab;

/* Descriptors that QEMU inherits; -1: none. */
struct machine_descriptors {
	int console; /* a file */
	int qmp; /* a socket */
	int incoming; /* a file with the state to start from; without, the machine boots */
};

/* QEMU's command line for a lab. */
struct strings machine_command(const struct lab *lab, const struct machine_descriptors *fd);

#endif
