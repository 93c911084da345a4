/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver for QEMU: what its files share.
 *
 * One QEMU process runs one VM.  The payload talks through the first 16550,
 * which is QEMU's standard input and output; QMP and qtest are sockets that
 * QEMU inherits; its standard error is the VM's console.  RESTORE moves the
 * guest into another process, so a VM outlives its processes.
 *
 *	qemu.c            options, probing, the struct host_ops
 *	qemu-arch.c       what differs between architectures: a table
 *	qemu-command.c    the command line
 *	qemu-process.c    a process: start, end, events, how it died in words
 *	qemu-wire.c       messages, and the deadline that follows progress
 *	qemu-registers.c  what `info registers` says
 *	qemu-actions.c    actions on the VM where it is
 *	qemu-interrupts.c actions that raise interrupts
 *	qemu-save.c       SAVE and RESTORE
 */
#ifndef ASSAY_QEMU_H
#define ASSAY_QEMU_H

#include <sys/types.h>
#include <time.h>

#include "harness/driver/console.h"
#include "harness/driver/driver.h"
#include "harness/driver/qmp.h"
#include "harness/driver/wire-input.h"

extern const struct host_ops qemu_ops;

struct process {
	pid_t pid; /* 0: not there */
	int pidfd;
	clockid_t cpu_clock; /* of all its threads */
	int to_guest;
	int from_guest;
	int errors; /* QEMU's standard error; -1 after its end */
	int qtest;
	int exit_status; /* -1: killed */
	bool killed; /* by a signal from outside, which is not the subject's fault */
	struct qmp qmp;
	struct console console;

	/* What QMP events said. */
	char end[96]; /* why the VM is about to end, in words; "" if nothing was said */
	bool stopped;
	unsigned int resets;
	char migration[24]; /* the last status of a migration */
};

struct vm_qemu {
	struct vm vm;
	struct process *process;
	/* Stopped by us for the actions of a sync; wait() lets it go on. */
	bool paused;
	/* RESET was done, and the payload is not back yet. */
	bool rebooting;
	/* What SAVE captured, a memfd, until the guest goes on; else -1. */
	int saved;
	/* A QEMU of this VM was killed from outside; vm.reason says how. */
	bool killed;
	/* A guest that was restored twice will be again: the next process, started ahead. */
	struct process *spare;
	unsigned int restores;
	struct wire_input input;
};

/* What differs between the architectures that QEMU emulates. */
struct qemu_arch {
	const char *name;
	u16 elf_machine;
	const char *package; /* Debian's, with the executable */
	const char *binary, *machine, *cpu, *boot; /* options, where none is given */
	const char *machines, *boots; /* those that are its own, between blanks */
	u64 no_actions; /* of those in the table of qemu.c */
	/* Where a message-signalled interrupt is written: an address range, and of what width. */
	u64 msi_base, msi_bytes;
	/* The level of an input of the interrupt controller. */
	enum sync_status (*set_line)(struct process *p, u64 line, unsigned int level,
				     struct text *detail);
	/* Is the vCPU halted, of which these registers were printed?  NULL: they say HLT=. */
	bool (*halted)(struct process *p, const char *registers, struct text *detail);
};

/* The one that option arch names; its values become those of options not given. */
const struct qemu_arch *qemu_arch(void);
bool qemu_arch_choose(struct text *missing);
extern struct host_option qemu_options[];

/* Where a guest comes from. */
enum process_kind {
	PROCESS_BOOT,     /* boots the image at once */
	PROCESS_INCOMING, /* waits for migrate-incoming */
	PROCESS_PROBE,    /* an empty machine that never runs */
};

#define COMMAND_WORDS_MAX 64

/* A command line; its words are freed by command_free(). */
struct command {
	char *word[COMMAND_WORDS_MAX + 1];
	unsigned int words;
};

/* The descriptors that QEMU finds open. */
enum { QEMU_FD_QMP = 3, QEMU_FD_QTEST = 4 };

void command_make(struct command *c, enum process_kind kind, const char *image_path,
		  unsigned int cpus);
void command_free(struct command *c);

/* The exit status of a child that could not become QEMU, as of a shell's. */
enum { STATUS_CANNOT_RUN = 126, STATUS_NO_BINARY = 127 };

struct process *process_start(enum process_kind kind, const char *image_path, unsigned int cpus,
			      struct text *reason);
/* Kill it, whatever it does, and free it. */
void process_stop(struct process *p);
/* Read what it printed and what QMP said, without waiting. */
void process_listen(struct process *p);
/* Has it ended?  Then reap it and say how it died: its own words first, else its exit status. */
bool process_ended(struct process *p, char *reason, size_t size);
/* The same for one that is about to end: gives it some seconds. */
bool process_wait(struct process *p, char *reason, size_t size);
/* Processor time that all its threads used, in seconds. */
double process_cpu_seconds(const struct process *p);

/* Processor time of the boot vCPU's thread in nanoseconds, if it is known. */
u64 process_vcpu_nanoseconds(struct process *p, bool *known, struct text *detail);

/* A command of qtest; false with words. */
bool qtest_command(struct process *p, const char *command, struct text *detail);

/* Stop the vCPU, if it is not yet, and let it go on. */
bool vm_pause(struct vm_qemu *q, struct text *detail);
bool vm_resume(struct vm_qemu *q, struct text *detail);

/* After a RESET, once the payload is back: a reset is the end of QEMU again. */
bool reset_finish(struct vm_qemu *q, struct text *detail);

/* What `info registers` printed about the vCPU. */
bool registers_read(struct process *p, char **text, struct text *detail);
/* The number behind NAME= in it. */
bool registers_find(const char *text, const char *name, u64 *value);
/* Number `reg` of enum sync_register, or an MSR.  False: it is not printed. */
bool registers_get(const char *text, u64 reg, u64 *value);
/* CR8 in what `info lapic` printed: the upper half of the TPR (SDM vol. 3A, 11.8.6). */
bool registers_find_cr8(const char *text, u64 *value);
/* Is the vCPU halted, of which this was printed? */
bool registers_halted(struct process *p, const char *text, struct text *detail);
/* "vCPU halted at RIP 0x100123". */
void registers_describe(const char *text, struct text *words);

/* Did this process of the VM end by a signal from outside?  Notes it in q->killed. */
bool wire_killed(struct vm_qemu *q, struct process *p);
enum wait_result wire_wait(struct vm *vm, struct message *m);
bool wire_reply(struct vm *vm, const struct message *m);
/* Forget a message that was begun. */
void wire_forget(struct vm_qemu *q);

/* After a SAVE: wait until the guest can go on. */
bool saved_settle(struct vm_qemu *q, struct text *detail);
/* Forget what SAVE captured. */
void saved_forget(struct vm_qemu *q);

#define QEMU_ACTION(name)                                                                          \
	enum sync_status name(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
QEMU_ACTION(act_wait_halted);
QEMU_ACTION(act_preempt);
QEMU_ACTION(act_migrate_vcpu);
QEMU_ACTION(act_translate);
QEMU_ACTION(act_get_register);
QEMU_ACTION(act_expect_shutdown);
QEMU_ACTION(act_reset);
QEMU_ACTION(act_inject_nmi);
QEMU_ACTION(act_signal_msi);
QEMU_ACTION(act_set_irq_line);
QEMU_ACTION(act_save);
QEMU_ACTION(act_restore);

#endif
