// SPDX-License-Identifier: GPL-2.0-only
/* The faults of sabotage.h. */
#include "harness/driver/sabotage.h"

#include <string.h>

enum { ARGUMENTS_MAX = 4 };

/* An action that is to be performed at the next sync. */
static struct {
	bool due;
	unsigned int bit;
	u64 arguments[ARGUMENTS_MAX];
} later;

/* Which fault makes which actions say done and do nothing. */
static const struct {
	const char *name;
	u64 actions;
} drops[] = {
	{ "drop-nmi", INJECT_NMI },
	{ "drop-irq", INJECT_IRQ },
	{ "drop-msi", SIGNAL_MSI | RAISE_IRQFD },
	{ "drop-line", SET_IRQ_LINE },
	{ "drop-exception", INJECT_EXCEPTION },
	{ "keep-mapped", PROTECT | UNMAP | MOVE },
};

static const u64 interrupts = INJECT_IRQ | INJECT_NMI | SIGNAL_MSI;
static const u64 injections = INJECT_IRQ | INJECT_NMI | SIGNAL_MSI | INJECT_EXCEPTION;

static void keep_for_later(unsigned int bit, const u64 *arguments)
{
	later.due = true;
	later.bit = bit;
	memcpy(later.arguments, arguments, sync_action[bit].words * sizeof(u64));
}

/* Faults that only change what the action is given. */
static void spoil_arguments(unsigned int bit, u64 *arguments)
{
	struct sync *s = (struct sync *)((char *)arguments - sync_action[bit].offset);

	if (sabotaged("wrong-vector")) {
		if (bit == SYNC_BIT_INJECT_IRQ)
			s->inject_irq.vector++;
		if (bit == SYNC_BIT_SIGNAL_MSI)
			s->signal_msi.data++;
	}
	if (bit != SYNC_BIT_INJECT_EXCEPTION)
		return;
	if (sabotaged("wrong-vector"))
		s->inject_exception.vector = s->inject_exception.vector == 13 ? 14 : 13;
	if (sabotaged("wrong-error-code"))
		s->inject_exception.error_code ^= 2;
	if (sabotaged("no-error-code"))
		s->inject_exception.how &= ~(u64)EXCEPTION_HAS_ERROR_CODE;
	if (sabotaged("no-payload"))
		s->inject_exception.how &= ~(u64)EXCEPTION_HAS_PAYLOAD;
}

bool sabotage_action(const struct host_ops *ops, struct vm *vm, unsigned int bit, u64 *arguments,
		     u64 *value, struct text *detail, enum sync_status *status)
{
	u64 action = BIT(bit);
	u64 msi[3] = { 0xfee00000, 0x42, 0 };

	*status = SYNC_OK;
	for (size_t i = 0; i < ARRAY_SIZE(drops); i++)
		if (drops[i].actions & action && sabotaged(drops[i].name))
			return true;
	if (sabotaged("late") && action & injections) {
		keep_for_later(bit, arguments);
		return true;
	}
	if (sabotaged("nmi-as-interrupt") && action == INJECT_NMI && ops->act[SYNC_BIT_SIGNAL_MSI]) {
		*status = ops->act[SYNC_BIT_SIGNAL_MSI](vm, msi, value, detail);
		return true;
	}
	spoil_arguments(bit, arguments);
	if (sabotaged("deliver-twice") && action & interrupts)
		keep_for_later(bit, arguments);
	if (action == READ_DIRTY_LOG && (sabotaged("lose-dirty-bit") || sabotaged("all-dirty"))) {
		*status = ops->act[bit](vm, arguments, value, detail);
		*value = sabotaged("all-dirty") ? ~0ull : *value & (*value - 1);
		return true;
	}
	if (action == TRANSLATE && sabotaged("wrong-translation")) {
		*status = ops->act[bit](vm, arguments, value, detail);
		*value += 0x1000;
		return true;
	}
	return false;
}

void sabotage_at_sync(const struct host_ops *ops, struct vm *vm)
{
	char text[REASON_MAX];
	struct text detail = text_into(text, sizeof(text));
	const u64 extra[3] = { 0xfee00000, 0x75, 0 };
	u64 value;

	if (sabotaged("extra-interrupt") && ops->act[SYNC_BIT_SIGNAL_MSI])
		ops->act[SYNC_BIT_SIGNAL_MSI](vm, extra, &value, &detail);
	if (!later.due)
		return;
	later.due = false;
	ops->act[later.bit](vm, later.arguments, &value, &detail);
}
