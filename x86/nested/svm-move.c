// SPDX-License-Identifier: GPL-2.0-only
/* A move to a fresh VM that L2 asks for; see svm.h. */
#include "x86/nested/svm.h"

static struct {
	u64 status;
	char detail[SYNC_DETAIL_MAX];
} move;

void l2_move(void)
{
	const struct sync_reply *r = sync_try(SAVE | RESTORE);

	for (unsigned int bit = 0; bit < SYNC_COUNT && move.status == SYNC_OK; bit++)
		if (r->actions & BIT(bit))
			move.status = r->status[bit];
	memcpy(move.detail, r->detail, sizeof(move.detail));
}

bool l2_expect_moved(const struct expectation *e)
{
	char got[SYNC_DETAIL_MAX + 64];
	struct text t = text_into(got, sizeof(got));

	text_add(&t, "%s: %s", sync_status_text[move.status], move.detail);
	if (move.status == SYNC_OK)
		return true;
	move.status = SYNC_OK;
	return expect_failed(e, sync_status_text[SYNC_OK], got);
}
