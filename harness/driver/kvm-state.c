// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's and its VM's whole state, captured and loaded.
 *
 * Order matters.  Getting: the multiprocessor state first, because it may
 * accept pending INIT and SIPI and so change the rest (api.rst, 4.38).
 * Setting: special registers first (they hold EFER, CR4 and the APIC base, which
 * others are checked against), then the local APIC, then MSRs (IA32_TSC_DEADLINE
 * needs the timer mode of the LVT, IA32_XFD must stand before the XSAVE image
 * comes), XCR0 before the XSAVE image, events after all that could drop them
 * (KVM_SET_REGS forgets a pending exception), the multiprocessor state, debug
 * registers, and the nested state last, which may only be set on a vCPU that is
 * otherwise complete.
 *
 * With several vCPUs all are held first.  The boot vCPU comes first, with the VM's
 * interrupt controllers, whose setting may raise interrupts in any local APIC; the
 * others' local APICs are loaded after that.
 */
#include "harness/driver/kvm.h"
#include "lib/x86/cpu.h"

static bool alloc_state(struct kvm_vm *k, struct kvm_state *s)
{
	int size = ioctl(k->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);

	if (s->xsave)
		return true;
	s->xsave_size = size > 0 ? (size_t)size : sizeof(struct kvm_xsave);
	s->xsave = calloc(1, s->xsave_size);
	s->msrs = calloc(1, sizeof(*s->msrs) + MSRS_MAX * sizeof(s->msrs->entries[0]));
	return s->xsave && s->msrs;
}

void kvm_state_free(struct kvm_state *s)
{
	free(s->xsave);
	free(s->msrs);
	s->xsave = NULL;
	s->msrs = NULL;
}

static bool get_xsave(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why)
{
	if (ioctl(k->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2) > 0)
		return KVM_TRY(kvm_fd(k, cpu), KVM_GET_XSAVE2, s->xsave, why);
	return KVM_TRY(kvm_fd(k, cpu), KVM_GET_XSAVE, s->xsave, why);
}

/*
 * What KVM_GET_MSR_INDEX_LIST leaves out of Hyper-V's interface: it lists one MSR of each
 * group, by which a VMM shall know the others.  The timers come behind what they raise.
 */
static const u32 hyperv_msrs[] = {
	0x40000082, 0x40000083, /* SIEFP, SIMP */
	0x40000090, 0x40000091, 0x40000092, 0x40000093, 0x40000094, 0x40000095, 0x40000096,
	0x40000097, 0x40000098, 0x40000099, 0x4000009a, 0x4000009b, 0x4000009c, 0x4000009d,
	0x4000009e, 0x4000009f, /* SINT0 to SINT15 */
	0x400000b1, 0x400000b2, 0x400000b3, 0x400000b4, 0x400000b5, 0x400000b6,
	0x400000b7, /* STIMER0_COUNT, and configuration and count of the others */
};

/*
 * KVM_GET_MSRS stops at the first index that it cannot read.  Such an index is
 * left out of the capture, and said once: a law about the list is a test's job,
 * and a migration that loses what cannot be read loses nothing that can.
 */
static bool get_msrs(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why)
{
	static bool unreadable[MSRS_MAX];
	bool listed = false;
	u32 count = 0;
	int done;

	for (u32 i = 0; i < kvm.msrs->nmsrs; i++)
		if (!unreadable[i])
			s->msrs->entries[count++].index = kvm.msrs->indices[i];
	if (k->hyperv && !sabotaged("skip-hyperv"))
		for (u32 i = 0; i < ARRAY_SIZE(hyperv_msrs) && count < MSRS_MAX; i++)
			s->msrs->entries[count++].index = hyperv_msrs[i];
	s->msrs->nmsrs = count;
	done = ioctl(kvm_fd(k, cpu), KVM_GET_MSRS, s->msrs);
	if (done == (int)count)
		return true;
	if (done < 0) {
		text_add(why, "KVM_GET_MSRS: %s", strerrorname_np(errno));
		return false;
	}
	for (u32 i = 0; i < kvm.msrs->nmsrs; i++)
		if (kvm.msrs->indices[i] == s->msrs->entries[done].index)
			listed = unreadable[i] = true;
	if (!listed) {
		text_add(why, "KVM_GET_MSRS cannot read MSR %#x", s->msrs->entries[done].index);
		return false;
	}
	fprintf(stderr, "KVM_GET_MSRS cannot read MSR %#x of its own index list\n",
		s->msrs->entries[done].index);
	return get_msrs(k, cpu, s, why);
}

static bool get_irqchip(struct kvm_vm *k, struct kvm_state *s, struct text *why)
{
	for (u32 i = 0; kvm.irqchip && i < ARRAY_SIZE(s->irqchip); i++) {
		s->irqchip[i].chip_id = i;
		if (!KVM_TRY(k->fd, KVM_GET_IRQCHIP, &s->irqchip[i], why))
			return false;
	}
	return !kvm.pit || KVM_TRY(k->fd, KVM_GET_PIT2, &s->pit, why);
}

/* The clock of paravirtual guests; what the flags say of the host is for reading only. */
static bool get_clock(struct kvm_vm *k, struct kvm_state *s, struct text *why)
{
	return !kvm.clock || KVM_TRY(k->fd, KVM_GET_CLOCK, &s->clock, why);
}

static bool set_clock(struct kvm_vm *k, const struct kvm_state *s, struct text *why)
{
	struct kvm_clock_data clock = { .clock = s->clock.clock };

	return !kvm.clock || sabotaged("skip-clock") || KVM_TRY(k->fd, KVM_SET_CLOCK, &clock, why);
}

static bool get_nested(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why)
{
	struct kvm_nested_state *nested = (struct kvm_nested_state *)s->nested;

	nested->size = sizeof(s->nested);
	return !kvm.nested || KVM_TRY(kvm_fd(k, cpu), KVM_GET_NESTED_STATE, nested, why);
}

bool kvm_state_get(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why)
{
	if (!alloc_state(k, s)) {
		text_add(why, "no memory for a capture");
		return false;
	}
	s->valid = ((!kvm.irqchip && !kvm.split) ||
		    KVM_TRY(kvm_fd(k, cpu), KVM_GET_MP_STATE, &s->mp_state, why)) &&
		   (!kvm.vcpu_events ||
		    KVM_TRY(kvm_fd(k, cpu), KVM_GET_VCPU_EVENTS, &s->events, why)) &&
		   KVM_TRY(kvm_fd(k, cpu), KVM_GET_REGS, &s->regs, why) &&
		   get_xsave(k, cpu, s, why) &&
		   (!kvm.xcrs || KVM_TRY(kvm_fd(k, cpu), KVM_GET_XCRS, &s->xcrs, why)) &&
		   KVM_TRY(kvm_fd(k, cpu), KVM_GET_SREGS, &s->sregs, why) &&
		   get_nested(k, cpu, s, why) &&
		   get_msrs(k, cpu, s, why) &&
		   (!kvm.debug_registers ||
		    KVM_TRY(kvm_fd(k, cpu), KVM_GET_DEBUGREGS, &s->debugregs, why)) &&
		   ((!kvm.irqchip && !kvm.split) ||
		    KVM_TRY(kvm_fd(k, cpu), KVM_GET_LAPIC, &s->lapic, why)) &&
		   (cpu || (get_irqchip(k, s, why) && get_clock(k, s, why)));
	return s->valid;
}

static bool skipped_by_sabotage(u32 msr)
{
	static const u32 skipped[] = { MSR_KERNEL_GS_BASE, MSR_LSTAR, MSR_SYSENTER_ESP,
				       MSR_TSC_AUX };

	for (size_t i = 0; sabotaged("skip-msr") && i < ARRAY_SIZE(skipped); i++)
		if (msr == skipped[i])
			return true;
	return (msr == MSR_XFD && sabotaged("skip-xfd")) ||
	       (msr == MSR_XFD_ERR && sabotaged("skip-xfd-err"));
}

/*
 * KVM lists and reads these two even where they cannot be written, not even
 * with the zero they hold: their notifications need the kernel's local APIC.
 */
static bool needs_local_apic(u32 msr)
{
	enum { MSR_KVM_ASYNC_PF_INT = 0x4b564d06, MSR_KVM_ASYNC_PF_ACK = 0x4b564d07 };

	return msr == MSR_KVM_ASYNC_PF_INT || msr == MSR_KVM_ASYNC_PF_ACK;
}

static bool set_msrs(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
		     struct text *why)
{
	struct kvm_msrs *m = calloc(1, sizeof(*m) + MSRS_MAX * sizeof(m->entries[0]));
	int done;

	for (u32 i = 0; i < s->msrs->nmsrs; i++)
		if (!skipped_by_sabotage(s->msrs->entries[i].index) &&
		    (kvm.irqchip || kvm.split || !needs_local_apic(s->msrs->entries[i].index)))
			m->entries[m->nmsrs++] = s->msrs->entries[i];
	done = ioctl(kvm_fd(k, cpu), KVM_SET_MSRS, m);
	if (done < 0)
		text_add(why, "KVM_SET_MSRS: %s", strerrorname_np(errno));
	else if (done < (int)m->nmsrs)
		text_add(why, "KVM_SET_MSRS refused MSR %#x = %#llx, as KVM_GET_MSRS gave it",
			 m->entries[done].index, m->entries[done].data);
	done = done == (int)m->nmsrs;
	free(m);
	return done;
}

static bool set_irqchip(struct kvm_vm *k, const struct kvm_state *s, struct text *why)
{
	for (u32 i = 0; kvm.irqchip && i < ARRAY_SIZE(s->irqchip); i++)
		if (!sabotaged("skip-irqchip") &&
		    !KVM_TRY(k->fd, KVM_SET_IRQCHIP, &s->irqchip[i], why))
			return false;
	return !kvm.pit || KVM_TRY(k->fd, KVM_SET_PIT2, &s->pit, why);
}

/* What may be set of the events; the rest of the structure is for reading only. */
static struct kvm_vcpu_events events_to_set(const struct kvm_state *s)
{
	struct kvm_vcpu_events events = s->events;

	events.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	events.flags &= ~(u32)(KVM_VCPUEVENT_VALID_SIPI_VECTOR);
	if (sabotaged("lose-smm"))
		events.flags &= ~(u32)KVM_VCPUEVENT_VALID_SMM;
	return events;
}

bool kvm_state_set_without_nested(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
				  struct text *why)
{
	struct kvm_vcpu_events events = events_to_set(s);
	bool apic = kvm.irqchip || kvm.split;
	struct kvm_sregs sregs = s->sregs;
	struct kvm_lapic_state lapic = s->lapic;
	struct kvm_regs regs = s->regs;
	struct kvm_mp_state mp_state = s->mp_state;

	if (sabotaged("lose-cr2"))
		sregs.cr2 = 0;
	if (sabotaged("wake-cpus"))
		mp_state.mp_state = KVM_MP_STATE_RUNNABLE;
	if (sabotaged("lose-tpr"))
		sregs.cr8 = lapic.regs[APIC_TPR] = 0;
	for (unsigned int i = 0; sabotaged("lose-irr") && i < 8; i++)
		memset(&lapic.regs[APIC_IRR + 16 * i], 0, 4);
	if (sabotaged("lose-rflags"))
		regs.rflags &= ~(u64)(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF |
				      RFLAGS_OF | RFLAGS_DF);
	/* Without a local APIC in the kernel, where there is one vCPU, KVM_RUN loads it. */
	if (!cpu)
		k->run->cr8 = sregs.cr8;
	return KVM_TRY(kvm_fd(k, cpu), KVM_SET_SREGS, &sregs, why) &&
	       KVM_TRY(kvm_fd(k, cpu), KVM_SET_REGS, &regs, why) &&
	       (cpu || (set_irqchip(k, s, why) && set_clock(k, s, why))) &&
	       (!apic || sabotaged("skip-lapic") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_LAPIC, &lapic, why)) &&
	       set_msrs(k, cpu, s, why) &&
	       (!kvm.xcrs || sabotaged("skip-xcrs") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_XCRS, &s->xcrs, why)) &&
	       KVM_TRY(kvm_fd(k, cpu), KVM_SET_XSAVE, s->xsave, why) &&
	       (!kvm.vcpu_events || sabotaged("skip-events") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_VCPU_EVENTS, &events, why)) &&
	       (!apic || sabotaged("skip-mp-state") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_MP_STATE, &mp_state, why)) &&
	       (!kvm.debug_registers || sabotaged("skip-debugregs") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_DEBUGREGS, &s->debugregs, why));
}

bool kvm_state_set(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
		   struct text *why)
{
	return kvm_state_set_without_nested(k, cpu, s, why) &&
	       (!kvm.nested || sabotaged("skip-nested") ||
		KVM_TRY(kvm_fd(k, cpu), KVM_SET_NESTED_STATE, s->nested, why));
}
