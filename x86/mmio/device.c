// SPDX-License-Identifier: GPL-2.0-only
/* The scratch device and its record; see device.h. */
#include "x86/mmio/device.h"

void device_begin(void)
{
	sync(MOVE, .move = { DEVICE_NEIGHBOURS, PAGE_BYTES, DEVICE_GPA - PAGE_BYTES });
	sync(MOVE, .move = { DEVICE_NEIGHBOURS + PAGE_BYTES, PAGE_BYTES, DEVICE_END });
	sync(DEVICE, .device = { DEVICE_GPA, DEVICE_BYTES_MAX, (u64)DEVICE_RECORD });
}

volatile u8 *device_byte(u64 gpa)
{
	if (gpa >= DEVICE_GPA && gpa < DEVICE_END)
		return &DEVICE_RECORD->content[gpa - DEVICE_GPA];
	return (volatile u8 *)gpa;
}

static unsigned int recorded(void)
{
	return (unsigned int)MIN(DEVICE_RECORD->count, (u64)DEVICE_ACCESSES_MAX);
}

u64 device_bytes_accessed(u64 gpa, bool write, unsigned int *accesses)
{
	u64 bytes = 0;

	*accesses = 0;
	for (unsigned int i = 0; i < recorded(); i++) {
		const volatile struct device_access *a = &DEVICE_RECORD->access[i];

		if (!a->write != !write)
			continue;
		++*accesses;
		for (unsigned int n = 0; n < a->bytes; n++)
			if (a->gpa + n >= gpa && a->gpa + n - gpa < 64)
				bytes |= BIT(a->gpa + n - gpa);
	}
	return bytes;
}

bool device_accessed_outside(u64 gpa, unsigned int bytes)
{
	for (unsigned int i = 0; i < recorded(); i++) {
		const volatile struct device_access *a = &DEVICE_RECORD->access[i];

		if (a->gpa < gpa || a->gpa + a->bytes > gpa + bytes)
			return true;
	}
	return false;
}
