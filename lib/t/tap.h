/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a libcheck suite and reports it as TAP 13.  libcheck's own TAP has no
 * version line, its plan comes last and its messages are not escaped, so we
 * print from its results.
 */
#ifndef ASSAY_T_TAP_H
#define ASSAY_T_TAP_H

#include <check.h>

/* The main() of a unit test: returns its exit status. */
int tap_run(Suite *suite);

#endif
