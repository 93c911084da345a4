// SPDX-License-Identifier: GPL-2.0-only
/* The host `kvm` on arm64: what this kernel offers, its actions, VMs and their vCPUs. */
#include "harness/driver/kvm.h"
#include "harness/driver/kvm-arm64-options.h"
#include "harness/driver/stream.h"

#include <fcntl.h>
#include <sys/utsname.h>

struct kvm_host kvm = { .fd = -1 };

/* PSTATE at the entry: EL1h, all interrupts masked. */
#define PSTATE_ENTRY 0x3c5ull
#define CORE_REGISTER(field)                                                                       \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))

int kvm_call(int fd, unsigned long request, void *argument)
{
	int result;

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

/* Can this kernel make such a device? */
static bool has_device(u32 type)
{
	struct kvm_create_device device = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };
	int vm = ioctl(kvm.fd, KVM_CREATE_VM, 0);
	bool there = vm >= 0 && !ioctl(vm, KVM_CREATE_DEVICE, &device);

	if (vm >= 0)
		close(vm);
	return there;
}

static const char *describe_subject(void)
{
	static char subject[256];
	struct utsname u;

	uname(&u);
	snprintf(subject, sizeof(subject), "Linux %s kvm_arm64", u.release);
	stream_fact("kernel", u.version);
	stream_fact("gic", option_get(&kvm_ops, "gic"));
	stream_fact("its", option_get(&kvm_ops, "its"));
	return subject;
}

static u64 probe_actions(void)
{
	bool gic = option_is(&kvm_ops, "gic", "3");
	bool its = gic && option_is(&kvm_ops, "its", "on");
	u64 actions = SAVE | RESTORE | WAIT_HALTED | PREEMPT | RESET | WRITE_MEMORY | UNMAP | MOVE |
		      READ_DIRTY_LOG | END_DIRTY_LOG | HOST_CALL;

	if (has(KVM_CAP_READONLY_MEM))
		actions |= PROTECT;
	if (gic)
		actions |= SET_IRQ_LINE;
	if (gic && has(KVM_CAP_IRQFD))
		actions |= IRQFD | END_IRQFD | RAISE_IRQFD;
	if (gic && has(KVM_CAP_IRQFD_RESAMPLE))
		actions |= READ_RESAMPLED;
	if (its && has(KVM_CAP_IRQ_ROUTING))
		actions |= ROUTE_MSI;
	if (its && has(KVM_CAP_SIGNAL_MSI))
		actions |= SIGNAL_MSI;
	if (its && kvm_device_there())
		actions |= ASSIGN_DEVICE | BLOCKED_ROUNDS;
	if (!sched_getaffinity(0, sizeof(kvm.cpus), &kvm.cpus) && CPU_COUNT(&kvm.cpus) > 1)
		actions |= MIGRATE_VCPU;
	return actions;
}

static bool probe(const struct image *image, u64 *actions, const char **subject,
		  struct text *missing)
{
	(void)image;
	*subject = describe_subject();
	kvm.memory_size = strtoull(option_get(&kvm_ops, "memory"), NULL, 0) << 20;
	kvm.fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm.fd < 0) {
		text_add(missing, "/dev/kvm: %s", strerror(errno));
		return false;
	}
	if (ioctl(kvm.fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		text_add(missing, "/dev/kvm speaks another API version than %d", KVM_API_VERSION);
		return false;
	}
	if (option_is(&kvm_ops, "gic", "3") && !has_device(KVM_DEV_TYPE_ARM_VGIC_V3)) {
		text_add(missing, "KVM makes no vGICv3: the host has another interrupt controller");
		return false;
	}
	kvm.vcpu_mmap_size = ioctl(kvm.fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	*actions = probe_actions();
	return true;
}

static bool many_cpus(struct text *missing)
{
	if (ioctl(kvm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) < CPUS_MAX)
		text_add(missing, "KVM_CAP_MAX_VCPUS is less than %u", CPUS_MAX);
	return !missing->length;
}

/* --- VMs --- */

bool kvm_vm_set_up(struct kvm_vm *k, struct text *why)
{
	(void)why;
	k->gic = k->its = -1;
	return true;
}

/* The others wait for PSCI's CPU_ON. */
bool kvm_vcpu_set_up(struct kvm_vm *k, unsigned int cpu, struct text *why)
{
	struct kvm_vcpu_init init;

	if (!KVM_TRY(k->fd, KVM_ARM_PREFERRED_TARGET, &init, why))
		return false;
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (cpu)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	return KVM_TRY(kvm_fd(k, cpu), KVM_ARM_VCPU_INIT, &init, why);
}

bool kvm_vm_complete(struct kvm_vm *k, struct text *why)
{
	return kvm_gic_create(k, why);
}

static bool set_core(struct kvm_vm *k, u64 id, u64 value, struct text *why)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&value };

	return KVM_TRY(k->vcpu, KVM_SET_ONE_REG, &reg, why);
}

bool kvm_enter_image(struct kvm_vm *k, struct text *why)
{
	const struct image_entry *entry = &k->vm.image->entry;

	return set_core(k, CORE_REGISTER(regs.pc), entry->pc, why) &&
	       set_core(k, CORE_REGISTER(regs.pstate), PSTATE_ENTRY, why) &&
	       set_core(k, CORE_REGISTER(sp_el1), entry->stack, why);
}

const struct host_ops kvm_ops = {
	.name = "kvm",
	.options = kvm_arm64_options,
	.isolation = "test",
	.sabotages = kvm_arm64_sabotages,
	.probe = probe,
	.many_cpus = many_cpus,
	.start = kvm_start,
	.wait = kvm_wait,
	.reply = kvm_reply,
	.stop = kvm_stop,
	.act = {
		[SYNC_BIT_WAIT_HALTED] = kvm_act_wait_halted,
		[SYNC_BIT_PROTECT] = kvm_act_protect,
		[SYNC_BIT_UNMAP] = kvm_act_unmap,
		[SYNC_BIT_MOVE] = kvm_act_move,
		[SYNC_BIT_WRITE_MEMORY] = kvm_act_write_memory,
		[SYNC_BIT_SIGNAL_MSI] = kvm_act_signal_msi,
		[SYNC_BIT_SET_IRQ_LINE] = kvm_act_set_irq_line,
		[SYNC_BIT_ROUTE_MSI] = kvm_act_route_msi,
		[SYNC_BIT_IRQFD] = kvm_act_irqfd,
		[SYNC_BIT_END_IRQFD] = kvm_act_end_irqfd,
		[SYNC_BIT_RAISE_IRQFD] = kvm_act_raise_irqfd,
		[SYNC_BIT_READ_RESAMPLED] = kvm_act_read_resampled,
		[SYNC_BIT_ASSIGN_DEVICE] = kvm_act_assign_device,
		[SYNC_BIT_BLOCKED_ROUNDS] = kvm_act_blocked_rounds,
		[SYNC_BIT_SAVE] = kvm_act_save,
		[SYNC_BIT_RESTORE] = kvm_act_restore,
		[SYNC_BIT_MIGRATE_VCPU] = kvm_act_migrate_vcpu,
		[SYNC_BIT_PREEMPT] = kvm_act_preempt,
		[SYNC_BIT_READ_DIRTY_LOG] = kvm_act_read_dirty_log,
		[SYNC_BIT_END_DIRTY_LOG] = kvm_act_end_dirty_log,
		[SYNC_BIT_HOST_CALL] = kvm_act_host_call,
		[SYNC_BIT_RESET] = kvm_act_reset,
	},
};

int main(int argc, char **argv)
{
	return driver_main(&kvm_ops, argc, argv);
}
