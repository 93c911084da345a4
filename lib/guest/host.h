/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the host's interface (HOST_CALL), as tests write them. */
#ifndef ASSAY_GUEST_HOST_H
#define ASSAY_GUEST_HOST_H

#include "lib/guest/runtime.h"

#define HOST(call, ...) host_call_of((u64[5]){ call, ##__VA_ARGS__ })
u64 host_call_of(const u64 *words);

/* What was refused: minus errno.  The guest has no kernel headers. */
enum host_error {
	HOST_EPERM = 1,
	HOST_ENOENT = 2,
	HOST_EINTR = 4,
	HOST_ENXIO = 6,
	HOST_E2BIG = 7,
	HOST_ENOEXEC = 8,
	HOST_EBUSY = 16,
	HOST_EEXIST = 17,
	HOST_ENODEV = 19,
	HOST_EINVAL = 22,
	HOST_ENOSPC = 28,
	HOST_ETIMEDOUT = 110,
};
#define REFUSED(error) ((u64) - (s64)(error))

/* "0", "-EINVAL", or the number. */
bool expect_answer(const struct expectation *e, u64 wanted, u64 got);
#define EXPECT_ANSWER(wanted, got) expect_answer(EXPECTATION_(#got), wanted, got)

#endif
