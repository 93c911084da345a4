/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rounds with a vCPU that blocks: what the guest and the driver write down of them in
 * guest memory (the action BLOCKED_ROUNDS).
 *
 * A round: the vCPU is blocked; a waker wakes its thread with something that leaves
 * the guest with nothing to take; it blocks again; then the assigned device raises its
 * interrupt, and the guest must take it.  The window is reached if the thread was
 * woken and the guest was not.
 */
#ifndef ASSAY_ARM64_BLOCKED_H
#define ASSAY_ARM64_BLOCKED_H

#include "lib/base.h"

/* WAKER(NAME, name, meaning) */
#define BLOCKED_WAKERS(WAKER)                                                                      \
	WAKER(NONE, "none", "nobody wakes it but the device")                                      \
	WAKER(LINE, "line", "KVM_IRQ_LINE raises a masked SPI")                                    \
	WAKER(LINE_PULSE, "line-pulse", "KVM_IRQ_LINE raises an unmasked level and takes it away") \
	WAKER(IRQFD, "irqfd", "an eventfd raises a masked edge-triggered SPI")                     \
	WAKER(MSI, "msi", "KVM_SIGNAL_MSI raises a masked LPI that no device has")                 \
	WAKER(SIGNAL, "signal", "a signal that the thread blocks")                                 \
	WAKER(PREEMPT, "preempt", "a thread of higher priority preempts it again and again")       \
	WAKER(MOVE, "move", "the sleeping thread is moved to another CPU and back")                \
	WAKER(MIGRATE, "migrate",                                                                  \
	      "KVM_IRQ_LINE raises a masked SPI, and the thread stays elsewhere")                  \
	WAKER(OTHER, "other", "vCPU 1 does its deed, before the thread can run")                   \
	WAKER(OTHER_AROUND, "other-around", "vCPU 1 does its deed before and after the device")

enum blocked_waker {
#define WAKER(NAME, name, meaning) WAKER_##NAME,
	BLOCKED_WAKERS(WAKER)
#undef WAKER
		WAKER_COUNT
};

/* How the vCPU waits, and who else is there. */
enum blocked_how {
	BLOCKED_CROWDED = BIT(0), /* somebody else wants the vCPU's processor */
	BLOCKED_BOTH = BIT(1), /* vCPU 1 waits too, and the interrupt may be either's */
	BLOCKED_NEVER = BIT(2), /* the vCPU runs all the time */
	BLOCKED_ALL_DEVICES = BIT(3), /* all that are assigned raise their interrupts */
};

struct blocked_record {
	/* Written by the guest. */
	volatile u64 loops; /* how often it came back from waiting */
	volatile u64 taken; /* the device's interrupts */
	volatile u64 acted; /* how often vCPU 1 did its deed: until it is `asked` */
	/* Written by the driver. */
	volatile u64 done; /* all rounds are over: the guest goes on */
	volatile u64 asked; /* how often vCPU 1 is to have acted; an edge of the line tells it */
	u64 rounds;
	u64 not_blocked; /* rounds in which the vCPU never blocked */
	u64 woken; /* the waker woke the thread */
	u64 windows; /* and the guest did not come back from waiting */
	u64 lost; /* the interrupt did not come, though the thread had nothing else to do */
	u64 recovered; /* of these: it came when a signal kicked the thread */
	u64 late; /* it came, but only when nobody else wanted the CPU */
	u64 doorbells; /* GICv4 doorbells behind the device's interrupt */
	u64 host_msis; /* interrupts of the device that the host took itself */
	u64 direct; /* rounds in which the LPI was forwarded by hardware */
	u64 preemptions; /* of the vCPU's thread, by WAKER_PREEMPT */
	u64 slowest; /* microseconds, of those that came */
};

#endif
