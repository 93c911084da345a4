/* SPDX-License-Identifier: GPL-2.0-only */
/* The XSAVE image and XCR0 as the host's interface gives and takes them (HOST_CALL). */
#ifndef ASSAY_X86_HOST_H
#define ASSAY_X86_HOST_H

#include "lib/guest/host.h"
#include "lib/x86/kvm_interface.h"
#include "lib/x86/xstate.h"
#include "x86/boot/x86.h"

/* With room for everything that KVM_GET_XSAVE2 gives, and some behind it. */
struct host_image {
	u8 byte[0x4000];
} __attribute__((aligned(64)));

/* What an image holds where the host did not write. */
enum { HOST_UNTOUCHED = 0xcc };

/* HOST_GET_XSAVE or HOST_GET_XSAVE2 into an image full of HOST_UNTOUCHED. */
u64 host_get_image(u64 call, u64 object, struct host_image *to);
u64 host_set_image(u64 object, const struct host_image *from);
/* From there to the end of it. */
bool expect_untouched(const struct host_image *image, u64 from);
u64 image_word(const struct host_image *image, unsigned int at);
void image_set_word(struct host_image *image, unsigned int at, u64 value);

/* KVM_GET_XSAVE2 gives whole images of so many bytes; at least 4096. */
u64 host_image_size(void);

/* A vCPU of a fresh scratch VM, with these components of XCR0 and less a set of enum sync_host_cpuid. */
#define SCRATCH_CPU ((u64)SCRATCH_OBJECT_VCPU)
void scratch_cpu(u64 xcr0, u64 less);

#endif
