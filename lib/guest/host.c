// SPDX-License-Identifier: GPL-2.0-only
/* Calls of the host's interface; see host.h. */
#include "lib/guest/host.h"

u64 host_call_of(const u64 *w)
{
	return sync_value(sync(HOST_CALL, .host_call = { w[0], w[1], w[2], w[3], w[4] }),
			  HOST_CALL);
}

static void add_answer(struct text *t, u64 value)
{
	static const struct {
		u64 number;
		const char *name;
	} errors[] = { { HOST_EPERM, "EPERM" },	       { HOST_ENOENT, "ENOENT" },
		       { HOST_EINTR, "EINTR" },	       { HOST_ENOEXEC, "ENOEXEC" },
		       { HOST_ENXIO, "ENXIO" }, { HOST_ENOSPC, "ENOSPC" },	       { HOST_E2BIG, "E2BIG" },
		       { HOST_EBUSY, "EBUSY" },	       { HOST_EEXIST, "EEXIST" },
		       { HOST_ENODEV, "ENODEV" },      { HOST_EINVAL, "EINVAL" },
		       { HOST_ETIMEDOUT, "ETIMEDOUT" } };

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++)
		if (value == REFUSED(errors[i].number)) {
			text_add(t, "-%s", errors[i].name);
			return;
		}
	if (host_call_failed(value))
		text_add(t, "minus errno %u", (unsigned int)-(s64)value);
	else
		text_add(t, "%#llx", (unsigned long long)value);
}

bool expect_answer(const struct expectation *e, u64 wanted, u64 got)
{
	char w[32], g[32];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (wanted == got)
		return true;
	add_answer(&tw, wanted);
	add_answer(&tg, got);
	return expect_failed(e, w, g);
}
