/* SPDX-License-Identifier: GPL-2.0-only */
/* What arm64 tests need of their machine.  A missing one is the fact a skip names. */
#ifndef ASSAY_ARM64_FEATURES_H
#define ASSAY_ARM64_FEATURES_H

#include "lib/base.h"

/* FEATURE(NAME, the fact where it is missing) */
#define MACHINE_FEATURES(FEATURE)                                                                  \
	FEATURE(GICV3,                                                                             \
		"no GICv3 with system registers: ID_AA64PFR0_EL1.GIC = 0, or no distributor")      \
	FEATURE(LPIS, "the redistributor has no LPIs: GICR_TYPER.PLPIS = 0")                       \
	FEATURE(ITS, "there is no GICv3 ITS")                                                      \
	FEATURE(PSCI, "PSCI_VERSION by HVC is below 1.0")

enum machine_feature_bit {
#define FEATURE(NAME, fact) MACHINE_BIT_##NAME,
	MACHINE_FEATURES(FEATURE)
#undef FEATURE
		MACHINE_FEATURE_COUNT
};

/* The constants that tests write: NEEDS(GICV3 | ITS). */
enum machine_feature {
#define FEATURE(NAME, fact) NAME = BIT(MACHINE_BIT_##NAME),
	MACHINE_FEATURES(FEATURE)
#undef FEATURE
};

struct machine_feature_info {
	const char *name, *fact;
};

extern const struct machine_feature_info machine_feature_info[MACHINE_FEATURE_COUNT];

#endif
