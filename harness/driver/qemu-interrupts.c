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

bool qtest_command(struct process *p, const char *command, struct text *detail)
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
	const struct qemu_arch *arch = qemu_arch();
	char command[64];

	(void)value;
	/* Anywhere else the write would change memory or a device. */
	if (arguments[0] - arch->msi_base >= arch->msi_bytes || arguments[0] % 4 ||
	    arguments[1] >> 32) {
		text_add(detail, "MSI address %#llx, data %#llx: not an address in %#llx to %#llx "
				 "with 32 bits of data",
			 (unsigned long long)arguments[0], (unsigned long long)arguments[1],
			 (unsigned long long)arch->msi_base,
			 (unsigned long long)(arch->msi_base + arch->msi_bytes - 1));
		return SYNC_REFUSED;
	}
	if (arguments[2]) {
		text_add(detail, "qtest writes without a DeviceID, as device 0");
		return SYNC_UNSUPPORTED;
	}
	snprintf(command, sizeof(command), "writel %#llx %#llx",
		 (unsigned long long)arguments[0], (unsigned long long)arguments[1]);
	return vm_pause(q, detail) && qtest_command(q->process, command, detail) ? SYNC_OK : SYNC_FAILED;
}

enum sync_status act_set_irq_line(struct vm *vm, const u64 *arguments, u64 *value,
				  struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	(void)value;
	if (arguments[1] > 1) {
		text_add(detail, "level %llu: there are levels 0 and 1",
			 (unsigned long long)arguments[1]);
		return SYNC_REFUSED;
	}
	if (!vm_pause(q, detail))
		return SYNC_FAILED;
	return qemu_arch()->set_line(q->process, arguments[0], (unsigned int)arguments[1], detail);
}
