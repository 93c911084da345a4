// SPDX-License-Identifier: GPL-2.0-only
/*
 * What differs between the architectures that QEMU emulates: names, defaults, the
 * way to an interrupt line, and how a halted vCPU is told from a running one.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/driver/qemu.h"
#include "lib/arm64/gic.h"

/* --- x86: the 8259s and the IOAPIC --- */

#define IOAPIC_PINS 24
#define PIC_PINS 8

/* The addresses that name a message-signalled interrupt: SDM vol. 3A, 11.11.1. */
#define MSI_BASE 0xfee00000ull
#define MSI_BYTES 0x100000ull

/* The numbers of the unattached devices of a type, in the order of their making: at most `most`. */
static unsigned int find_devices(struct process *p, const char *type, unsigned int *number,
				 unsigned int most, struct text *detail)
{
	unsigned int found = 0;
	json_t *list, *entry;
	char child[48];
	size_t i;

	snprintf(child, sizeof(child), "child<%s>", type);
	if (!qmp_command(&p->qmp, "qom-list", json_pack("{s:s}", "path", "/machine/unattached"),
			 &list, detail))
		return 0;
	json_array_foreach(list, i, entry)
	{
		const char *is = json_string_value(json_object_get(entry, "type"));
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (found < most && is && name && !strcmp(is, child) &&
		    sscanf(name, "device[%u]", &number[found]) == 1)
			found++;
	}
	json_decref(list);
	return found;
}

static enum sync_status set_irq_in(struct process *p, unsigned int device, unsigned int pin,
				   unsigned int level, struct text *detail)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "set_irq_in /machine/unattached/device[%u] unnamed-gpio-in %u %u", device, pin,
		 level);
	return qtest_command(p, command, detail) ? SYNC_OK : SYNC_FAILED;
}

/* A GSI leads to an IOAPIC pin and, below 16, to a PIC pin too; the master is the older PIC. */
static enum sync_status set_gsi(struct process *p, u64 line, unsigned int level,
				struct text *detail)
{
	unsigned int pic[2], gsi = (unsigned int)line;
	char command[128];

	/* QEMU aborts on a pin that is not there. */
	if (line >= IOAPIC_PINS) {
		text_add(detail, "line %llu: there are lines 0 to %u", (unsigned long long)line,
			 IOAPIC_PINS - 1);
		return SYNC_REFUSED;
	}
	if (gsi < 2 * PIC_PINS && find_devices(p, "isa-i8259", pic, 2, detail) == 2) {
		if (pic[0] > pic[1]) {
			unsigned int master = pic[1];

			pic[1] = pic[0];
			pic[0] = master;
		}
		if (set_irq_in(p, pic[gsi / PIC_PINS], gsi % PIC_PINS, level, detail) != SYNC_OK)
			return SYNC_FAILED;
	}
	snprintf(command, sizeof(command), "set_irq_in ioapic unnamed-gpio-in %u %u", gsi, level);
	return qtest_command(p, command, detail) ? SYNC_OK : SYNC_FAILED;
}

/* --- arm64: the GICv3 of the machine virt --- */

enum { VIRT_SPIS = 256, A64_WFI = (int)0xd503207f, A64_HVC_0 = (int)0xd4000002 };

/* SPIs come first among the inputs, then the 32 private interrupts of each CPU. */
static enum sync_status set_intid(struct process *p, u64 line, unsigned int level,
				  struct text *detail)
{
	unsigned int gic, pin;

	if (line < INTID_PPI || line >= INTID_SPI + VIRT_SPIS) {
		text_add(detail, "line %llu: there are the INTIDs %u to %u",
			 (unsigned long long)line, INTID_PPI, INTID_SPI + VIRT_SPIS - 1);
		return SYNC_REFUSED;
	}
	if (!find_devices(p, "arm-gicv3", &gic, 1, detail)) {
		text_add(detail, "the machine has no arm-gicv3");
		return SYNC_UNSUPPORTED;
	}
	pin = line < INTID_SPI ? VIRT_SPIS + (unsigned int)line : (unsigned int)line - INTID_SPI;
	return set_irq_in(p, gic, pin, level, detail);
}

/*
 * `info registers` does not say it.  A halted vCPU stands behind a WFI, or behind the
 * HVC of a PSCI CPU_SUSPEND, and its thread sleeps.
 */
static bool stands_behind_wfi(struct process *p, const char *registers, struct text *detail)
{
	char command[48], *text, *colon;
	u64 before, after, pc;
	bool known;
	int word = 0;

	before = process_vcpu_nanoseconds(p, &known, detail);
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	after = process_vcpu_nanoseconds(p, &known, detail);
	if (!known || before != after || !registers_find(registers, "PC", &pc))
		return false;
	snprintf(command, sizeof(command), "x /1wx %#llx", (unsigned long long)pc - 4);
	if (!qmp_human(&p->qmp, command, &text, detail))
		return false;
	colon = strchr(text, ':');
	if (colon)
		word = (int)strtoul(colon + 1, NULL, 16);
	free(text);
	return word == A64_WFI || word == A64_HVC_0;
}

/* --- the table --- */

static const struct qemu_arch archs[] = {
	{
		.name = "x86",
		.elf_machine = EM_X86_64,
		.package = "qemu-system-x86",
		.binary = "qemu-system-x86_64",
		.machine = "microvm",
		.cpu = "max",
		.boot = "pvh",
		.machines = " microvm pc q35 ",
		.boots = " pvh multiboot disk ",
		.msi_base = MSI_BASE,
		.msi_bytes = MSI_BYTES,
		.set_line = set_gsi,
	},
	{
		.name = "arm64",
		.elf_machine = EM_AARCH64,
		.package = "qemu-system-arm",
		.binary = "qemu-system-aarch64",
		.machine = "virt",
		.cpu = "max",
		.boot = "image",
		.machines = " virt ",
		.boots = " image elf ",
		.no_actions = INJECT_NMI | TRANSLATE | GET_REGISTER | EXPECT_SHUTDOWN,
		.msi_base = PLATFORM_ITS + GITS_TRANSLATER,
		.msi_bytes = 4,
		.set_line = set_intid,
		.halted = stands_behind_wfi,
	},
};

const struct qemu_arch *qemu_arch(void)
{
	return &archs[option_is(&qemu_ops, "arch", "arm64")];
}

/* Is the option's value one of a list between blanks? */
static bool among(const char *list, const char *option)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", option_get(&qemu_ops, option));
	return strstr(list, word);
}

bool qemu_arch_choose(struct text *missing)
{
	const struct qemu_arch *a = qemu_arch();
	const struct {
		const char *option, *initial, *list;
	} own[] = {
		{ "machine", a->machine, a->machines },
		{ "boot", a->boot, a->boots },
		{ "cpu", a->cpu, NULL },
		{ "binary", a->binary, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		for (struct host_option *o = qemu_options; o->name; o++)
			if (!strcmp(o->name, own[i].option))
				o->initial = own[i].initial;
		if (!own[i].list || among(own[i].list, own[i].option))
			continue;
		text_add(missing, "%s=%s is not of arch=%s; those of it are%sby option %s",
			 own[i].option, option_get(&qemu_ops, own[i].option), a->name, own[i].list,
			 own[i].option);
		return false;
	}
	return true;
}

bool registers_halted(struct process *p, const char *text, struct text *detail)
{
	u64 halted = 0;

	if (qemu_arch()->halted)
		return qemu_arch()->halted(p, text, detail);
	registers_find(text, "HLT", &halted);
	return halted;
}
