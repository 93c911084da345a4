/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that assembly and linker script agree on. */
#ifndef ASSAY_X86_BOOT_LAYOUT_H
#define ASSAY_X86_BOOT_LAYOUT_H

#define FIXED_GDT 0x101000
#define FIXED_IDT 0x102000
#define FIXED_TSS 0x103000
#define FIXED_STUBS 0x104000
#define STUB_BYTES 16

#endif
