/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rounds with a vCPU that blocks (lib/arm64/blocked.h), as the two files see them that do
 * them: kvm-arm64-blocked.c the rounds, kvm-arm64-wake.c what comes before the device.
 */
#ifndef ASSAY_DRIVER_KVM_ARM64_ROUNDS_H
#define ASSAY_DRIVER_KVM_ARM64_ROUNDS_H

#include "harness/driver/kvm.h"
#include "lib/arm64/blocked.h"

/* The processors: where the vCPUs begin, and where we are. */
enum { VCPU_CPU = 0, OUR_CPU = 1 };
enum { SETTLE_MICROSECONDS = 3000 };

extern struct kvm_rounds {
	struct kvm_vm *k;
	struct blocked_record *record;
	u64 waker, line, count, how;
	u32 lpi;
	pid_t vcpu; /* the thread */
	pthread_t vcpu_thread, thread, burner;
	int vcpu_cpu; /* WAKER_MIGRATE moves it */
	struct kvm_preemptor preemptor;
	bool runs;
	volatile bool stop, rest;
	int line_event;
	u64 message[2]; /* of WAKER_MSI: address, data */
} kvm_rounds;

/* Are those blocked that should be? */
bool kvm_rounds_blocked(void);
/* In loops that wait until `end`; false when it is time, or all is to end. */
bool kvm_rounds_soon(double end);
u64 kvm_rounds_switches(const char *kind);

/* Is vCPU 1 in it? */
bool kvm_rounds_need_other(void);
/* Put vCPU 1 where the rounds want it, and take that back. */
void kvm_rounds_place_other(void);
void kvm_rounds_free_other(void);
/* Wake it, and see whether it blocked again without the guest. */
void kvm_rounds_wake(void);
/* After the device: what the waker still has to do, and what it takes back when all is over. */
void kvm_rounds_after(u64 switches_before);
void kvm_rounds_unwake(void);

#endif
