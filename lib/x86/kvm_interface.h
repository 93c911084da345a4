/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the KVM interface that tests of HOST_CALL use; the guest has no kernel headers. */
#ifndef ASSAY_X86_KVM_INTERFACE_H
#define ASSAY_X86_KVM_INTERFACE_H

#include "lib/base.h"

/* KVM_CHECK_EXTENSION: KVM_CAP_XSAVE2, the size of an image of KVM_GET_XSAVE2. */
enum { CAPABILITY_XSAVE2 = 208 };

/* struct kvm_xsave, which KVM_GET_XSAVE always gives. */
enum { XSAVE_IMAGE_BYTES = 4096 };

/* What HOST_GET_STATE and HOST_SET_STATE move: struct kvm_sregs, struct kvm_debugregs. */
struct host_segment {
	u64 base;
	u32 limit;
	u16 selector;
	u8 type, present, dpl, db, s, l, g, avl, unusable, padding;
};

struct host_sregs {
	struct host_segment cs, ds, es, fs, gs, ss, tr, ldt;
	struct {
		u64 base;
		u16 limit, padding[3];
	} gdt, idt;
	u64 cr0, cr2, cr3, cr4, cr8, efer, apic_base;
	u64 interrupt_bitmap[4];
};

struct host_debugregs {
	u64 dr[4], dr6, dr7;
	u64 flags;
	u64 reserved[9];
};

/* struct kvm_xen_vcpu_attr and some of its types (api.rst, KVM_XEN_VCPU_SET_ATTR). */
enum { XEN_VCPU_INFO, XEN_VCPU_TIME_INFO };
enum { XEN_VCPU_INFO_BYTES = 64, XEN_TIME_INFO_BYTES = 32, CAPABILITY_XEN_HVM = 38 };
#define XEN_NOWHERE (~0ull)

struct host_xen {
	u16 type, padding[3];
	u64 gpa, rest[7];
};

#endif
