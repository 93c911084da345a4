/* SPDX-License-Identifier: GPL-2.0-only */
/* How Debian names its kernel packages, and how it orders their versions. */
#ifndef LAB_KERNEL_RELEASE_H
#define LAB_KERNEL_RELEASE_H

#include "harness/assay/basics.h"

/*
 * "linux-image-6.1.0-44-cloud-amd64" -> "6.1.0-44-cloud-amd64"; also of
 * linux-binary-, linux-modules- and linux-base-, and without "-unsigned".
 * NULL if it is none of these packages, or one of debug symbols or headers.
 */
char *release_of_package(const char *package);

/* The packages of the same release that a package of this name and Depends needs. */
struct strings release_siblings(const char *package, const char *depends);

/* linux-base-RELEASE never holds a kernel or module: without it there is no .config. */
bool release_package_optional(const char *package);

/* "amd64" or "arm64" by a word of the flavour, or NULL. */
const char *release_arch(const char *release);

/* That of a spec which says it (debian:RELEASE, built:NAME), or NULL. */
const char *spec_arch(const char *spec);

/* What stands behind the numbers: "cloud-amd64" of "6.1.0-44-cloud-amd64". */
const char *release_flavour(const char *release);

/* deb-version(7): below, at or above 0 as a is older, the same or newer than b. */
int version_compare(const char *a, const char *b);

#endif
