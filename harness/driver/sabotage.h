/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that a driver plays on demand, so that Assay's own tests can see that
 * the suite notices them.  These need nothing of a host; hosts add their own
 * (struct host_ops.sabotages).
 */
#ifndef ASSAY_SABOTAGE_H
#define ASSAY_SABOTAGE_H

#include "harness/driver/driver.h"

/* SABOTAGE(NAME, name, meaning) */
#define SABOTAGES(SABOTAGE)                                                                        \
	SABOTAGE(DROP_NMI, "drop-nmi", "INJECT_NMI says done and does nothing")                    \
	SABOTAGE(DROP_IRQ, "drop-irq", "INJECT_IRQ says done and does nothing")                    \
	SABOTAGE(DROP_MSI, "drop-msi", "SIGNAL_MSI and RAISE_IRQFD say done and do nothing")                    \
	SABOTAGE(DROP_LINE, "drop-line", "SET_IRQ_LINE says done and does nothing")                \
	SABOTAGE(DROP_EXCEPTION, "drop-exception", "INJECT_EXCEPTION says done and does nothing")  \
	SABOTAGE(NMI_AS_MSI, "nmi-as-interrupt", "an NMI arrives as an ordinary interrupt")        \
	SABOTAGE(WRONG_VECTOR, "wrong-vector", "every injection comes with the next vector")       \
	SABOTAGE(TWICE, "deliver-twice", "every interrupt is raised again at the next sync")       \
	SABOTAGE(EXTRA, "extra-interrupt", "each sync raises an interrupt that nobody asked for")  \
	SABOTAGE(WRONG_ERROR_CODE, "wrong-error-code", "injected error codes have bit 1 flipped")  \
	SABOTAGE(NO_ERROR_CODE, "no-error-code", "injected exceptions come without error code")    \
	SABOTAGE(NO_PAYLOAD, "no-payload", "injected exceptions come without payload")             \
	SABOTAGE(LATE, "late", "an injection is performed only at the next sync")                  \
	SABOTAGE(KEEP_MAPPED, "keep-mapped", "PROTECT, UNMAP and MOVE say done and do nothing")          \
	SABOTAGE(LOSE_DIRTY, "lose-dirty-bit", "READ_DIRTY_LOG loses its lowest set bit")          \
	SABOTAGE(EXTRA_DIRTY, "all-dirty", "READ_DIRTY_LOG reports every page")                    \
	SABOTAGE(WRONG_TRANSLATION, "wrong-translation", "TRANSLATE gives the page behind")

/* Fault number index of this host, or NULL behind the last. */
const struct sabotage *sabotage_at(const struct host_ops *ops, unsigned int index);

/*
 * Perform an action through the fault that is being played, if it touches this
 * one.  Returns false if it does not, and the action is to be done as usual.
 */
bool sabotage_action(const struct host_ops *ops, struct vm *vm, unsigned int bit, u64 *arguments,
		     u64 *value, struct text *detail, enum sync_status *status);

/* At each sync, before its actions: what a fault of an earlier one left to do. */
void sabotage_at_sync(const struct host_ops *ops, struct vm *vm);

#endif
