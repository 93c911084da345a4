/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of direct interrupts and doorbells begin with. */
#ifndef ASSAY_ARM64_DOORBELL_H
#define ASSAY_ARM64_DOORBELL_H

#include "arm64/boot/its.h"
#include "lib/arm64/blocked.h"

enum { DEVICE_ID = 8, COLLECTION = 1, OTHER_COLLECTION = 2, ROUNDS = 6 };
#define DOORBELL_TRANSLATER (PLATFORM_ITS + (u64)GITS_TRANSLATER)
#define DEVICE_LPI (INTID_LPI + 16u)
#define MASKED_LPI (INTID_LPI + 17u)
/* Not higher than ICC_PMR_EL1's 0xf0. */
#define MASKED 0xf8

enum { EDGE_SPI = 80, LEVEL_SPI = 82, PULSED_SPI = 84, CALL_SPI = 86 };

/* How a guest waits: the vCPU blocks in either; only WFI must be trapped for that. */
enum { WAITS = 2 };
extern const struct wait {
	const char *name;
	bool crowded;
	u32 suspend; /* by PSCI */
} waits[WAITS];

extern volatile struct blocked_record *const record;

/* Configure an event of the device's as an LPI. */
void doorbell_map(u32 event, u32 lpi, u8 priority);
/*
 * The ITS with the device's event 0 as DEVICE_LPI and event 1 as MASKED_LPI, masked SPIs,
 * and a handler that counts in the record.
 */
void doorbell_prepare(void);
/* Let the host assign its device. */
void doorbell_assign(void);
/* Both. */
void doorbell_begin(void);
/* Rounds of one kind with these flags beside those of the wait; the record tells. */
void doorbell_rounds(const struct wait *w, enum blocked_waker waker, u64 line, u64 rounds, u64 how);
void doorbell_note(const char *what);
/* Without this nothing here is about doorbells. */
void doorbell_require_direct(void);
/* What holds after rounds with a window: all taken, none lost, by the host none. */
void doorbell_judge(const char *what);

#endif
