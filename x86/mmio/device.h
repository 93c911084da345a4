/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scratch device as tests of this area use it: two pages of registers where
 * no memory is, a page of memory before them and one behind, and what the device
 * wrote down (struct device_record of lib/sync.h).
 */
#ifndef ASSAY_X86_MMIO_DEVICE_H
#define ASSAY_X86_MMIO_DEVICE_H

#include "x86/boot/x86.h"

/* Clear of memory and of a PC's own devices; mapped onto itself. */
#define DEVICE_GPA 0xd0000000ull
enum { PAGE_BYTES = 4096 };
#define DEVICE_END (DEVICE_GPA + DEVICE_BYTES_MAX)

/* Where the pages beside the device come from, and where it keeps its record. */
#define DEVICE_NEIGHBOURS (TEST_MEMORY + 0x100000)
#define DEVICE_RECORD ((volatile struct device_record *)(TEST_MEMORY + 0x200000))

/* Put the device there, and a page of memory before it and one behind it. */
void device_begin(void);

/* Bytes around the device, at addresses where loads are simple: the device's are in its record. */
volatile u8 *device_byte(u64 gpa);

/* All bytes from `gpa` on that are written (or read), as a bitmap; counts the accesses. */
u64 device_bytes_accessed(u64 gpa, bool write, unsigned int *accesses);
/* Was there an access outside of [gpa, gpa + bytes)? */
bool device_accessed_outside(u64 gpa, unsigned int bytes);

#endif
