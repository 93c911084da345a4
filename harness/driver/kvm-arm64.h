/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KVM driver has of its own on arm64; included by kvm.h only.
 *
 *	kvm-arm64.c          the host's options, probing, VMs and their vCPUs
 *	kvm-arm64-options.c  options and sabotage as data: a lab reads them too
 *	kvm-arm64-gic.c      vGICv3 and ITS: made, saved, restored
 *	kvm-arm64-state.c    SAVE, RESTORE, RESET
 *	kvm-arm64-inject.c   interrupts
 *	kvm-arm64-call.c     HOST_CALL
 *	kvm-arm64-exit.c     MMIO, and exits in words
 */
#ifndef ASSAY_DRIVER_KVM_ARM64_H
#define ASSAY_DRIVER_KVM_ARM64_H

#include "lib/arm64/gic.h"

/* Where guest memory begins. */
#define KVM_MEMORY_BASE ((u64)PLATFORM_RAM)

enum { REGISTERS_MAX = 1024, REGISTER_BYTES_MAX = 2048, GIC_WORDS_MAX = 2048 };

/* A register of KVM_GET_REG_LIST. */
struct kvm_register {
	u64 id;
	u8 value[16]; /* the widest that is listed without SVE is a vector register */
};

/* Everything that SAVE captures: a vCPU's; the boot vCPU's has the interrupt controllers too. */
struct kvm_state {
	struct kvm_mp_state mp_state;
	struct kvm_vcpu_events events;
	struct kvm_register *reg;
	u64 regs;
	u64 *gic; /* words in the order of the table in kvm-arm64-gic.c */
	bool valid;
};

struct kvm_vm;
struct text;

/* The vGIC of a VM, by the options; descriptors lie in k->gic and k->its, -1: none. */
bool kvm_gic_create(struct kvm_vm *k, struct text *why);
void kvm_gic_close(struct kvm_vm *k);
bool kvm_gic_get(struct kvm_vm *k, u64 *words, struct text *why);
bool kvm_gic_set(struct kvm_vm *k, const u64 *words, struct text *why);

/* KVM_{GET,SET}_DEVICE_ATTR. */
bool kvm_attribute(int fd, bool set, u32 group, u64 attribute, void *value, struct text *why);

#endif
