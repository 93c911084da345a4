/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASSAY_VERIFY_H
#define ASSAY_VERIFY_H

#include "harness/lab/lab.h"

/* Does a copy of the saved machine run a VM without a complaint?  False: why says what came. */
bool saved_machine_works(struct lab *lab, int state, char *why, size_t size);

#endif
