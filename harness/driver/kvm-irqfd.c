// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that raise interrupt lines, as those of devices outside the VMM do: KVM_IRQFD with
 * and without a resampler, KVM_SET_GSI_ROUTING (Documentation/virt/kvm/api.rst).
 */
#include "harness/driver/kvm.h"

#include <sys/eventfd.h>

/* A line is delivered by a worker of the kernel's; time for it to have run. */
enum { WORKER_MICROSECONDS = 1000 };

#define NO_FD (~0u)

KVM_ACTION(kvm_act_route_msi)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_irq_routing_entry *e = k->route;
	u32 gsi = kvm_gsi(arguments[0]);

	(void)value;
	while (e < k->route + k->routes && e->gsi != gsi)
		e++;
	if (arguments[0] < KVM_MESSAGE_LINES || e == k->route + ROUTES_MAX) {
		text_add(detail, "ROUTE_MSI: a line from %u on, at most %u of them",
			 KVM_MESSAGE_LINES, ROUTES_MAX);
		return SYNC_REFUSED;
	}
	if (e == k->route + k->routes)
		k->routes++;
	else if (sabotaged("stale-route"))
		return SYNC_OK;
	*e = (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = KVM_MESSAGE_FLAGS,
		.u.msi = {
			.address_lo = (u32)arguments[1],
			.address_hi = (u32)(arguments[1] >> 32),
			.data = (u32)arguments[2],
			.devid = (u32)arguments[3],
		},
	};
	return kvm_routes_set(k, detail) ? SYNC_OK : SYNC_FAILED;
}

/* --- the events --- */

static bool in_use(const struct kvm_vm *k, u64 number)
{
	return number < k->irqfds && k->irqfd[number].fd != NO_FD;
}

static struct kvm_irqfd *numbered(struct kvm_vm *k, u64 number, struct text *detail)
{
	if (in_use(k, number))
		return &k->irqfd[number];
	text_add(detail, "there is no IRQFD of this number");
	return NULL;
}

static u32 new_event(void)
{
	return (u32)eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static void close_events(struct kvm_irqfd *i)
{
	if (i->fd != NO_FD)
		close((int)i->fd);
	if (i->resamplefd != NO_FD)
		close((int)i->resamplefd);
	i->fd = i->resamplefd = NO_FD;
}

KVM_ACTION(kvm_act_irqfd)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	bool resamples = arguments[1] != 0;
	struct kvm_irqfd *i = k->irqfd + k->irqfds;

	if (!kvm_is_line(arguments[0]) || k->irqfds == IRQFDS_MAX) {
		text_add(detail, "IRQFD: a line that can have one, at most %u of them", IRQFDS_MAX);
		return SYNC_REFUSED;
	}
	*i = (struct kvm_irqfd){ .fd = new_event(), .gsi = kvm_gsi(arguments[0]) };
	i->resamplefd = resamples ? new_event() : NO_FD;
	if (resamples)
		i->flags = KVM_IRQFD_FLAG_RESAMPLE;
	if (i->fd == NO_FD || (resamples && i->resamplefd == NO_FD)) {
		text_add(detail, "eventfd: %s", strerrorname_np(errno));
		close_events(i);
		return SYNC_FAILED;
	}
	if (!KVM_TRY(k->fd, KVM_IRQFD, i, detail)) {
		close_events(i);
		return SYNC_FAILED;
	}
	*value = k->irqfds++;
	return SYNC_OK;
}

KVM_ACTION(kvm_act_end_irqfd)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	struct kvm_irqfd *i = numbered(k, arguments[0], detail), end;

	(void)value;
	if (!i)
		return SYNC_REFUSED;
	if (sabotaged("keep-irqfd"))
		return SYNC_OK;
	end = *i;
	end.flags = KVM_IRQFD_FLAG_DEASSIGN;
	/* Its number and its descriptors stay: what is raised from now on must go nowhere. */
	i->flags |= KVM_IRQFD_FLAG_DEASSIGN;
	return KVM_TRY(k->fd, KVM_IRQFD, &end, detail) ? SYNC_OK : SYNC_FAILED;
}

KVM_ACTION(kvm_act_raise_irqfd)
{
	struct kvm_irqfd *i = numbered((struct kvm_vm *)vm, arguments[0], detail);
	const u64 one = 1;

	(void)value;
	if (!i)
		return SYNC_REFUSED;
	if (write((int)i->fd, &one, sizeof(one)) != sizeof(one)) {
		text_add(detail, "eventfd: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	usleep(WORKER_MICROSECONDS);
	return SYNC_OK;
}

KVM_ACTION(kvm_act_read_resampled)
{
	struct kvm_irqfd *i = numbered((struct kvm_vm *)vm, arguments[0], detail);
	u64 count = 0;

	if (!i || i->resamplefd == NO_FD) {
		text_add(detail, i ? "this IRQFD does not resample" : "");
		return SYNC_REFUSED;
	}
	/* EAGAIN: not raised. */
	if (read((int)i->resamplefd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
		text_add(detail, "eventfd: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	*value = count;
	return SYNC_OK;
}

/* --- another VM --- */

bool kvm_irqfds_assign(struct kvm_vm *k, struct text *why)
{
	if (k->routes && !kvm_routes_set(k, why))
		return false;
	for (unsigned int i = 0; i < k->irqfds; i++)
		if (!(k->irqfd[i].flags & KVM_IRQFD_FLAG_DEASSIGN) &&
		    !KVM_TRY(k->fd, KVM_IRQFD, &k->irqfd[i], why))
			return false;
	return true;
}

void kvm_irqfds_forget(struct kvm_vm *k)
{
	for (unsigned int i = 0; i < k->irqfds; i++)
		close_events(&k->irqfd[i]);
	k->irqfds = k->routes = 0;
}
