/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things lie.  The command finds its drivers and payloads beside its own
 * executable, in build/; ASSAY_BUILD_DIR in the environment names another
 * build folder.
 */
#ifndef ASSAY_FOLDERS_H
#define ASSAY_FOLDERS_H

#include "harness/assay/basics.h"

/* All results are new strings that the caller frees. */

/* The folder of this executable. */
char *program_folder(void);
char *build_folder(void);
char *known_folder(void);
char *bugs_folder(void);

/* The images of a build, by architecture, sorted: files of build/ARCH whose name has no dot. */
struct strings area_paths(const char *build);

/* The hosts of a build, sorted: files called build/assay-driver-HOST. */
struct strings host_names(const char *build);
char *driver_path(const char *build, const char *host);

#endif
