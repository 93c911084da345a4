// SPDX-License-Identifier: GPL-2.0-only
/* Page tables in which CPL 3 finds the first GiB where it is: 32-bit code has no USER_ALIAS. */
#include "x86/boot/x86.h"

static u64 low_pml4[512] __attribute__((aligned(4096)));
static u64 low_pdpt[512] __attribute__((aligned(4096)));

static const u64 *table(u64 entry)
{
	return (const u64 *)(entry & BITS(51, 12));
}

void use_low_user_memory(void)
{
	memcpy(low_pml4, boot_pml4, sizeof(low_pml4));
	memcpy(low_pdpt, table(boot_pml4[0]), sizeof(low_pdpt));
	low_pdpt[0] = table(boot_pml4[USER_ALIAS >> 39])[0];
	low_pml4[0] = (u64)low_pdpt | (boot_pml4[USER_ALIAS >> 39] & 0xfff);
	write_cr3((u64)low_pml4);
}
