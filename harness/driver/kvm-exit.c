// SPDX-License-Identifier: GPL-2.0-only
/* Exits of a vCPU in words, for the verdicts of guests that died. */
#include "harness/driver/kvm.h"

#define EXIT_REASON(name) [KVM_EXIT_##name] = "KVM_EXIT_" #name
static const char *const exit_name[] = {
	EXIT_REASON(UNKNOWN),	     EXIT_REASON(EXCEPTION),   EXIT_REASON(IO),
	EXIT_REASON(HYPERCALL),	     EXIT_REASON(DEBUG),       EXIT_REASON(HLT),
	EXIT_REASON(MMIO),	     EXIT_REASON(SHUTDOWN),    EXIT_REASON(FAIL_ENTRY),
	EXIT_REASON(INTR),	     EXIT_REASON(SET_TPR),     EXIT_REASON(TPR_ACCESS),
	EXIT_REASON(IRQ_WINDOW_OPEN), EXIT_REASON(NMI),	       EXIT_REASON(INTERNAL_ERROR),
	EXIT_REASON(SYSTEM_EVENT),   EXIT_REASON(IOAPIC_EOI),  EXIT_REASON(X86_RDMSR),
	EXIT_REASON(X86_WRMSR),
};
#undef EXIT_REASON

static const char *const internal_error[] = {
	[KVM_INTERNAL_ERROR_EMULATION] = "emulation failure",
	[KVM_INTERNAL_ERROR_SIMUL_EX] = "simultaneous exceptions",
	[KVM_INTERNAL_ERROR_DELIVERY_EV] = "unexpected exit while delivering an event",
	[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "unexpected exit reason",
};

static void add_registers(int vcpu, struct text *t)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_REGS, &regs) || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return;
	text_add(t, " at rip=%#llx cs=%#x rflags=%#llx rsp=%#llx cr2=%#llx", regs.rip,
		 sregs.cs.selector, regs.rflags, regs.rsp, sregs.cr2);
}

static void add_internal_error(const struct kvm_run *run, struct text *t)
{
	u32 suberror = run->internal.suberror;

	text_add(t, ": %s",
		 suberror < ARRAY_SIZE(internal_error) && internal_error[suberror] ?
			 internal_error[suberror] : "unknown suberror");
	if (suberror != KVM_INTERNAL_ERROR_EMULATION || run->emulation_failure.ndata < 3 ||
	    !(run->emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES))
		return;
	text_add(t, ", instruction");
	for (u32 i = 0; i < MIN(run->emulation_failure.insn_size, 15); i++)
		text_add(t, " %02x", run->emulation_failure.insn_bytes[i]);
}

void kvm_describe_exit(int vcpu, const struct kvm_run *run, struct text *t)
{
	u32 reason = run->exit_reason;

	if (reason < ARRAY_SIZE(exit_name) && exit_name[reason])
		text_add(t, "%s", exit_name[reason]);
	else
		text_add(t, "KVM exit reason %u", reason);
	switch (reason) {
	case KVM_EXIT_SHUTDOWN:
		text_add(t, ": triple fault");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		add_internal_error(run, t);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		text_add(t, ": hardware reason %#llx",
			 run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_UNKNOWN:
		text_add(t, ": hardware reason %#llx", run->hw.hardware_exit_reason);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		text_add(t, ": type %u", run->system_event.type);
		break;
	}
	add_registers(vcpu, t);
}
