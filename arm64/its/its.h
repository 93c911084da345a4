/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of the ITS begin with: two devices of 32 events each, two collections. */
#ifndef ASSAY_ARM64_ITS_ITS_H
#define ASSAY_ARM64_ITS_ITS_H

#include "arm64/boot/its.h"

/* Device 0 is what hosts can signal without a DeviceID of their choice. */
enum { DEV = 0, OTHER_DEV = 5, EVENT_BITS = 5, COLLECTION = 1, OTHER_COLLECTION = 2 };
/* The LPI of an event of DEV. */
#define LPI(event) (INTID_LPI + 16u + (event))

/* ITS on, DEV mapped, COLLECTION to CPU 0; no event is mapped. */
void its_begin(void);
/* Map an event of DEV to its LPI in a collection, enabled. */
void its_map_event(u32 event, u32 collection);
/* A command that the ITS must take. */
void its_must(struct its_command c);
/* INT of an event of a device. */
void its_int(u32 device, u32 event);
/* Take what is due; how often this LPI came on CPU 0 since the last call. */
u64 its_taken(u32 lpi);

#endif
