/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver as the first process of a kernel booted for it (harness/lab): it
 * loads the modules of the file LAB_MODULES, then serves drivers on the serial
 * port that the kernel's command line names (assay.stream=/dev/ttyS1).
 *
 * What goes over the port, a line each, beside the driver's own stream:
 *
 *	to the lab    {"event":"ready"}             modules are loaded; take a snapshot now
 *	              {"event":"ready","missing":"..."}  this kernel cannot: why
 *	              {"event":"ready","doubt":"..."}    this boot went wrong, take another: why
 *	from the lab  start ARGUMENT...             run the driver with these arguments
 *	to the lab    {"event":"ended","status":N}  it ended; N as of a shell's $?
 */
#ifndef ASSAY_INIT_H
#define ASSAY_INIT_H

#include "harness/driver/driver.h"

/* Each line: a module's file, a blank, its parameters; in the order of loading. */
#define LAB_MODULES "/lab/modules"

/* Does not return. */
_Noreturn void init_main(const struct host_ops *ops);

#endif
