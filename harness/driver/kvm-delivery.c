// SPDX-License-Identifier: GPL-2.0-only
/*
 * "Unexpected exit while delivering an event", said by a KVM on an emulated processor.
 *
 * QEMU's TCG leaves an event that VMRUN injected and that was delivered in EXITINTINFO, with
 * V = 0 and its type; APM vol. 2, Intercepts during Event Delivery: V tells whether there
 * is an event.  KVM looks at the type alone since Linux 7bd7ff99110a and ends the VM,
 * though nothing happened to its state.  An event that really was under way is injected again by
 * the next KVM_RUN and meets the same exit; one that was delivered is gone by then.
 */
#include "harness/driver/kvm.h"

/* So often in a row with the same registers, and it is believed. */
enum { DOUBTS = 8 };

bool kvm_doubt_delivery(int vcpu, const struct kvm_run *run, struct kvm_doubt *d)
{
	struct kvm_regs regs;

	if (!kvm.retry_delivery || run->exit_reason != KVM_EXIT_INTERNAL_ERROR ||
	    run->internal.suberror != KVM_INTERNAL_ERROR_DELIVERY_EV ||
	    ioctl(vcpu, KVM_GET_REGS, &regs))
		return false;
	if (memcmp(&regs, &d->regs, sizeof(regs)))
		d->times = 0;
	d->regs = regs;
	return d->times++ < DOUBTS;
}
