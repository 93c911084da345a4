// SPDX-License-Identifier: GPL-2.0-only
/* A machine that starts again in the middle of a test: asked for, announced, or by a fault. */
#include "harness/driver/session.h"

#include <stdio.h>

bool reset_came(struct session *s)
{
	if (!s->reset_asked) {
		snprintf(s->server->vm->reason, REASON_MAX,
			 "the machine was reset, and the test had not asked for it");
		return false;
	}
	s->reset_asked = s->shutdown_expected = false;
	s->cases_failed += s->checks > s->checks_at_reset;
	s->checks_at_reset = s->checks;
	s->request.run.resets++;
	return true;
}

bool shutdown_missed(struct session *s, u32 type)
{
	if (!s->shutdown_expected || type == WIRE_HELLO)
		return false;
	s->shutdown_expected = s->reset_asked = false;
	/* A failed expectation says itself that it did not come. */
	if (type == WIRE_FAIL)
		return false;
	snprintf(s->broken, sizeof(s->broken),
		 "EXPECT_SHUTDOWN: the guest did not shut down but sent %s",
		 wire_type_info[type].name);
	return true;
}
