/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of the command, one file each. */
#ifndef ASSAY_VERBS_H
#define ASSAY_VERBS_H

#include "harness/assay/arguments.h"

extern const struct verb verb_run, verb_list, verb_actions, verb_targets, verb_kernels, verb_known,
	verb_diff, verb_baseline, verb_bugs;

#endif
