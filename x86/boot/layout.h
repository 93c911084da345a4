/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that assembly and linker script agree on. */
#ifndef ASSAY_X86_BOOT_LAYOUT_H
#define ASSAY_X86_BOOT_LAYOUT_H

#define FIXED_GDT 0x101000
#define FIXED_IDT 0x102000
#define FIXED_TSS 0x103000
#define FIXED_STUBS 0x104000
#define STUB_BYTES 16

/* The memory of the other CPUs, outside the image: nobody pays for what is not used. */
#define CPU_MEMORY 0xf00000
#define CPU_MEMORY_BYTES 0x40000
/* The selector of CPU n's TSS is SELECTOR_CPU_TSS + 16 * (n - 1): above the boot CPU's GDT. */
#define SELECTOR_CPU_TSS 0x80
/* Where the page lies at which they begin. */
#define CPU_PAGE 0x8000

#endif
