// SPDX-License-Identifier: GPL-2.0-only
/* The feature table of lib/x86/features.h as data. */
#include "lib/x86/features.h"

#define FEATURE(NAME, leaf_, subleaf_, reg_, bit_)                                                 \
	[CPU_BIT_##NAME] = { #NAME, leaf_, subleaf_, CPUID_##reg_, bit_ },
const struct cpu_feature_info cpu_feature_info[CPU_FEATURE_COUNT] = { CPU_FEATURES(FEATURE) };
#undef FEATURE
