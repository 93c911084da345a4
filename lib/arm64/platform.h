/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an arm64 payload finds its machine: the addresses of QEMU's `virt`, which
 * the KVM driver uses too.  Shared by assembly, so nothing but constants.
 */
#ifndef ASSAY_ARM64_PLATFORM_H
#define ASSAY_ARM64_PLATFORM_H

#define PLATFORM_GICD 0x08000000 /* 64 KiB */
#define PLATFORM_ITS 0x08080000 /* 128 KiB */
#define PLATFORM_GICR 0x080a0000 /* 128 KiB for each CPU */
#define PLATFORM_UART 0x09000000 /* a PL011 */
#define PLATFORM_RAM 0x40000000

/* Device memory and RAM: what the runtime maps.  An access above is a translation fault. */
#define PLATFORM_MAPPED_END 0x80000000

/*
 * The doorbell, where a host gives exits: reading its 32 bits gives WIRE_MAGIC,
 * writing a 64-bit guest-physical address sends the message that lies there.
 * Elsewhere nothing answers, and the read is an external abort.
 */
#define PLATFORM_DOORBELL 0x0a500000

/* The image is loaded here, PLATFORM_TEXT_OFFSET behind the start of RAM. */
#define PLATFORM_TEXT_OFFSET 0x80000
#define PLATFORM_IMAGE 0x40080000

/* SPIs of every machine: INTIDs 32 to 32 + PLATFORM_SPIS - 1. */
#define PLATFORM_SPIS 64

#endif
