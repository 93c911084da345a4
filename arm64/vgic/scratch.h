/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A few instructions on a scratch vCPU at EL1, with the MMU and caches off and all
 * interrupts masked: what a VMM does to it can be done between any two of them.
 */
#ifndef ASSAY_ARM64_VGIC_SCRATCH_H
#define ASSAY_ARM64_VGIC_SCRATCH_H

#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

/* The code, its vectors, and where no memory is: an access there is KVM_EXIT_MMIO. */
#define SCRATCH_CODE (PLATFORM_RAM + 0ull)
#define SCRATCH_VECTORS (PLATFORM_RAM + 0x800ull)
#define SCRATCH_DEVICE_AT (PLATFORM_RAM + 0x100000ull)

/* Instructions in the image's memory: SCRATCH_INSTRUCTIONS(name, "ldr w1, [x0]"). */
#define SCRATCH_INSTRUCTIONS(name, text)                                                           \
	asm(".pushsection .rodata\n\t.balign 8\n" #name ":\n\t" text "\n\t.balign 8, 0\n" #name    \
	    "_end:\n\t.popsection");                                                               \
	extern const u64 name[], name##_end[]

/* A VM with vCPU 0, initialized with features (enum vcpu_feature); no vGIC. */
void scratch_begin(u64 features);
/* Code to an address, eight bytes at a time. */
void scratch_load_words(u64 to, const u64 *from, const u64 *end);
#define SCRATCH_LOAD(to, name) scratch_load_words(to, name, name##_end)
/* Begin there with the next run, with the device's address in x0. */
void scratch_start(u64 pc);
/* KVM_RUN: the exit reason, -EINTR, or -ETIMEDOUT if it does not end. */
u64 scratch_run(void);
u64 scratch_run_immediate_exit(void);
u64 scratch_get(u64 id);
void scratch_set(u64 id, u64 value);

#endif
