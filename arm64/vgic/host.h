/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the host's interface, as tests write them. */
#ifndef ASSAY_ARM64_VGIC_HOST_H
#define ASSAY_ARM64_VGIC_HOST_H

#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"

#define HOST(call, ...) host_call_of((u64[5]){ call, ##__VA_ARGS__ })
u64 host_call_of(const u64 *words);

/* "0", "-EINVAL", or the number. */
bool expect_answer(const struct expectation *e, u64 wanted, u64 got);
#define EXPECT_ANSWER(wanted, got) expect_answer(EXPECTATION_(#got), wanted, got)

#endif
