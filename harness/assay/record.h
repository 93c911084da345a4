/* SPDX-License-Identifier: GPL-2.0-only */
/* The records of a result file (doc/results.md), as JSON objects that the caller gets. */
#ifndef ASSAY_RECORD_H
#define ASSAY_RECORD_H

#include <jansson.h>

#include "harness/assay/run.h"

/* What was asked for, of which images and targets. */
json_t *record_run(const struct run *r);
json_t *record_verdict(const struct run *r, size_t plan);
/* After the last verdict. */
json_t *record_end(const struct run *r);

#endif
