// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts into an arm64 guest: by their wire, as a message, through an eventfd. */
#include "harness/driver/kvm.h"

#include <sys/eventfd.h>

KVM_ACTION(kvm_act_signal_msi)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_msi msi = {
		.address_lo = (u32)arguments[0],
		.address_hi = (u32)(arguments[0] >> 32),
		.data = (u32)arguments[1],
		.flags = KVM_MSI_VALID_DEVID,
		.devid = (u32)arguments[2],
	};

	(void)value;
	return KVM_TRY(k->fd, KVM_SIGNAL_MSI, &msi, detail) ? SYNC_OK : SYNC_FAILED;
}

/* An INTID: an SPI, or a PPI of the boot vCPU. */
KVM_ACTION(kvm_act_set_irq_line)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u32 intid = (u32)arguments[0] + sabotaged("wrong-line");
	u32 type = intid < INTID_SPI ? KVM_ARM_IRQ_TYPE_PPI : KVM_ARM_IRQ_TYPE_SPI;
	struct kvm_irq_level line = {
		.irq = type << KVM_ARM_IRQ_TYPE_SHIFT | intid,
		.level = (u32)arguments[1],
	};

	(void)value;
	if (arguments[0] < INTID_PPI || arguments[0] >= INTID_SPI + PLATFORM_SPIS) {
		text_add(detail, "line %llu: there are the INTIDs %u to %u",
			 (unsigned long long)arguments[0], INTID_PPI,
			 INTID_SPI + PLATFORM_SPIS - 1);
		return SYNC_REFUSED;
	}
	return KVM_TRY(k->fd, KVM_IRQ_LINE, &line, detail) ? SYNC_OK : SYNC_FAILED;
}

/* --- eventfds --- */

bool kvm_routes_set(struct kvm_vm *k, struct text *why)
{
	struct {
		struct kvm_irq_routing table;
		struct kvm_irq_routing_entry entry[PLATFORM_SPIS + ROUTES_MAX + KVM_DEVICES_MAX];
	} r = { 0 };
	unsigned int n = 0;

	for (; n < PLATFORM_SPIS; n++)
		r.entry[n] = (struct kvm_irq_routing_entry){ .gsi = n,
							     .type = KVM_IRQ_ROUTING_IRQCHIP,
							     .u.irqchip.pin = n };
	for (unsigned int i = 0; i < k->routes; i++)
		r.entry[n++] = k->route[i];
	for (unsigned int i = 0; i < kvm_devices_assigned(); i++) {
		const u64 *message = kvm_device_message(i);

		r.entry[n++] = (struct kvm_irq_routing_entry){
			.gsi = KVM_DEVICE_GSI + i,
			.type = KVM_IRQ_ROUTING_MSI,
			.flags = KVM_MESSAGE_FLAGS,
			.u.msi = {
				.address_lo = (u32)message[0],
				.address_hi = (u32)(message[0] >> 32),
				.data = (u32)message[1],
				.devid = (u32)message[2],
			},
		};
	}
	r.table.nr = n;
	return KVM_TRY(k->fd, KVM_SET_GSI_ROUTING, &r, why);
}

int kvm_line_eventfd(struct kvm_vm *k, u32 line, struct text *why)
{
	struct kvm_irqfd irqfd = {
		.fd = (u32)eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.gsi = kvm_gsi(line),
	};

	if (KVM_TRY(k->fd, KVM_IRQFD, &irqfd, why))
		return (int)irqfd.fd;
	close((int)irqfd.fd);
	return -1;
}
