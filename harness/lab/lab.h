/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lab: an emulated machine that boots a kernel under judgement with a driver
 * as its init.  The program assay-lab takes the place of a driver: it speaks the
 * same stream (doc/stream.md) and passes requests on to the driver inside.
 *
 *	place.c      options of the place
 *	kernel*.c    a kernel by name, in the cache (doc/kernels.md)
 *	setup.c      options into module parameters, files and QEMU's command line
 *	initramfs.c  the driver, modules and payloads as the kernel's first root
 *	machine.c    the table of emulated machines
 *	l1.c         one QEMU process: start, hear, end
 *	boot.c       from power on to the moment init waits for a driver
 *	snapshot.c   boot once, restore often
 *	verify.c     does the saved machine work
 *	prune.c      what nobody used for longest goes
 *	console.c    what a kernel says when something is wrong with it
 *	relay*.c     requests in, events out, and what becomes of a death
 */
#ifndef ASSAY_LAB_H
#define ASSAY_LAB_H

#include "harness/lab/kernel.h"
#include "harness/lab/machine.h"
#include "harness/lab/place.h"

struct lab {
	struct place place;
	struct kernel kernel;
	const struct machine *machine;
	char *driver; /* path of the driver that becomes init */
	const char *host; /* of its name: "kvm" */
	struct strings images; /* paths of all payloads beside the driver */
	struct strings options; /* for the driver */
	struct strings parameters; /* of modules, as written: "npt=0" */
	struct strings boot_parameters; /* of what is built in: "kvm-arm.mode=nvhe" */
	struct strings modules; /* path of each, a blank, its parameters; in load order */
	char *qemu; /* path of the executable */
	char *snapshot; /* folder in the cache, named by the hash of all that goes in */
	char *initramfs; /* file in it */
	char *qemu_version; /* "QEMU 7.2.22"; known once a QEMU has said it */
	char *missing; /* why this kernel or machine cannot serve; NULL if it can */
};

/*
 * Fill the lab from the command line: DRIVER, the driver's options, the place's
 * options.  On failure p says what is wrong with them, or with the kernel.
 */
bool lab_setup(struct lab *lab, const char *driver, char *const *options, size_t count,
	       char *const *place_options, size_t place_count, struct problem *p);
void lab_free(struct lab *lab);

/* Write the initramfs of this lab to a file. */
bool initramfs_write(const struct lab *lab, const char *path, struct problem *p);

/* What the kernel's first root holds is at these paths. */
#define LAB_IMAGES "/images/"

#endif
