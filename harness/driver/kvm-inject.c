// SPDX-License-Identifier: GPL-2.0-only
/* Events into the guest, and its registers. */
#include "harness/driver/kvm.h"

KVM_ACTION(kvm_act_inject_exception)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 how = arguments[3];
	struct kvm_vcpu_events events;

	(void)value;
	/* An event in the middle of an instruction that exited would come before its end. */
	if (!kvm_complete_io(k, detail))
		return SYNC_FAILED;
	if (!KVM_TRY(k->vcpu, KVM_GET_VCPU_EVENTS, &events, detail))
		return SYNC_FAILED;
	events.exception.nr = (u8)arguments[0];
	events.exception.has_error_code = !!(how & EXCEPTION_HAS_ERROR_CODE);
	events.exception.error_code = (u32)arguments[1];
	events.exception.injected = !(how & EXCEPTION_PENDING);
	if (how & (EXCEPTION_PENDING | EXCEPTION_HAS_PAYLOAD)) {
		if (!kvm.payload) {
			text_add(detail, "no KVM_CAP_EXCEPTION_PAYLOAD");
			return SYNC_UNSUPPORTED;
		}
		events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
		events.exception.pending = !!(how & EXCEPTION_PENDING);
		events.exception_has_payload = !!(how & EXCEPTION_HAS_PAYLOAD);
		events.exception_payload = arguments[2];
	}
	return KVM_TRY(k->vcpu, KVM_SET_VCPU_EVENTS, &events, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_inject_irq)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)value;
	if (arguments[0] > 255 || k->pending_irq >= 0) {
		text_add(detail, "one external interrupt at a time, of a vector up to 255");
		return SYNC_REFUSED;
	}
	k->pending_irq = (int)arguments[0];
	k->halted = false;
	return SYNC_OK;
}

KVM_ACTION(kvm_act_inject_nmi)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	(void)arguments;
	(void)value;
	k->halted = false;
	return KVM_TRY(k->vcpu, KVM_NMI, 0, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_signal_msi)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_msi msi = {
		.address_lo = (u32)arguments[0],
		.address_hi = (u32)(arguments[0] >> 32),
		.data = (u32)arguments[1],
		.devid = (u32)arguments[2],
	};

	(void)value;
	/* It returns 1 when delivered, 0 when the guest blocked it: both are the guest's matter. */
	return KVM_TRY(k->fd, KVM_SIGNAL_MSI, &msi, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_set_irq_line)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_irq_level line = { .irq = (u32)arguments[0], .level = (u32)arguments[1] };

	(void)value;
	return KVM_TRY(k->fd, KVM_IRQ_LINE, &line, detail) ? SYNC_OK : SYNC_FAILED;
}

/* --- registers --- */

enum structure { IN_REGS, IN_SREGS, IN_DEBUGREGS };

#define REGS(NAME, field) [SYNC_REG_##NAME] = { IN_REGS, offsetof(struct kvm_regs, field), true }
#define SREGS(NAME, field) [SYNC_REG_##NAME] = { IN_SREGS, offsetof(struct kvm_sregs, field), true }
#define DEBUG(NAME, field)                                                                         \
	[SYNC_REG_##NAME] = { IN_DEBUGREGS, offsetof(struct kvm_debugregs, field), true }

static const struct {
	enum structure structure;
	size_t offset;
	bool present;
} place[SYNC_REG_COUNT] = {
	REGS(RAX, rax), REGS(RBX, rbx), REGS(RCX, rcx), REGS(RDX, rdx), REGS(RSI, rsi),
	REGS(RDI, rdi), REGS(RSP, rsp), REGS(RBP, rbp), REGS(R8, r8), REGS(R9, r9), REGS(R10, r10),
	REGS(R11, r11), REGS(R12, r12), REGS(R13, r13), REGS(R14, r14), REGS(R15, r15),
	REGS(RIP, rip), REGS(RFLAGS, rflags), SREGS(CR0, cr0), SREGS(CR2, cr2), SREGS(CR3, cr3),
	SREGS(CR4, cr4), SREGS(CR8, cr8), SREGS(EFER, efer), DEBUG(DR0, db[0]), DEBUG(DR1, db[1]),
	DEBUG(DR2, db[2]), DEBUG(DR3, db[3]), DEBUG(DR6, dr6), DEBUG(DR7, dr7),
};

/* Read the structure, let `access` touch the register in it, write it back if asked to. */
static enum sync_status with_structure(struct kvm_vm *k, enum structure structure, size_t offset,
				       u64 *value, bool write, struct text *detail)
{
	union {
		struct kvm_regs regs;
		struct kvm_sregs sregs;
		struct kvm_debugregs debugregs;
		u8 bytes[1];
	} u;
	static const struct {
		unsigned long get, set;
		const char *get_name, *set_name;
	} call[] = {
		[IN_REGS] = { KVM_GET_REGS, KVM_SET_REGS, "KVM_GET_REGS", "KVM_SET_REGS" },
		[IN_SREGS] = { KVM_GET_SREGS, KVM_SET_SREGS, "KVM_GET_SREGS", "KVM_SET_SREGS" },
		[IN_DEBUGREGS] = { KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, "KVM_GET_DEBUGREGS",
				   "KVM_SET_DEBUGREGS" },
	};

	if (!kvm_try(k->vcpu, call[structure].get, call[structure].get_name, &u, detail))
		return SYNC_FAILED;
	if (!write) {
		memcpy(value, u.bytes + offset, sizeof(*value));
		return SYNC_OK;
	}
	memcpy(u.bytes + offset, value, sizeof(*value));
	if (structure == IN_SREGS)
		k->run->cr8 = u.sregs.cr8; /* see kvm-state.c */
	return kvm_try(k->vcpu, call[structure].set, call[structure].set_name, &u, detail) ?
		       SYNC_OK : SYNC_FAILED;
}

static enum sync_status with_events(struct kvm_vm *k, u64 reg, u64 *value, bool write,
				    struct text *detail)
{
	struct kvm_vcpu_events events;

	if (!KVM_TRY(k->vcpu, KVM_GET_VCPU_EVENTS, &events, detail))
		return SYNC_FAILED;
	if (!write) {
		*value = reg == SYNC_REG_INTERRUPT_SHADOW ?
				 events.interrupt.shadow :
				 (u64)events.nmi.masked | (u64)events.nmi.pending << 1;
		return SYNC_OK;
	}
	if (reg == SYNC_REG_INTERRUPT_SHADOW) {
		events.flags |= KVM_VCPUEVENT_VALID_SHADOW;
		events.interrupt.shadow = (u8)*value;
	} else {
		events.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING;
		events.nmi.masked = *value & 1;
		events.nmi.pending = *value >> 1 & 1;
	}
	return KVM_TRY(k->vcpu, KVM_SET_VCPU_EVENTS, &events, detail) ? SYNC_OK : SYNC_FAILED;
}

static enum sync_status with_xcr0(struct kvm_vm *k, u64 *value, bool write, struct text *detail)
{
	struct kvm_xcrs xcrs;

	if (!KVM_TRY(k->vcpu, KVM_GET_XCRS, &xcrs, detail))
		return SYNC_FAILED;
	if (!write) {
		*value = xcrs.xcrs[0].value;
		return SYNC_OK;
	}
	xcrs.xcrs[0].value = *value;
	return KVM_TRY(k->vcpu, KVM_SET_XCRS, &xcrs, detail) ? SYNC_OK : SYNC_FAILED;
}

static enum sync_status with_msr(struct kvm_vm *k, u32 index, u64 *value, bool write,
				 struct text *detail)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head = { .nmsrs = 1 }, .entry = { .index = index, .data = *value } };

	if (ioctl(k->vcpu, write ? KVM_SET_MSRS : KVM_GET_MSRS, &m) != 1) {
		text_add(detail, "%s refused MSR %#x", write ? "KVM_SET_MSRS" : "KVM_GET_MSRS",
			 index);
		return SYNC_FAILED;
	}
	*value = m.entry.data;
	return SYNC_OK;
}

/* The shadow ends with the instruction: nothing completes here before it is read. */
static enum sync_status get_l2_shadow(struct kvm_vm *k, u64 *value, struct text *detail)
{
	static u8 buffer[NESTED_STATE_MAX] __attribute__((aligned(8)));
	struct kvm_nested_state *nested = (struct kvm_nested_state *)buffer;
	enum { VMCB_INTERRUPT_SHADOW = 0x68 }; /* APM vol. 2, appendix B */

	if (!kvm.nested) {
		text_add(detail, "no KVM_CAP_NESTED_STATE");
		return SYNC_UNSUPPORTED;
	}
	nested->size = sizeof(buffer);
	if (!KVM_TRY(k->vcpu, KVM_GET_NESTED_STATE, nested, detail))
		return SYNC_FAILED;
	if (nested->format != KVM_STATE_NESTED_FORMAT_SVM ||
	    !(nested->flags & KVM_STATE_NESTED_GUEST_MODE)) {
		text_add(detail, "the vCPU does not run an L2 of SVM");
		return SYNC_REFUSED;
	}
	*value = nested->data.svm[0].vmcb12[VMCB_INTERRUPT_SHADOW] & 1;
	return SYNC_OK;
}

static enum sync_status with_register(struct kvm_vm *k, u64 reg, u64 *value, bool write,
				      struct text *detail)
{
	/* RIP and the registers of an instruction that exited are not final before it completed. */
	if (!kvm_complete_io(k, detail))
		return SYNC_FAILED;
	if (reg & SYNC_MSR_FLAG)
		return with_msr(k, (u32)reg, value, write, detail);
	if (reg == SYNC_REG_XCR0)
		return with_xcr0(k, value, write, detail);
	if (reg == SYNC_REG_INTERRUPT_SHADOW || reg == SYNC_REG_NMI_STATE)
		return with_events(k, reg, value, write, detail);
	if (reg >= SYNC_REG_COUNT || !place[reg].present) {
		text_add(detail, "there is no register number %llu", (unsigned long long)reg);
		return SYNC_REFUSED;
	}
	return with_structure(k, place[reg].structure, place[reg].offset, value, write, detail);
}

KVM_ACTION(kvm_act_set_register)
{
	u64 new = arguments[1];

	(void)value;
	return with_register((struct kvm_vm *)vm, arguments[0], &new, true, detail);
}

KVM_ACTION(kvm_act_get_register)
{
	if (arguments[0] == SYNC_REG_L2_SHADOW)
		return get_l2_shadow((struct kvm_vm *)vm, value, detail);
	return with_register((struct kvm_vm *)vm, arguments[0], value, false, detail);
}
