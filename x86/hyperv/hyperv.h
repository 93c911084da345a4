/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hyper-V's interface, in the names of its Top Level Functional Specification (TLFS): the
 * synthetic interrupt controller, synthetic timers, hypercalls.
 */
#ifndef ASSAY_X86_HYPERV_HYPERV_H
#define ASSAY_X86_HYPERV_HYPERV_H

#include "x86/boot/x86.h"

/* TLFS, appendix on MSRs. */
enum hv_msr {
	HV_GUEST_OS_ID = 0x40000000,
	HV_HYPERCALL = 0x40000001,
	HV_VP_INDEX = 0x40000002,
	HV_TIME_REF_COUNT = 0x40000020, /* in 100 ns */
	HV_SCONTROL = 0x40000080,
	HV_SIMP = 0x40000083,
	HV_EOM = 0x40000084,
	HV_SINT0 = 0x40000090,
	HV_STIMER0_CONFIG = 0x400000b0,
	HV_STIMER0_COUNT = 0x400000b1,
};
enum hv_stimer_config {
	HV_STIMER_ENABLE = BIT(0), HV_STIMER_PERIODIC = BIT(1), HV_STIMER_AUTO_ENABLE = BIT(3),
	HV_STIMER_DIRECT = BIT(12),
};
#define HV_STIMER_VECTOR(vector) ((u64)(vector) << 4)
#define HV_STIMER_SINT(sint) ((u64)(sint) << 16)
enum { HV_STIMERS = 4, HV_SINTS = 16, HV_MESSAGE_TIMER_EXPIRED = 0x80000010 };

struct hv_message {
	u32 type;
	u8 payload_bytes, flags, reserved[2];
	u64 origination;
	union {
		u64 words[30];
		struct {
			u32 timer, reserved;
			u64 expiration, delivery; /* reference time */
		} timer;
	};
};
_Static_assert(sizeof(struct hv_message) == 256, "TLFS, HV_MESSAGE");

/* A fresh VM that offers the interface, with the SynIC on; `messages` is its message page. */
void hv_open(void);
extern struct hv_message hv_messages[HV_SINTS];

/* A source's interrupts go to this vector. */
void hv_sint(unsigned int sint, unsigned int vector);
u64 hv_now(void);
/* Let so much reference time pass, interrupts on or off as they are. */
void hv_wait(u64 hundred_ns);

#endif
