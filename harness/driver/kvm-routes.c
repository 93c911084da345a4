// SPDX-License-Identifier: GPL-2.0-only
/* What x86 lines lead to: the controllers' own, and the messages of ROUTE_MSI. */
#include "harness/driver/kvm.h"

/* The lines of PICs and IOAPIC, and how the kernel routes them if nobody says otherwise. */
enum { PIC_LINES = 16, PIC_PINS = 8, IOAPIC_LINES = KVM_MESSAGE_LINES };

bool kvm_routes_set(struct kvm_vm *k, struct text *why)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[PIC_LINES + IOAPIC_LINES + ROUTES_MAX];
	} table = { 0 };
	unsigned int n = 0;

	for (u32 line = 0; kvm.irqchip && line < IOAPIC_LINES; line++) {
		struct kvm_irq_routing_entry *e = &table.entry[n++];

		e->gsi = line;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		e->u.irqchip.pin = line;
		if (line >= PIC_LINES)
			continue;
		e = &table.entry[n++];
		e->gsi = line;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = line < PIC_PINS ? KVM_IRQCHIP_PIC_MASTER
						       : KVM_IRQCHIP_PIC_SLAVE;
		e->u.irqchip.pin = line % PIC_PINS;
	}
	for (unsigned int i = 0; i < k->routes; i++)
		table.entry[n++] = k->route[i];
	table.head.nr = n;
	return KVM_TRY(k->fd, KVM_SET_GSI_ROUTING, &table, why);
}
