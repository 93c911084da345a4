// SPDX-License-Identifier: GPL-2.0-only
/*
 * Actions that raise interrupts: NMI by QMP; MSI and interrupt lines by qtest,
 * which works beside a running accelerator: a write to the bus as a device does
 * it, a level at the input pin of an interrupt controller.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/driver/qemu.h"

#define QTEST_SECONDS 30

/* The addresses that name a message-signalled interrupt: SDM vol. 3A, 11.11.1. */
#define MSI_BASE 0xfee00000ull
#define MSI_BYTES 0x100000ull

#define IOAPIC_PINS 24
#define PIC_PINS 8

/* One line of answer, without its end; false with words if none comes. */
static bool read_answer(int fd, char *line, size_t size, struct text *detail)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t length = 0;

	while (length + 1 < size) {
		ssize_t n;

		if (poll(&p, 1, QTEST_SECONDS * 1000) <= 0) {
			text_add(detail, "no answer within %u s", QTEST_SECONDS);
			return false;
		}
		n = read(fd, line + length, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			text_add(detail, "QEMU closed its qtest socket");
			return false;
		}
		if (line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	return true;
}

static bool qtest(struct process *p, const char *command, struct text *detail)
{
	char words[256], line[256];
	struct text why = text_into(words, sizeof(words));
	ssize_t length = snprintf(line, sizeof(line), "%s\n", command);

	if (send(p->qtest, line, (size_t)length, MSG_NOSIGNAL) != length) {
		text_add(&why, "%s", strerror(errno));
	} else if (read_answer(p->qtest, line, sizeof(line), &why)) {
		if (!strncmp(line, "OK", 2))
			return true;
		text_add(&why, "%s", line);
	}
	text_add(detail, "qtest %s: %s", command, words);
	return false;
}

enum sync_status act_inject_nmi(struct vm *vm, const u64 *arguments, u64 *value,
				struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	(void)arguments;
	(void)value;
	if (!vm_pause(q, detail) ||
	    !qmp_command(&q->process->qmp, "inject-nmi", NULL, NULL, detail))
		return SYNC_FAILED;
	return SYNC_OK;
}

enum sync_status act_signal_msi(struct vm *vm, const u64 *arguments, u64 *value,
				struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	char command[64];

	(void)value;
	/* Anywhere else the write would change memory or a device. */
	if (arguments[0] - MSI_BASE >= MSI_BYTES || arguments[0] % 4 || arguments[1] >> 32) {
		text_add(detail, "MSI address %#llx, data %#llx: not an address in 0xfeexxxxx "
				 "with 32 bits of data",
			 (unsigned long long)arguments[0], (unsigned long long)arguments[1]);
		return SYNC_REFUSED;
	}
	snprintf(command, sizeof(command), "writel %#llx %#llx",
		 (unsigned long long)arguments[0], (unsigned long long)arguments[1]);
	return vm_pause(q, detail) && qtest(q->process, command, detail) ? SYNC_OK : SYNC_FAILED;
}

/*
 * The QOM paths of the two 8259s, the master's first.  They are made in this
 * order and numbered: /machine/unattached/device[5].
 */
static unsigned int find_pics(struct process *p, unsigned int number[2], struct text *detail)
{
	unsigned int found = 0;
	json_t *list, *entry;
	size_t i;

	if (!qmp_command(&p->qmp, "qom-list", json_pack("{s:s}", "path", "/machine/unattached"),
			 &list, detail))
		return 0;
	json_array_foreach(list, i, entry) {
		const char *type = json_string_value(json_object_get(entry, "type"));
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (found < 2 && type && name && !strcmp(type, "child<isa-i8259>") &&
		    sscanf(name, "device[%u]", &number[found]) == 1)
			found++;
	}
	json_decref(list);
	if (found == 2 && number[0] > number[1]) {
		unsigned int master = number[1];

		number[1] = number[0];
		number[0] = master;
	}
	return found;
}

/* A GSI leads to an IOAPIC pin and, below 16, to a PIC pin too. */
enum sync_status act_set_irq_line(struct vm *vm, const u64 *arguments, u64 *value,
				  struct text *detail)
{
	unsigned int line = (unsigned int)arguments[0], level = (unsigned int)arguments[1];
	struct vm_qemu *q = (struct vm_qemu *)vm;
	unsigned int pic[2];
	char command[128];

	(void)value;
	/* QEMU aborts on a pin that is not there. */
	if (arguments[0] >= IOAPIC_PINS || arguments[1] > 1) {
		text_add(detail, "line %llu, level %llu: there are lines 0 to %u and levels 0 and 1",
			 (unsigned long long)arguments[0], (unsigned long long)arguments[1],
			 IOAPIC_PINS - 1);
		return SYNC_REFUSED;
	}
	if (!vm_pause(q, detail))
		return SYNC_FAILED;
	if (line < 2 * PIC_PINS && find_pics(q->process, pic, detail) == 2) {
		snprintf(command, sizeof(command),
			 "set_irq_in /machine/unattached/device[%u] unnamed-gpio-in %u %u",
			 pic[line / PIC_PINS], line % PIC_PINS, level);
		if (!qtest(q->process, command, detail))
			return SYNC_FAILED;
	}
	snprintf(command, sizeof(command), "set_irq_in ioapic unnamed-gpio-in %u %u", line, level);
	return qtest(q->process, command, detail) ? SYNC_OK : SYNC_FAILED;
}
