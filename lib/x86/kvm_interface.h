/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the KVM interface that tests of HOST_CALL use; the guest has no kernel headers. */
#ifndef ASSAY_X86_KVM_INTERFACE_H
#define ASSAY_X86_KVM_INTERFACE_H

#include "lib/base.h"

/* KVM_CHECK_EXTENSION: KVM_CAP_XSAVE2, the size of an image of KVM_GET_XSAVE2. */
enum { CAPABILITY_XSAVE2 = 208 };

/* struct kvm_xsave, which KVM_GET_XSAVE always gives. */
enum { XSAVE_IMAGE_BYTES = 4096 };

#endif
