/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ITS as a VMM sees it: one device, whose tables KVM writes into guest memory and
 * reads again (Documentation/virt/kvm/devices/arm-vgic-its.rst, "ITS Table ABI REV0").
 */
#ifndef ASSAY_ARM64_VGIC_VGIC_H
#define ASSAY_ARM64_VGIC_VGIC_H

#include "arm64/boot/its.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

enum { DEV = 0, EVENT_BITS = 5, COLLECTION = 1, OTHER_COLLECTION = 2 };
#define EVENT_LPI(event) (INTID_LPI + 16u + (event))

/* A device's entry: valid, the next one's distance, the ITT's address, and the bits of events - 1. */
#define DTE(device) (ITS_DEVICES + 8ull * (device))
#define DTE_SIZE(dte) ((dte)&0x1f)
/* An event's in the ITT of DEV: the next one's distance, the LPI (0: no entry), the collection. */
#define ITE(event) (its_itt(0) + 8ull * (event))
#define ITE_LPI(ite) ((u32)((ite) >> 16))
#define ITE_COLLECTION(ite) ((ite)&0xffff)

static inline u64 table_entry(u64 address)
{
	return *(volatile u64 *)address;
}

/* The ITS on, DEV and COLLECTION mapped; no event is. */
void tables_begin(void);
/* Map an event of DEV to its LPI, enabled. */
void tables_map(u32 event, u32 collection);
/* An attribute of KVM_DEV_ARM_VGIC_GRP_CTRL, set. */
u64 control(u64 attribute);
u64 its_register(u64 offset);
/* The ITS forgets everything and is given its tables again, as in another VM. */
u64 restore(void);
/* A device writes the event; how often its LPI is taken. */
u64 msi_taken(u32 event);

#endif
