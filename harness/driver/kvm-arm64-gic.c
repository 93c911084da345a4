// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGICv3 and ITS through the device interface
 * (Documentation/virt/kvm/devices/arm-vgic-v3.rst and arm-vgic-its.rst): made for a
 * VM, and their state as a list of words in the order in which it must be written.
 */
#include "harness/driver/kvm.h"

enum { SPI_REGISTERS = PLATFORM_SPIS / 32 };

bool kvm_attribute(int fd, bool set, u32 group, u64 attribute, void *value, struct text *why)
{
	struct kvm_device_attr a = { .group = group, .attr = attribute, .addr = (u64)value };

	if (kvm_call(fd, set ? KVM_SET_DEVICE_ATTR : KVM_GET_DEVICE_ATTR, &a) >= 0)
		return true;
	text_add(why, "%s of group %u, attribute %#llx: %s",
		 set ? "KVM_SET_DEVICE_ATTR" : "KVM_GET_DEVICE_ATTR", group,
		 (unsigned long long)attribute, strerrorname_np(errno));
	return false;
}

/* --- making them --- */

static int create_device(struct kvm_vm *k, u32 type, struct text *why)
{
	struct kvm_create_device device = { .type = type };

	if (!KVM_TRY(k->fd, KVM_CREATE_DEVICE, &device, why))
		return -1;
	return (int)device.fd;
}

static bool set(int fd, u32 group, u64 attribute, u64 value, struct text *why)
{
	return kvm_attribute(fd, true, group, attribute, &value, why);
}

static bool control(int fd, u64 attribute, struct text *why)
{
	return kvm_attribute(fd, true, KVM_DEV_ARM_VGIC_GRP_CTRL, attribute, NULL, why);
}

static bool create_its(struct kvm_vm *k, struct text *why)
{
	k->its = create_device(k, KVM_DEV_TYPE_ARM_VGIC_ITS, why);
	return k->its >= 0 &&
	       set(k->its, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, PLATFORM_ITS, why) &&
	       control(k->its, KVM_DEV_ARM_VGIC_CTRL_INIT, why);
}

bool kvm_gic_create(struct kvm_vm *k, struct text *why)
{
	u32 irqs = INTID_SPI + PLATFORM_SPIS;

	if (option_is(&kvm_ops, "gic", "none"))
		return true;
	k->gic = create_device(k, KVM_DEV_TYPE_ARM_VGIC_V3, why);
	return k->gic >= 0 &&
	       set(k->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, PLATFORM_GICD,
		   why) &&
	       set(k->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, PLATFORM_GICR,
		   why) &&
	       kvm_attribute(k->gic, true, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs, why) &&
	       control(k->gic, KVM_DEV_ARM_VGIC_CTRL_INIT, why) &&
	       (!option_is(&kvm_ops, "its", "on") || create_its(k, why));
}

void kvm_gic_close(struct kvm_vm *k)
{
	if (k->its >= 0)
		close(k->its);
	if (k->gic >= 0)
		close(k->gic);
	k->gic = k->its = -1;
}

/* --- their state --- */

#define DIST KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define LEVEL KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO
#define ICC KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
#define ITS_REGISTERS KVM_DEV_ARM_VGIC_GRP_ITS_REGS
#define LEVEL_OF(intid)                                                                            \
	(VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | (intid))
#define SYSREG(op0, op1, crn, crm, op2)                                                            \
	((u64)(op0) << 14 | (u64)(op1) << 11 | (u64)(crn) << 7 | (u64)(crm) << 3 | (u64)(op2))

/* Registers side by side, and in which order they are written: levels and configuration first. */
static const struct piece {
	u32 group;
	u64 first;
	u32 count, step;
	bool each_cpu;
	const char *sabotage; /* that leaves it out */
} pieces[] = {
	{ DIST, GICD_IIDR, 1, 4, false, NULL },
	{ DIST, GICD_CTLR, 1, 4, false, NULL },
	{ REDIST, GICR_PROPBASER, 2, 4, true, NULL },
	{ REDIST, GICR_PENDBASER, 2, 4, true, NULL },
	{ REDIST, GICR_CTLR, 1, 4, true, "skip-lpis" },
	{ REDIST, GICR_SGI + GICD_IGROUPR, 1, 4, true, NULL },
	{ REDIST, GICR_SGI + GICD_ISENABLER, 1, 4, true, "skip-enable" },
	{ REDIST, GICR_SGI + GICD_ICFGR, 2, 4, true, "skip-configuration" },
	{ REDIST, GICR_SGI + GICD_IPRIORITYR, 8, 4, true, "skip-priority" },
	{ LEVEL, LEVEL_OF(0), 1, 32, true, "skip-level" },
	{ REDIST, GICR_SGI + GICD_ISPENDR, 1, 4, true, "skip-pending" },
	{ REDIST, GICR_SGI + GICD_ISACTIVER, 1, 4, true, "skip-active" },
	{ DIST, GICD_IGROUPR + 4, SPI_REGISTERS, 4, false, NULL },
	{ DIST, GICD_ISENABLER + 4, SPI_REGISTERS, 4, false, "skip-enable" },
	{ DIST, GICD_ICFGR + 8, 2 * SPI_REGISTERS, 4, false, "skip-configuration" },
	{ DIST, GICD_IPRIORITYR + 32, 8 * SPI_REGISTERS, 4, false, "skip-priority" },
	{ DIST, GICD_IROUTER + 8 * INTID_SPI, 2 * PLATFORM_SPIS, 4, false, "skip-route" },
	{ LEVEL, LEVEL_OF(INTID_SPI), SPI_REGISTERS, 32, false, "skip-level" },
	{ DIST, GICD_ISPENDR + 4, SPI_REGISTERS, 4, false, "skip-pending" },
	{ DIST, GICD_ISACTIVER + 4, SPI_REGISTERS, 4, false, "skip-active" },
	{ ICC, SYSREG(3, 0, 12, 12, 5), 1, 1, true, NULL }, /* SRE */
	{ ICC, SYSREG(3, 0, 12, 12, 4), 1, 1, true, "skip-icc" }, /* CTLR */
	{ ICC, SYSREG(3, 0, 4, 6, 0), 1, 1, true, "skip-icc" }, /* PMR */
	{ ICC, SYSREG(3, 0, 12, 12, 3), 1, 1, true, "skip-icc" }, /* BPR1 */
	{ ICC, SYSREG(3, 0, 12, 9, 0), 1, 1, true, "skip-icc" }, /* AP1R0 */
	{ ICC, SYSREG(3, 0, 12, 12, 7), 1, 1, true, NULL }, /* IGRPEN1 */
};

/* Those of the ITS: GITS_CTLR last, behind the tables. */
static const struct piece its_pieces[] = {
	{ ITS_REGISTERS, GITS_IIDR, 1, 4, false, NULL },
	{ ITS_REGISTERS, GITS_CBASER, 1, 8, false, NULL },
	{ ITS_REGISTERS, GITS_CREADR, 1, 8, false, "skip-its-queue" },
	{ ITS_REGISTERS, GITS_CWRITER, 1, 8, false, "skip-its-queue" },
	{ ITS_REGISTERS, GITS_BASER, 8, 8, false, NULL },
};
static const struct piece its_control = { ITS_REGISTERS, GITS_CTLR, 1, 4, false, NULL };

/* One register: 64 bits where the interface has 64, else 32. */
static bool access_word(int fd, bool write, const struct piece *p, u32 i, unsigned int cpu,
			u64 *word, struct text *why)
{
	u64 attribute = p->first + (u64)i * p->step;
	u32 narrow = (u32)*word;

	if (p->each_cpu)
		attribute |= (u64)cpu << 32; /* its affinity */
	if (p->group == ICC || p->group == ITS_REGISTERS)
		return kvm_attribute(fd, write, p->group, attribute, word, why);
	if (!kvm_attribute(fd, write, p->group, attribute, &narrow, why))
		return false;
	*word = narrow;
	return true;
}

/* Read or write a table's words; false at the first that is refused. */
/* SGIs of a fresh vGIC are enabled: those that were not must be disabled. */
static bool disable_first(int fd, const struct piece *p, unsigned int cpu, struct text *why)
{
	u64 attribute = (u64)cpu << 32 | (p->first - GICD_ISENABLER + GICD_ICENABLER);
	u32 all = ~0u;

	if (p->group != REDIST || p->first != GICR_SGI + GICD_ISENABLER)
		return true;
	return kvm_attribute(fd, true, p->group, attribute, &all, why);
}

static bool access_all(struct kvm_vm *k, int fd, bool write, const struct piece *table,
		       size_t pieces_count, u64 **word, struct text *why)
{
	for (size_t n = 0; n < pieces_count; n++) {
		const struct piece *p = &table[n];
		unsigned int cpus = p->each_cpu ? k->vm.cpus : 1;
		bool skip = write && p->sabotage && sabotaged(p->sabotage);

		for (unsigned int cpu = 0; cpu < cpus; cpu++) {
			if (write && !skip && !disable_first(fd, p, cpu, why))
				return false;
			for (u32 i = 0; i < p->count; i++, (*word)++)
				if (!skip && !access_word(fd, write, p, i, cpu, *word, why))
					return false;
		}
	}
	return true;
}

bool kvm_gic_get(struct kvm_vm *k, u64 *words, struct text *why)
{
	if (k->gic < 0)
		return true;
	/* Tables in guest memory first: then their enables may be read as they are. */
	if (k->its >= 0 && !control(k->its, KVM_DEV_ARM_ITS_SAVE_TABLES, why))
		return false;
	if (k->its >= 0 && !sabotaged("skip-its-pending") &&
	    !control(k->gic, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, why))
		return false;
	return access_all(k, k->gic, false, pieces, ARRAY_SIZE(pieces), &words, why) &&
	       (k->its < 0 ||
		(access_all(k, k->its, false, its_pieces, ARRAY_SIZE(its_pieces), &words, why) &&
		 access_all(k, k->its, false, &its_control, 1, &words, why)));
}

bool kvm_gic_set(struct kvm_vm *k, const u64 *words, struct text *why)
{
	u64 *word = (u64 *)words;

	if (k->gic < 0)
		return true;
	if (!access_all(k, k->gic, true, pieces, ARRAY_SIZE(pieces), &word, why))
		return false;
	if (k->its < 0)
		return true;
	return access_all(k, k->its, true, its_pieces, ARRAY_SIZE(its_pieces), &word, why) &&
	       (sabotaged("skip-its-tables") ||
		control(k->its, KVM_DEV_ARM_ITS_RESTORE_TABLES, why)) &&
	       access_all(k, k->its, true, &its_control, 1, &word, why);
}
