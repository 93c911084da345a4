// SPDX-License-Identifier: GPL-2.0-only
/* The host `kvm` on x86-64: its options, what this kernel offers, its actions. */
#include "harness/driver/kvm.h"
#include "harness/driver/stream.h"

#include <fcntl.h>

struct kvm_host kvm = { .fd = -1 };

static struct host_option options[] = {
	{ .name = "irqchip", .values = "kernel|split|none", .initial = "kernel",
	  .meaning = "interrupt controllers: all in the kernel, only the local APIC, or none" },
	{ .name = "pit", .values = "on|off", .initial = "on",
	  .meaning = "the kernel's PIT (with irqchip=kernel)" },
	{ .name = "payload", .values = "on|off", .initial = "on",
	  .meaning = "enable KVM_CAP_EXCEPTION_PAYLOAD, where there is one" },
	{ .name = "maxphyaddr", .values = "NUMBER", .initial = "0",
	  .meaning = "give the guest fewer physical address bits; 0: as the host has" },
	{ .name = "tiles", .values = "on|off", .initial = "on",
	  .meaning = "ask that the guest may have AMX's tiles (ARCH_REQ_XCOMP_GUEST_PERM)" },
	{ .name = "own_tiles", .values = "on|off", .initial = "off",
	  .meaning = "the driver's thread keeps tiles of its own around each KVM_RUN" },
	{ .name = "memory", .values = "NUMBER", .initial = STRING(GUEST_MEMORY_DEFAULT_MIB),
	  .meaning = "guest memory in MiB" },
	{ .name = "delivery-error", .values = "believe|retry", .initial = "believe",
	  .meaning = "retry: KVM's error of an exit while delivering an event counts if it stays" },
	{ 0 },
};

int kvm_call(int fd, unsigned long request, void *argument)
{
	int result;

	/* The deadline's ticks may meet any call; KVM_CREATE_VM was seen to end with EINTR. */
	do
		result = ioctl(fd, request, argument);
	while (result < 0 && errno == EINTR);
	return result;
}

bool kvm_try(int fd, unsigned long request, const char *name, void *argument, struct text *why)
{
	if (kvm_call(fd, request, argument) >= 0)
		return true;
	text_add(why, "%s: %s", name, strerrorname_np(errno));
	return false;
}

static bool has(long extension)
{
	return ioctl(kvm.fd, KVM_CHECK_EXTENSION, extension) > 0;
}

static struct kvm_cpuid_entry2 *cpuid_entry(u32 function)
{
	for (u32 i = 0; i < kvm.cpuid->nent; i++)
		if (kvm.cpuid->entries[i].function == function)
			return &kvm.cpuid->entries[i];
	return NULL;
}

static bool read_cpuid(struct text *missing)
{
	u64 maxphyaddr = strtoull(option_get(&kvm_ops, "maxphyaddr"), NULL, 0);
	struct kvm_cpuid_entry2 *e;

	kvm.cpuid = calloc(1, sizeof(*kvm.cpuid) + CPUID_MAX * sizeof(kvm.cpuid->entries[0]));
	kvm.cpuid->nent = CPUID_MAX;
	stream_fact("guest_tiles", kvm_ask_tiles() ? "asked" : "no");
	if (!KVM_TRY(kvm.fd, KVM_GET_SUPPORTED_CPUID, kvm.cpuid, missing))
		return false;
	kvm_hide_tiles();
	e = cpuid_entry(1);
	if (e && !kvm.irqchip && !kvm.split) {
		e->edx &= ~(1u << 9);  /* no local APIC */
		e->ecx &= ~(1u << 21); /* nor x2APIC */
	} else if (e && ioctl(kvm.fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0) {
		/* KVM has it with a local APIC of its own, which this list is not asked for. */
		e->ecx |= 1u << 24;
	}
	e = cpuid_entry(0x80000008);
	if (e && maxphyaddr)
		e->eax = (e->eax & ~0xffu) | (u8)maxphyaddr;
	return true;
}

static bool read_msr_list(struct text *missing)
{
	kvm.msrs = calloc(1, sizeof(*kvm.msrs) + MSRS_MAX * sizeof(kvm.msrs->indices[0]));
	kvm.msrs->nmsrs = MSRS_MAX;
	return KVM_TRY(kvm.fd, KVM_GET_MSR_INDEX_LIST, kvm.msrs, missing);
}

static void read_options(void)
{
	kvm.irqchip = option_is(&kvm_ops, "irqchip", "kernel");
	kvm.split = option_is(&kvm_ops, "irqchip", "split");
	kvm.pit = kvm.irqchip && option_is(&kvm_ops, "pit", "on");
	kvm.retry_delivery = option_is(&kvm_ops, "delivery-error", "retry");
	kvm.memory_size = strtoull(option_get(&kvm_ops, "memory"), NULL, 0) << 20;
}

static u64 probe_actions(void)
{
	u64 actions = SAVE | RESTORE | CHECK_XSTATE | RESTORE_XSTATE | WAIT_HALTED | SET_REGISTER |
		      GET_REGISTER | UNMAP | MOVE | READ_DIRTY_LOG | END_DIRTY_LOG | TRANSLATE |
		      PREEMPT | EXPECT_SHUTDOWN | RESET | WRITE_MEMORY | DEVICE | LIMIT_MMU_PAGES |
		      HOST_CALL;

	if (kvm.readonly_memory)
		actions |= PROTECT;
	if (kvm.vcpu_events)
		actions |= INJECT_EXCEPTION | RETURN_UNEMULATED;
	if (kvm_can_merge() && has(KVM_CAP_BINARY_STATS_FD))
		actions |= MERGE_PAGES | COUNT_LARGE_PAGES;
	if (kvm_can_page_out())
		actions |= PAGE_OUT;
	if (has(KVM_CAP_IOEVENTFD))
		actions |= IOEVENTFD | READ_IOEVENTFD;
	if (has(KVM_CAP_IRQFD) && (kvm.irqchip || kvm.split))
		actions |= IRQFD | END_IRQFD | RAISE_IRQFD;
	if (has(KVM_CAP_IRQFD_RESAMPLE) && kvm.irqchip)
		actions |= READ_RESAMPLED;
	if (has(KVM_CAP_IRQ_ROUTING) && (kvm.irqchip || kvm.split))
		actions |= ROUTE_MSI;
	if (has(KVM_CAP_DISABLE_QUIRKS2))
		actions |= DISABLE_QUIRKS;
	if (has(KVM_CAP_ENFORCE_PV_FEATURE_CPUID))
		actions |= CHECK_MSR_LIST;
	if (!kvm.irqchip && !kvm.split)
		actions |= INJECT_IRQ;
	if (kvm.nested)
		actions |= CHECK_NESTED_STATE;
	if (has(KVM_CAP_USER_NMI))
		actions |= INJECT_NMI;
	if (has(KVM_CAP_X86_SMM) && ioctl(kvm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MULTI_ADDRESS_SPACE) > 1)
		actions |= INJECT_SMI | SMRAM;
	if (has(KVM_CAP_HYPERV_CPUID) && has(KVM_CAP_HYPERV_SYNIC2) && (kvm.irqchip || kvm.split))
		actions |= OFFER_HYPERV;
	if (kvm.msi && (kvm.irqchip || kvm.split))
		actions |= SIGNAL_MSI;
	if (kvm.irqchip)
		actions |= SET_IRQ_LINE;
	if (kvm_can_signal_amid_tiles())
		actions |= SIGNAL_AMID_TILES;
	if (!sched_getaffinity(0, sizeof(kvm.cpus), &kvm.cpus) && CPU_COUNT(&kvm.cpus) > 1)
		actions |= MIGRATE_VCPU;
	return actions;
}

static bool probe(const struct image *image, u64 *actions, const char **subject,
		  struct text *missing)
{
	(void)image;
	read_options();
	*subject = kvm_describe_subject();
	kvm.fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm.fd < 0) {
		text_add(missing, "/dev/kvm: %s", strerror(errno));
		return false;
	}
	if (ioctl(kvm.fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		text_add(missing, "/dev/kvm speaks another API version than %d", KVM_API_VERSION);
		return false;
	}
	if (kvm.irqchip && !has(KVM_CAP_IRQCHIP)) {
		text_add(missing, "no KVM_CAP_IRQCHIP");
		return false;
	}
	if (kvm.split && !has(KVM_CAP_SPLIT_IRQCHIP)) {
		text_add(missing, "no KVM_CAP_SPLIT_IRQCHIP");
		return false;
	}
	kvm.vcpu_mmap_size = ioctl(kvm.fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	kvm.readonly_memory = has(KVM_CAP_READONLY_MEM);
	kvm.vcpu_events = has(KVM_CAP_VCPU_EVENTS);
	kvm.debug_registers = has(KVM_CAP_DEBUGREGS);
	kvm.xcrs = has(KVM_CAP_XCRS);
	kvm.msi = has(KVM_CAP_SIGNAL_MSI);
	kvm.nested = has(KVM_CAP_NESTED_STATE);
	kvm.clock = has(KVM_CAP_ADJUST_CLOCK);
	kvm.triple_fault = has(KVM_CAP_X86_TRIPLE_FAULT_EVENT);
	kvm.payload = has(KVM_CAP_EXCEPTION_PAYLOAD) && option_is(&kvm_ops, "payload", "on");
	*actions = probe_actions();
	return read_cpuid(missing) && read_msr_list(missing) && kvm_own_tiles_begin(missing);
}

/* INIT and SIPI, which start the others, go from one local APIC to another. */
static bool many_cpus(struct text *missing)
{
	if (!kvm.irqchip && !kvm.split)
		text_add(missing, "irqchip=none: no local APIC that could start a second vCPU");
	else if (ioctl(kvm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) < CPUS_MAX)
		text_add(missing, "KVM_CAP_MAX_VCPUS is less than %u", CPUS_MAX);
	return !missing->length;
}

static const struct sabotage sabotages[] = {
	{ "stale-xstate", "RESTORE loads the XSAVE image of the first SAVE" },
	{ "xstate-in-init", "RESTORE loads an XSAVE image with XSTATE_BV = 0" },
	{ "only-avx", "RESTORE loses every component of XCR0 behind AVX" },
	{ "swap-xstate", "RESTORE loads vCPU 0's XSAVE image into vCPU 1" },
	{ "skip-mp-state", "RESTORE does not write the multiprocessor state" },
	{ "reset-one", "RESET resets only the boot vCPU" },
	{ "wake-cpus", "RESTORE lets vCPUs run that wait for a SIPI" },
	{ "no-ymm-high", "RESTORE loses the upper halves of the YMM registers" },
	{ "skip-msr", "RESTORE does not write KERNEL_GS_BASE, LSTAR, SYSENTER_ESP and TSC_AUX" },
	{ "only-tmm0", "RESTORE loses the tiles TMM1 to TMM7" },
	{ "tiles-misplaced", "RESTORE loads tiles from a place 64 bytes off" },
	{ "no-tilecfg", "RESTORE loses the tiles' configuration" },
	{ "tiles-in-use", "RESTORE loads tiles that SAVE says are initial" },
	{ "compacted-header", "RESTORE loads an XSAVE image whose XCOMP_BV says that it is compacted" },
	{ "skip-xfd", "RESTORE does not write IA32_XFD" },
	{ "skip-xfd-err", "RESTORE does not write IA32_XFD_ERR" },
	{ "lose-own-tiles", "KVM_RUN zeroes the tiles of the thread that calls it (own_tiles=on)" },
	{ "skip-debugregs", "RESTORE does not write the debug registers" },
	{ "skip-xcrs", "RESTORE does not write XCR0" },
	{ "skip-nested", "RESTORE does not write the nested state" },
	{ "skip-events", "RESTORE does not write the vCPU's events" },
	{ "skip-lapic", "RESTORE does not write the local APIC" },
	{ "skip-clock", "RESTORE does not write the VM's clock" },
	{ "skip-hyperv", "RESTORE loses the synthetic timers and interrupt sources of Hyper-V" },
	{ "lose-smm", "RESTORE forgets that the CPU was in system-management mode" },
	{ "skip-irqchip", "RESTORE does not write PICs and IOAPIC" },
	{ "lose-cr2", "RESTORE clears CR2" },
	{ "lose-rflags", "RESTORE clears the arithmetic flags" },
	{ "lose-tpr", "RESTORE clears CR8 and the TPR" },
	{ "lose-irr", "RESTORE clears the requests that wait in the local APIC" },
	{ "stale-route", "ROUTE_MSI keeps the first message of a line" },
	{ "keep-irqfd", "END_IRQFD leaves it on its line" },
	{ "call-idle", "HOST_CALL says done and does nothing where it should set something" },
	{ "call-takes-all", "HOST_CALL says done where KVM refused to set something" },
	{ "call-spoils", "HOST_CALL sets something else where KVM refused" },
	{ "call-cuts-xsave", "HOST_CALL gives images of KVM_GET_XSAVE2 without what lies behind SSE" },
	{ "call-wrong-size", "HOST_CALL says that XSAVE images are 64 bytes larger than they are" },
	{ "lose-page", "MOVE zeroes the page it moved" },
	{ "page-out-loses", "PAGE_OUT brings the page back empty" },
	{ "share-smram", "SMRAM gives system-management mode nothing of its own" },
	{ "merge-loses-page", "MERGE_PAGES zeroes a page in the middle" },
	{ 0 },
};

const struct host_ops kvm_ops = {
	.name = "kvm",
	.options = options,
	.isolation = "test",
	.sabotages = sabotages,
	.probe = probe,
	.many_cpus = many_cpus,
	.start = kvm_start,
	.wait = kvm_wait,
	.reply = kvm_reply,
	.stop = kvm_stop,
	.act = {
		[SYNC_BIT_WAIT_HALTED] = kvm_act_wait_halted,
		[SYNC_BIT_SET_REGISTER] = kvm_act_set_register,
		[SYNC_BIT_PROTECT] = kvm_act_protect,
		[SYNC_BIT_UNMAP] = kvm_act_unmap,
		[SYNC_BIT_MOVE] = kvm_act_move,
		[SYNC_BIT_WRITE_MEMORY] = kvm_act_write_memory,
		[SYNC_BIT_MERGE_PAGES] = kvm_act_merge_pages,
		[SYNC_BIT_COUNT_LARGE_PAGES] = kvm_act_count_large_pages,
		[SYNC_BIT_PAGE_OUT] = kvm_act_page_out,
		[SYNC_BIT_DEVICE] = kvm_act_device,
		[SYNC_BIT_IOEVENTFD] = kvm_act_ioeventfd,
		[SYNC_BIT_ROUTE_MSI] = kvm_act_route_msi,
		[SYNC_BIT_IRQFD] = kvm_act_irqfd,
		[SYNC_BIT_END_IRQFD] = kvm_act_end_irqfd,
		[SYNC_BIT_RETURN_UNEMULATED] = kvm_act_return_unemulated,
		[SYNC_BIT_DISABLE_QUIRKS] = kvm_act_disable_quirks,
		[SYNC_BIT_OFFER_HYPERV] = kvm_act_offer_hyperv,
		[SYNC_BIT_LIMIT_MMU_PAGES] = kvm_act_limit_mmu_pages,
		[SYNC_BIT_INJECT_EXCEPTION] = kvm_act_inject_exception,
		[SYNC_BIT_INJECT_IRQ] = kvm_act_inject_irq,
		[SYNC_BIT_INJECT_NMI] = kvm_act_inject_nmi,
		[SYNC_BIT_INJECT_SMI] = kvm_act_inject_smi,
		[SYNC_BIT_SMRAM] = kvm_act_smram,
		[SYNC_BIT_SIGNAL_MSI] = kvm_act_signal_msi,
		[SYNC_BIT_SET_IRQ_LINE] = kvm_act_set_irq_line,
		[SYNC_BIT_RAISE_IRQFD] = kvm_act_raise_irqfd,
		[SYNC_BIT_SAVE] = kvm_act_save,
		[SYNC_BIT_CHECK_XSTATE] = kvm_act_check_xstate,
		[SYNC_BIT_RESTORE_XSTATE] = kvm_act_restore_xstate,
		[SYNC_BIT_RESTORE] = kvm_act_restore,
		[SYNC_BIT_MIGRATE_VCPU] = kvm_act_migrate_vcpu,
		[SYNC_BIT_PREEMPT] = kvm_act_preempt,
		[SYNC_BIT_SIGNAL_AMID_TILES] = kvm_act_signal_amid_tiles,
		[SYNC_BIT_READ_DIRTY_LOG] = kvm_act_read_dirty_log,
		[SYNC_BIT_END_DIRTY_LOG] = kvm_act_end_dirty_log,
		[SYNC_BIT_READ_IOEVENTFD] = kvm_act_read_ioeventfd,
		[SYNC_BIT_READ_RESAMPLED] = kvm_act_read_resampled,
		[SYNC_BIT_CHECK_MSR_LIST] = kvm_act_check_msr_list,
		[SYNC_BIT_CHECK_NESTED_STATE] = kvm_act_check_nested_state,
		[SYNC_BIT_HOST_CALL] = kvm_act_host_call,
		[SYNC_BIT_TRANSLATE] = kvm_act_translate,
		[SYNC_BIT_GET_REGISTER] = kvm_act_get_register,
		[SYNC_BIT_EXPECT_SHUTDOWN] = kvm_act_expect_shutdown,
		[SYNC_BIT_RESET] = kvm_act_reset,
	},
};

int main(int argc, char **argv)
{
	return driver_main(&kvm_ops, argc, argv);
}
