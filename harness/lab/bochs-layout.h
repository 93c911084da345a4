/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things lie in the memory of the machine `bochs`; for C and for bochs-entry.S. */
#ifndef ASSAY_BOCHS_LAYOUT_H
#define ASSAY_BOCHS_LAYOUT_H

#define BOCHS_ROM 0xd0000
#define BOCHS_ROM_BYTES 512
#define BOCHS_TABLES 0x70000 /* of pages, and the stack below them */
#define BOCHS_PARAMETERS 0x200000 /* boot parameters, command line, the kernel's entry */
#define BOCHS_COMMAND_LINE_AT 0x1000
#define BOCHS_ENTRY_AT 0x1ff8
#define BOCHS_PARAMETERS_BYTES 0x2000
#define BOCHS_INITRAMFS 0x8000000

#endif
