// SPDX-License-Identifier: GPL-2.0-only
/*
 * SAVE and RESTORE by migration: the state goes into a memfd and from there
 * into a QEMU process that never saw the guest.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/driver/qemu.h"

/* No progress of a migration for so long: it hangs. */
#define MIGRATION_SECONDS 60

/* Both sides: report progress by events, and do not throttle. */
static bool prepare(struct process *p, int fd, struct text *detail)
{
	lseek(fd, 0, SEEK_SET);
	p->migration[0] = '\0';
	return qmp_command(&p->qmp, "migrate-set-capabilities",
			   json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "events",
				     "state", 1),
			   NULL, detail) &&
	       qmp_command_with_fd(&p->qmp, "getfd", json_pack("{s:s}", "fdname", "state"), fd,
				   detail);
}

static bool migrate(struct process *p, bool incoming, struct text *detail)
{
	const char *command = incoming ? "migrate-incoming" : "migrate";
	double end = seconds_now() + MIGRATION_SECONDS;
	const char *why;
	char reason[REASON_MAX];
	json_t *reply;

	if (!qmp_command(&p->qmp, command, json_pack("{s:s}", "uri", "fd:state"), NULL, detail))
		return false;
	while (strcmp(p->migration, "completed") && strcmp(p->migration, "failed") &&
	       !p->qmp.ended && seconds_now() < end)
		qmp_service(&p->qmp, end - seconds_now());
	if (!strcmp(p->migration, "completed"))
		return true;
	text_add(detail, "%s: %s: ", command, p->migration[0] ? p->migration : "no event");
	/* A destination that fails says why on its standard error and exits. */
	if ((p->qmp.ended || incoming) && process_wait(p, reason, sizeof(reason))) {
		text_add(detail, "%s", reason);
	} else if (qmp_command(&p->qmp, "query-migrate", NULL, &reply, detail)) {
		why = json_string_value(json_object_get(reply, "error-desc"));
		text_add(detail, "%s", why ? why : "no reason given");
		json_decref(reply);
	}
	return false;
}

enum sync_status act_save(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;

	(void)arguments;
	(void)value;
	saved_forget(q);
	/* `stop` completes pending I/O. */
	if (!vm_pause(q, detail))
		return SYNC_FAILED;
	q->saved = memfd_create("assay-saved", MFD_CLOEXEC);
	if (q->saved < 0) {
		text_add(detail, "memfd_create: %s", strerror(errno));
		return SYNC_FAILED;
	}
	if (prepare(q->process, q->saved, detail) &&
	    qmp_command(&q->process->qmp, "migrate-set-parameters",
			json_pack("{s:I}", "max-bandwidth", (json_int_t)1 << 40), NULL, detail) &&
	    migrate(q->process, false, detail))
		return SYNC_OK;
	saved_forget(q);
	return SYNC_FAILED;
}

/*
 * A source tells that its migration is completed a moment before it can go on,
 * and no event says when it can.
 */
bool saved_settle(struct vm_qemu *q, struct text *detail)
{
	double end = seconds_now() + MIGRATION_SECONDS;

	while (q->saved >= 0 && seconds_now() < end) {
		const char *status;
		json_t *reply;
		bool settled;

		if (!qmp_command(&q->process->qmp, "query-status", NULL, &reply, detail))
			return false;
		status = json_string_value(json_object_get(reply, "status"));
		settled = !status || strcmp(status, "finish-migrate");
		json_decref(reply);
		if (settled)
			break;
		usleep(100);
	}
	return true;
}

void saved_forget(struct vm_qemu *q)
{
	if (q->saved >= 0)
		close(q->saved);
	q->saved = -1;
}

enum sync_status act_restore(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
{
	struct vm_qemu *q = (struct vm_qemu *)vm;
	struct process *fresh;

	(void)arguments;
	(void)value;
	if (q->saved < 0) {
		text_add(detail, "this sync saved nothing that could be restored");
		return SYNC_REFUSED;
	}
	fresh = q->spare ? q->spare :
			   process_start(PROCESS_INCOMING, vm->image->path, vm->cpus, detail);
	q->spare = NULL;
	if (!fresh)
		return SYNC_FAILED;
	if (!prepare(fresh, q->saved, detail) || !migrate(fresh, true, detail)) {
		wire_killed(q, fresh);
		process_stop(fresh);
		return SYNC_FAILED;
	}
	/* The guest was saved while it was stopped, and so it arrives. */
	process_stop(q->process);
	q->process = fresh;
	saved_forget(q);
	if (q->restores++)
		q->spare = process_start(PROCESS_INCOMING, vm->image->path, vm->cpus, detail);
	return SYNC_OK;
}
