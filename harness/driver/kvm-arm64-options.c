// SPDX-License-Identifier: GPL-2.0-only
/* Options and sabotage of the host `kvm` on arm64: data alone, which a lab on another machine reads. */
#include "harness/driver/kvm-arm64-options.h"

struct host_option kvm_arm64_options[] = {
	{ .name = "gic",
	  .values = "3|none",
	  .initial = "3",
	  .meaning = "the virtual interrupt controller: GICv3, or none" },
	{ .name = "its", .values = "on|off", .initial = "on", .meaning = "an ITS (with gic=3)" },
	{ .name = "memory",
	  .values = "NUMBER",
	  .initial = STRING(GUEST_MEMORY_DEFAULT_MIB),
	  .meaning = "guest memory in MiB" },
	{ 0 },
};

const struct sabotage kvm_arm64_sabotages[] = {
	{ "skip-priority", "RESTORE does not write the priorities of interrupts" },
	{ "skip-enable", "RESTORE does not write which interrupts are enabled" },
	{ "skip-pending", "RESTORE does not write which interrupts are pending" },
	{ "skip-active", "RESTORE does not write which interrupts are active" },
	{ "skip-level", "RESTORE does not write the levels of wires" },
	{ "skip-configuration", "RESTORE does not write which interrupts are edge-triggered" },
	{ "skip-route", "RESTORE does not write the routes of SPIs" },
	{ "skip-icc", "RESTORE does not write the CPU interfaces" },
	{ "skip-lpis", "RESTORE does not turn the LPIs of redistributors on" },
	{ "skip-its-tables", "RESTORE does not let the ITS read its tables" },
	{ "skip-its-queue", "RESTORE does not write where the ITS is in its queue" },
	{ "skip-its-pending", "SAVE does not write the pending tables of LPIs" },
	{ "skip-timer", "RESTORE does not write the virtual timer" },
	{ "skip-thread-registers", "RESTORE does not write TPIDR_EL0 and TPIDRRO_EL0" },
	{ "silent-device", "an assigned device never raises its interrupt" },
	{ "stale-route", "ROUTE_MSI keeps the first message of a line" },
	{ "keep-irqfd", "END_IRQFD leaves it on its line" },
	{ "wrong-line", "SET_IRQ_LINE changes the next line" },
	{ 0 },
};
