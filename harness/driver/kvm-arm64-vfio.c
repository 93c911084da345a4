// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices of the host in the guest's hands: QEMU's `edu` (docs/specs/edu.rst), which
 * raises its MSI when a register is written; bound to vfio-pci, its eventfd bound to
 * the VM by KVM_IRQFD, so that KVM can forward its interrupt in hardware.
 */
#include "harness/driver/kvm.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>

#define PCI_DEVICES "/sys/bus/pci/devices"

enum { EDU_VENDOR = 0x1234, EDU_DEVICE = 0x11e8, EDU_RAISE = 0x60, EDU_ACKNOWLEDGE = 0x64 };
enum { PCI_COMMAND = 4, PCI_COMMAND_MEMORY_AND_MASTER = 6 };

enum { DEVICES_MAX = KVM_DEVICES_MAX };

static struct assigned {
	int container, group, device, event;
	volatile u32 *bar;
	size_t bar_bytes;
	u64 message[3]; /* address, data, DeviceID */
} assigned[DEVICES_MAX];
static unsigned int devices;

/* --- finding and binding it --- */

static unsigned long read_number(const char *address, const char *file)
{
	char path[128], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", address, file);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	return strtoul(text, NULL, 16);
}

/* The one of this number, in the order in which the folder has them. */
static bool find_device(unsigned int number, char *address, size_t size)
{
	DIR *d = opendir(PCI_DEVICES);
	struct dirent *entry;
	bool found = false;

	while (d && !found && (entry = readdir(d))) {
		if (read_number(entry->d_name, "vendor") != EDU_VENDOR ||
		    read_number(entry->d_name, "device") != EDU_DEVICE)
			continue;
		found = !number--;
		if (found)
			snprintf(address, size, "%.31s", entry->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

bool kvm_device_there(void)
{
	char address[32];

	return find_device(0, address, sizeof(address)) && !access("/dev/vfio/vfio", F_OK) &&
	       !access("/sys/bus/pci/drivers/vfio-pci", F_OK);
}

static bool write_file(const char *path, const char *text, struct text *why)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok)
		text_add(why, "%s: %s", path, strerrorname_np(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Its group's file; empty if it has none. */
static bool bind_device(const char *address, char *group, size_t size, struct text *why)
{
	char path[128], link[256];
	ssize_t n;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", address);
	if (access(path, F_OK)) {
		snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver_override", address);
		if (!write_file(path, "vfio-pci", why) ||
		    !write_file("/sys/bus/pci/drivers_probe", address, why))
			return false;
	}
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/iommu_group", address);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0) {
		text_add(why, "%s is behind no IOMMU", address);
		return false;
	}
	link[n] = '\0';
	snprintf(group, size, "/dev/vfio/%s", strrchr(link, '/') + 1);
	return true;
}

/* --- taking it --- */

static bool set_container(const struct assigned *d, struct text *why)
{
	if (ioctl(d->group, VFIO_GROUP_SET_CONTAINER, &d->container)) {
		text_add(why, "VFIO_GROUP_SET_CONTAINER: %s", strerrorname_np(errno));
		return false;
	}
	if (ioctl(d->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
		text_add(why, "VFIO_SET_IOMMU: %s", strerrorname_np(errno));
		return false;
	}
	return true;
}

static bool map_registers(struct assigned *d, struct text *why)
{
	struct vfio_region_info config = { .argsz = sizeof(config),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	struct vfio_region_info bar = { .argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX };
	u16 command = 0;

	if (ioctl(d->device, VFIO_DEVICE_GET_REGION_INFO, &config) ||
	    ioctl(d->device, VFIO_DEVICE_GET_REGION_INFO, &bar)) {
		text_add(why, "VFIO_DEVICE_GET_REGION_INFO: %s", strerrorname_np(errno));
		return false;
	}
	if (pread(d->device, &command, 2, (off_t)config.offset + PCI_COMMAND) == 2)
		command |= PCI_COMMAND_MEMORY_AND_MASTER;
	pwrite(d->device, &command, 2, (off_t)config.offset + PCI_COMMAND);
	d->bar_bytes = bar.size;
	d->bar = mmap(NULL, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->device,
		      (off_t)bar.offset);
	if (d->bar != MAP_FAILED)
		return true;
	d->bar = NULL;
	text_add(why, "mmap of the device's registers: %s", strerrorname_np(errno));
	return false;
}

/* First the VM's side, so that both ends of the eventfd meet when the device's is made. */
static bool wire(struct kvm_vm *k, struct assigned *d, struct text *why)
{
	struct {
		struct vfio_irq_set set;
		int event;
	} irq = { .set = { .argsz = sizeof(struct vfio_irq_set) + sizeof(int),
			   .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			   .index = VFIO_PCI_MSI_IRQ_INDEX,
			   .count = 1 } };
	struct kvm_irqfd irqfd = { .gsi = KVM_DEVICE_GSI + (u32)(d - assigned) };

	d->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	irqfd.fd = (u32)d->event;
	irq.event = d->event;
	if (!kvm_routes_set(k, why) || !KVM_TRY(k->fd, KVM_IRQFD, &irqfd, why))
		return false;
	if (!ioctl(d->device, VFIO_DEVICE_SET_IRQS, &irq))
		return true;
	text_add(why, "VFIO_DEVICE_SET_IRQS: %s", strerrorname_np(errno));
	return false;
}

static bool take(struct kvm_vm *k, const u64 *message, struct text *why)
{
	struct assigned *d = assigned + devices;
	char address[32], group[64];

	*d = (struct assigned){ .container = -1, .group = -1, .device = -1, .event = -1 };
	devices++; /* what follows is given back with it */
	if (!find_device(devices - 1, address, sizeof(address)) ||
	    !bind_device(address, group, sizeof(group), why))
		return false;
	d->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	d->group = open(group, O_RDWR | O_CLOEXEC);
	if (d->container < 0 || d->group < 0) {
		text_add(why, "%s: %s", group, strerrorname_np(errno));
		return false;
	}
	if (!set_container(d, why))
		return false;
	d->device = ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, address);
	if (d->device < 0) {
		text_add(why, "VFIO_GROUP_GET_DEVICE_FD: %s", strerrorname_np(errno));
		return false;
	}
	memcpy(d->message, message, sizeof(d->message));
	return map_registers(d, why) && wire(k, d, why);
}

KVM_ACTION(kvm_act_assign_device)
{
	char address[32];

	(void)value;
	if (devices == DEVICES_MAX || !find_device(devices, address, sizeof(address))) {
		text_add(detail, "the host has %u devices to assign, and they are assigned",
			 devices);
		return SYNC_UNSUPPORTED;
	}
	return take((struct kvm_vm *)vm, arguments, detail) ? SYNC_OK : SYNC_FAILED;
}

unsigned int kvm_devices_assigned(void)
{
	return devices;
}

const u64 *kvm_device_message(unsigned int number)
{
	return assigned[number].message;
}

static void release(struct assigned *d)
{
	const int fd[] = { d->event, d->device, d->group, d->container };

	if (d->bar)
		munmap((void *)d->bar, d->bar_bytes);
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		if (fd[i] >= 0)
			close(fd[i]);
	*d = (struct assigned){ 0 };
}

void kvm_devices_release(void)
{
	while (devices)
		release(&assigned[--devices]);
}

void kvm_device_raise(unsigned int number, bool raise)
{
	if (raise && sabotaged("silent-device"))
		return;
	assigned[number].bar[(raise ? EDU_RAISE : EDU_ACKNOWLEDGE) / sizeof(u32)] = 1;
}

/* --- what the host says of it --- */

/* The counts of all CPUs: numbers up to the controller's name. */
static u64 sum_counts(const char *at)
{
	u64 sum = 0;

	for (;;) {
		char *end;
		unsigned long count = strtoul(at, &end, 10);

		if (end == at)
			return sum;
		sum += count;
		at = end;
	}
}

u64 kvm_host_interrupts(const char *name)
{
	FILE *f = fopen("/proc/interrupts", "re");
	char line[1024], *colon;
	u64 sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		colon = strstr(line, name) ? strchr(line, ':') : NULL;
		if (colon)
			sum += sum_counts(colon + 1);
	}
	if (f)
		fclose(f);
	return sum;
}

/* A line of vgic-state: "LPI 8208 0 0001101 ...", the fifth of PLAEHCG is H, for hardware. */
static bool line_is_direct(const char *line, u32 lpi)
{
	unsigned int intid;
	char flags[16] = "";

	return sscanf(line, " LPI %u %*d %15s", &intid, flags) == 2 && intid == lpi &&
	       strlen(flags) >= 5 && flags[4] == '1';
}

bool kvm_lpi_is_direct(u32 lpi)
{
	static const char folder[] = "/sys/kernel/debug/kvm";
	char path[512], line[256];
	bool direct = false;
	struct dirent *entry;
	DIR *d;
	FILE *f;

	if (access(folder, F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	d = opendir(folder);
	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%.200s/vgic-state", folder, entry->d_name);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			direct |= line_is_direct(line, lpi);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return direct;
}
