/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the host `kvm` on arm64, for its driver and for a lab that starts it. */
#ifndef ASSAY_DRIVER_KVM_ARM64_OPTIONS_H
#define ASSAY_DRIVER_KVM_ARM64_OPTIONS_H

#include "harness/driver/driver.h"

extern struct host_option kvm_arm64_options[];
extern const struct sabotage kvm_arm64_sabotages[];

#endif
