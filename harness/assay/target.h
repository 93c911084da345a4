/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A target as people write it: HOST[,option=value...][@PLACE[,option=value...]],
 * for example "qemu,machine=q35" or "kvm,npt=0@lab,machine=microvm".
 *
 * Names are of a-z, 0-9, - and _; a value is anything without a comma, an at
 * sign, a blank or a control character.  An option stands once.
 */
#ifndef ASSAY_TARGET_H
#define ASSAY_TARGET_H

#include "harness/assay/arch.h"
#include "harness/assay/basics.h"

struct target {
	char *text; /* as written: what is printed with every verdict */
	char *host;
	struct strings options; /* "machine=q35" */
	char *place; /* "local" if none is written; or "lab", "ssh:HOST" */
	struct strings place_options;
};

/* Only the grammar; whether host, place and options exist is checked by others. */
bool target_parse(struct target *t, const char *text, struct problem *p);
/* The HOST of the place ssh:HOST, or NULL. */
const char *target_ssh_host(const struct target *t);

void target_free(struct target *t);

/*
 * What its guests are built for: arm64 where the option arch=arm64 says so, or in a
 * lab the machine virt or a kernel debian:...-arm64; else x86.
 */
enum arch target_arch(const struct target *t);

#endif
