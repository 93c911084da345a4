// SPDX-License-Identifier: GPL-2.0-only
/* The feature table of lib/arm64/features.h as data. */
#include "lib/arm64/features.h"

#define FEATURE(NAME, fact) [MACHINE_BIT_##NAME] = { #NAME, fact },
const struct machine_feature_info machine_feature_info[MACHINE_FEATURE_COUNT] = { MACHINE_FEATURES(
	FEATURE) };
#undef FEATURE
