/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up kernel of Debian's, in one package or split. */
#ifndef LAB_T_PACKAGES_H
#define LAB_T_PACKAGES_H

#include "harness/lab/t/make.h"

#define RELEASE "6.1.0-9-amd64"

struct bytes small_bzimage(const char *release);
struct bytes small_text(const char *s);

/*
 * linux-image-RELEASE_1_amd64.deb and, if it is split, linux-binary- and
 * linux-modules-.  kvm-amd needs kvm and ccp, ccp needs needed-here.
 */
void make_packages(const char *folder, bool split);

#endif
