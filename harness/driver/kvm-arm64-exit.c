// SPDX-License-Identifier: GPL-2.0-only
/* MMIO of the guest, and exits in words, on arm64. */
#include "harness/driver/kvm.h"

enum { A64_WFI = (int)0xd503207f, A64_HVC_0 = (int)0xd4000002 };

/* Where no device is: reads give zero, as the bus of no machine would. */
bool kvm_serve_device(struct kvm_run *run)
{
	if (run->exit_reason == KVM_EXIT_INTR)
		return true;
	if (run->exit_reason != KVM_EXIT_MMIO ||
	    (run->mmio.phys_addr == PLATFORM_DOORBELL && run->mmio.is_write))
		return false;
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
	sched_yield();
	return true;
}

enum kvm_mmio kvm_mmio(struct kvm_vm *k, struct kvm_run *run, u64 *gpa)
{
	const u32 magic = WIRE_MAGIC;

	(void)k;
	if (run->mmio.phys_addr != PLATFORM_DOORBELL)
		return KVM_MMIO_ELSEWHERE;
	memcpy(gpa, run->mmio.data, sizeof(*gpa));
	if (run->mmio.is_write)
		return KVM_MMIO_DOORBELL;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	memcpy(run->mmio.data, &magic, sizeof(magic));
	return KVM_MMIO_DONE;
}

/* Delivery errors and tiles are x86's. */
bool kvm_doubt_delivery(int vcpu, const struct kvm_run *run, struct kvm_doubt *d)
{
	(void)vcpu;
	(void)run;
	(void)d;
	return false;
}

void kvm_own_tiles_load(void)
{
}

bool kvm_own_tiles_kept(struct text *why)
{
	(void)why;
	return true;
}

/* That is for hosts whose KVM emulates instructions. */
bool kvm_return_unemulated(struct kvm_vm *k)
{
	(void)k;
	return false;
}

static bool get_core(int vcpu, u64 field, u64 *value)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | field,
		.addr = (u64)value,
	};

	return !ioctl(vcpu, KVM_GET_ONE_REG, &reg);
}

/* KVM gives no state for it: a vCPU that a signal took out of WFI stands behind it. */
bool kvm_is_halted(struct kvm_vm *k)
{
	u32 *word;
	u64 pc;

	if (!get_core(k->vcpu, KVM_REG_ARM_CORE_REG(regs.pc), &pc))
		return false;
	word = (u32 *)kvm_memory_at(k, pc - sizeof(*word), sizeof(*word));
	return word && (*word == (u32)A64_WFI || *word == (u32)A64_HVC_0);
}

const char *kvm_halt_words(struct kvm_vm *k)
{
	(void)k;
	return "halted";
}

#define EXIT_REASON(name) [KVM_EXIT_##name] = "KVM_EXIT_" #name
static const char *const exit_name[] = {
	EXIT_REASON(UNKNOWN),	   EXIT_REASON(EXCEPTION), EXIT_REASON(HYPERCALL),
	EXIT_REASON(DEBUG),	   EXIT_REASON(MMIO),	   EXIT_REASON(SHUTDOWN),
	EXIT_REASON(FAIL_ENTRY),   EXIT_REASON(INTR),	   EXIT_REASON(INTERNAL_ERROR),
	EXIT_REASON(SYSTEM_EVENT), EXIT_REASON(ARM_NISV),
};
#undef EXIT_REASON

void kvm_describe_exit(int vcpu, const struct kvm_run *run, struct text *t)
{
	static const char *const event[] = { "none", "SHUTDOWN", "RESET", "CRASH" };
	u32 reason = run->exit_reason;
	u64 pc, pstate;

	if (reason < ARRAY_SIZE(exit_name) && exit_name[reason])
		text_add(t, "%s", exit_name[reason]);
	else
		text_add(t, "KVM exit reason %u", reason);
	if (reason == KVM_EXIT_SYSTEM_EVENT)
		text_add(t, ": %s", event[MIN(run->system_event.type, 3u)]);
	if (reason == KVM_EXIT_MMIO)
		text_add(t, " at %#llx", (unsigned long long)run->mmio.phys_addr);
	if (get_core(vcpu, KVM_REG_ARM_CORE_REG(regs.pc), &pc) &&
	    get_core(vcpu, KVM_REG_ARM_CORE_REG(regs.pstate), &pstate))
		text_add(t, " at pc=%#llx pstate=%#llx", (unsigned long long)pc,
			 (unsigned long long)pstate);
}
