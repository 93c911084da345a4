// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts into an arm64 guest: by their wire, as a message, through an eventfd. */
#include "harness/driver/kvm.h"

#include <sys/eventfd.h>

#define GSI_MESSAGES KVM_GSI_MESSAGES

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

/* --- eventfds: k->event[] has what each is for --- */

/* Lines, and one message; the last one stays where none is given. */
bool kvm_set_routes(struct kvm_vm *k, const u64 *message, struct text *why)
{
	struct {
		struct kvm_irq_routing table;
		struct kvm_irq_routing_entry entry[PLATFORM_SPIS + 1];
	} r = { .table = { .nr = PLATFORM_SPIS + 1 } };
	static u64 kept[3];

	if (message)
		memcpy(kept, message, sizeof(kept));
	message = kept;

	for (u32 i = 0; i < PLATFORM_SPIS; i++)
		r.entry[i] = (struct kvm_irq_routing_entry){ .gsi = i,
							     .type = KVM_IRQ_ROUTING_IRQCHIP,
							     .u.irqchip.pin = i };
	r.entry[PLATFORM_SPIS] = (struct kvm_irq_routing_entry){
		.gsi = GSI_MESSAGES,
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = KVM_MSI_VALID_DEVID,
		.u.msi = {
			.address_lo = (u32)message[0],
			.address_hi = (u32)(message[0] >> 32),
			.data = (u32)message[1],
			.devid = (u32)message[2],
		},
	};
	return KVM_TRY(k->fd, KVM_SET_GSI_ROUTING, &r, why);
}

int kvm_line_eventfd(struct kvm_vm *k, u32 line, struct text *why)
{
	struct kvm_irqfd irqfd = {
		.fd = (u32)eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.gsi = line - INTID_SPI,
	};

	if (kvm_set_routes(k, NULL, why) && KVM_TRY(k->fd, KVM_IRQFD, &irqfd, why))
		return (int)irqfd.fd;
	close((int)irqfd.fd);
	return -1;
}

KVM_ACTION(kvm_act_signal_irqfd)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 line = arguments[0], one = 1;
	struct kvm_irqfd irqfd = {
		.fd = (u32)eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.gsi = line ? (u32)line - INTID_SPI : (u32)GSI_MESSAGES,
	};
	bool ok;

	(void)value;
	if (line && (line < INTID_SPI || line >= INTID_SPI + PLATFORM_SPIS)) {
		text_add(detail, "SIGNAL_IRQFD: only SPIs can be bound to an eventfd");
		close((int)irqfd.fd);
		return SYNC_REFUSED;
	}
	ok = kvm_set_routes(k, arguments + 1, detail) &&
	     KVM_TRY(k->fd, KVM_IRQFD, &irqfd, detail) &&
	     write((int)irqfd.fd, &one, sizeof(one)) == sizeof(one);
	/* Taking it away waits for what is under way. */
	irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
	ok = ok && KVM_TRY(k->fd, KVM_IRQFD, &irqfd, detail);
	close((int)irqfd.fd);
	return ok ? SYNC_OK : SYNC_FAILED;
}
