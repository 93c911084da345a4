/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The KVM driver's own structures.  Sources: Documentation/virt/kvm/api.rst of
 * the kernel; every ioctl that fails is reported by name and errno.
 */
#ifndef ASSAY_DRIVER_KVM_H
#define ASSAY_DRIVER_KVM_H

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/driver/driver.h"
#include "lib/test.h"

enum {
	SLOTS_MAX = 32,
	SMRAM_MAX = 0x10000, /* bytes behind those of memory_size */
	CPUID_MAX = 256,
	MSRS_MAX = 1024,
	NESTED_STATE_MAX = 0x4000,
	EVENTS_MAX = 128,
	IRQFDS_MAX = 16,
	ROUTES_MAX = 16,
};

/* What was found out about this kernel, once. */
struct kvm_host {
	int fd; /* /dev/kvm */
	struct kvm_cpuid2 *cpuid; /* KVM_GET_SUPPORTED_CPUID, less what options take away */
	struct kvm_msr_list *msrs;
	int vcpu_mmap_size;
	bool irqchip, split; /* the option irqchip; both false: none */
	bool pit;
	bool readonly_memory, vcpu_events, debug_registers, xcrs, payload, triple_fault, msi;
	bool nested, clock;
	bool retry_delivery; /* the option delivery-error */
	bool own_tiles; /* the driver's thread uses AMX itself */
	u64 memory_size;
	cpu_set_t cpus; /* that we may run on; asked before we pin ourselves to one */
};

extern struct kvm_host kvm;
extern const struct host_ops kvm_ops;

/* In which of KVM's address spaces (KVM_CAP_MULTI_ADDRESS_SPACE) a piece of memory lies. */
enum kvm_space { IN_BOTH_SPACES, OUTSIDE_SMM, IN_SMM };

/* A piece of guest memory.  Backing memory outlives VMs: RESTORE moves a guest between two. */
struct kvm_slot {
	bool used;
	enum kvm_space space; /* matters from the first SMI on (kvm-smm.c) */
	u64 gpa, size;
	u64 offset; /* in kvm_vm.memory */
	u32 flags;
	u64 carried_dirty; /* written in a VM that RESTORE left behind, and not read yet */
};

#if defined(__x86_64__)
/* Where guest memory begins. */
#define KVM_MEMORY_BASE 0ull

/* Lines are GSIs; those from KVM_MESSAGE_LINES on no controller has. */
enum { KVM_MESSAGE_LINES = 24, KVM_MESSAGE_FLAGS = 0 };
static inline u32 kvm_gsi(u64 line)
{
	return (u32)line;
}
static inline bool kvm_is_line(u64 line)
{
	return line <= ~0u;
}

/* Everything that SAVE captures of a vCPU and its VM, in the structures of the uAPI. */
struct kvm_state {
	struct kvm_mp_state mp_state;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	u8 *xsave; /* KVM_GET_XSAVE2, xsave_size bytes */
	size_t xsave_size;
	struct kvm_xcrs xcrs;
	struct kvm_msrs *msrs;
	struct kvm_vcpu_events events;
	struct kvm_debugregs debugregs;
	struct kvm_lapic_state lapic;
	struct kvm_irqchip irqchip[3]; /* two PICs and the IOAPIC */
	struct kvm_pit_state2 pit;
	struct kvm_clock_data clock;
	u8 nested[NESTED_STATE_MAX];
	bool valid;
};
#else
#include "harness/driver/kvm-arm64.h"
#endif

struct kvm_vm;

/* How often a vCPU ended with the same delivery error, nothing having changed (kvm-delivery.c). */
struct kvm_doubt {
	struct kvm_regs regs;
	unsigned int times;
};

/* A vCPU beside the boot vCPU, and its thread (kvm-others.c). */
struct kvm_other {
	struct kvm_vm *vm;
	unsigned int number; /* of the vCPU: its APIC ID */
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	volatile pid_t task; /* the thread, as /proc names it */
	bool threaded;
	bool held;    /* it does not run, and nothing is left half done */
	int physical; /* the CPU on which it was when it was held */
	struct kvm_doubt doubt;
};

/* PREEMPT's disturber of one vCPU. */
struct kvm_burner {
	pthread_t thread;
	bool runs;
	int physical;
};

/* The scratch device of DEVICE; length 0: none. */
struct kvm_device {
	u64 gpa, length;
	u64 record; /* guest-physical */
};

/* An eventfd of IOEVENTFD, with what it was asked for. */
struct kvm_event {
	struct kvm_ioeventfd request;
};

struct kvm_vm {
	struct vm vm;
	int fd;
	int gic, its; /* devices of the interrupt controllers, arm64 only; -1: none */
	int vcpu; /* the boot vCPU, run by the driver's first thread */
	struct kvm_run *run;
	u8 *memory;
	struct kvm_slot slot[SLOTS_MAX];
	bool hyperv; /* its vCPUs offer Hyper-V's interface */
	bool smm; /* the pieces are in the address space of system-management mode too */
	u64 doorbell; /* where the last message lies, and its reply goes */

	struct kvm_state saved[CPUS_MAX];
	bool capture_is_old; /* the guest ran since SAVE */

	struct message early; /* came while WAIT_HALTED was waiting */
	bool has_early;
	bool waiting_for_halt, halted;
	bool shutdown_expected; /* until the next message */
	int pending_irq; /* INJECT_IRQ without irqchip: waits for the window; -1: none */

	struct kvm_device device;
	struct kvm_event event[EVENTS_MAX];
	unsigned int events;
	struct kvm_irqfd irqfd[IRQFDS_MAX]; /* as KVM was asked for them */
	unsigned int irqfds;
	struct kvm_irq_routing_entry route[ROUTES_MAX]; /* beside those of the controllers */
	unsigned int routes;
	bool return_unemulated;
	u64 quirks, mmu_pages; /* disabled; the limit, 0: none */

	struct kvm_burner burner[CPUS_MAX];

	struct kvm_other other[CPUS_MAX - 1];
	pthread_mutex_t lock; /* of what follows, and of other[] where threads write */
	pthread_cond_t changed;
	bool hold, quit;
	volatile bool other_failed;
	char other_reason[REASON_MAX];
	pthread_t boot_thread;

	struct kvm_doubt doubt;
	volatile u64 progress; /* of what an action does while the guest runs: it is alive */
	volatile u64 interrupted; /* how often a signal ended the boot vCPU's KVM_RUN */
	u64 exits;
	u32 last_exit;
};

/* ioctl() that reports: on failure adds "NAME: errno in words" to why. */
#define KVM_TRY(fd, request, argument, why) kvm_try(fd, request, #request, (void *)(argument), why)
/* ioctl(2), again if a signal interrupted it; not for KVM_RUN. */
int kvm_call(int fd, unsigned long request, void *argument);
bool kvm_try(int fd, unsigned long request, const char *name, void *argument, struct text *why);

/* kvm-vm.c: a VM with its irqchip, vCPU and memory; the guest's state is not loaded. */
bool kvm_vm_open(struct kvm_vm *k, struct text *why);
void kvm_vm_close(struct kvm_vm *k);
bool kvm_slot_set(struct kvm_vm *k, struct kvm_slot *slot, struct text *why);
bool kvm_slot_delete(struct kvm_vm *k, struct kvm_slot *slot, struct text *why);
/* What the dirty logs of this VM hold is handed on to the next one, as a migration does. */
bool kvm_carry_dirty_logs(struct kvm_vm *k, struct text *why);
/* Another VM, with the same memory, that begins the image. */
bool kvm_restart(struct kvm_vm *k, struct text *why);
struct vm *kvm_start(const struct image *image, unsigned int cpus, struct text *reason);
void kvm_stop(struct vm *vm);
bool kvm_load_image(struct kvm_vm *k, struct text *why);

/* kvm-x86.c: the interrupt controllers that options ask for. */
bool kvm_create_irqchip(int vm, struct text *why);

/* kvm-x86.c, kvm-cpuid.c, kvm-arm64.c: a VM without vCPUs yet; each vCPU when it is made; when all are. */
bool kvm_vm_set_up(struct kvm_vm *k, struct text *why);
bool kvm_vcpu_set_up(struct kvm_vm *k, unsigned int cpu, struct text *why);
bool kvm_vm_complete(struct kvm_vm *k, struct text *why);
bool kvm_enter_image(struct kvm_vm *k, struct text *why);
/* Does the boot vCPU, which a signal has stopped, wait for an interrupt? */
bool kvm_is_halted(struct kvm_vm *k);
/* How, if it does: "halted", or more. */
const char *kvm_halt_words(struct kvm_vm *k);

/* kvm-subject.c: the name of the subject; its parameters become facts of the stream. */
const char *kvm_describe_subject(void);

/*
 * kvm-tiles.c: ask for a guest's XTILEDATA, before KVM_GET_SUPPORTED_CPUID; take AMX
 * out of kvm.cpuid where it was not given.
 */
bool kvm_ask_tiles(void);
void kvm_hide_tiles(void);
void kvm_take_tiles(struct kvm_cpuid2 *cpuid);
/* With own_tiles=on: what KVM_RUN must leave as it was. */
bool kvm_own_tiles_begin(struct text *missing);
void kvm_own_tiles_load(void);
bool kvm_own_tiles_kept(struct text *why);
/* Have tiles in use from now on, for a process that stands beside the vCPU. */
bool kvm_use_tiles(void);

/* kvm-run.c */
enum wait_result kvm_wait(struct vm *vm, struct message *m);
bool kvm_reply(struct vm *vm, const struct message *m);
/* The ticks that end KVM_RUN now and then, for whoever watches a blocked vCPU itself. */
void kvm_ticks(bool on);
/* Let an I/O or MMIO instruction that exited complete, without running further. */
bool kvm_complete_io(struct kvm_vm *k, struct text *why);
enum sync_status kvm_act_wait_halted(struct vm *vm, const u64 *arguments, u64 *value,
				     struct text *detail);

/* kvm-large.c: memory for a guest, which can become large pages; NULL, and errno. */
u8 *kvm_map_memory(u64 bytes);
/* A number that KVM counts for a VM or a vCPU (api.rst, KVM_GET_STATS_FD); false, and errno. */
bool kvm_statistic(int object, const char *name, u64 *value);
/* Does this kernel make large pages of a process's memory when it is asked to? */
bool kvm_can_merge(void);

/* kvm-pageout.c: can it; and nobody waits any more, for the VM ends or begins anew. */
bool kvm_can_page_out(void);
void kvm_page_out_end(void);

/* kvm-memory.c: where memory of the guest lies now; NULL where there is none. */
u8 *kvm_memory_at(struct kvm_vm *k, u64 gpa, u64 length);
struct kvm_slot *kvm_slot_of(struct kvm_vm *k, u64 gpa, u64 length);
struct kvm_slot *kvm_slot_free(struct kvm_vm *k, struct text *why);
/* Make [gpa, gpa + length) a slot of its own. */
struct kvm_slot *kvm_slot_isolate(struct kvm_vm *k, u64 gpa, u64 length, enum sync_status *status,
				  struct text *why);

/* kvm-device.c: an exit for a port or an address without a device; false if it was something else. */
bool kvm_serve_device(struct kvm_run *run);
/* An access of the boot vCPU: done here, a message at *gpa, or somebody else's. */
enum kvm_mmio { KVM_MMIO_DONE, KVM_MMIO_DOORBELL, KVM_MMIO_ELSEWHERE };
enum kvm_mmio kvm_mmio(struct kvm_vm *k, struct kvm_run *run, u64 *gpa);
/* In a VM that RESTORE made, and when the guest begins anew. */
bool kvm_events_assign(struct kvm_vm *k, struct text *why);
void kvm_devices_forget(struct kvm_vm *k);

/* kvm-routes.c, kvm-arm64-inject.c: the lines of the controllers, and k->route. */
bool kvm_routes_set(struct kvm_vm *k, struct text *why);

/* kvm-irqfd.c: in a VM that RESTORE made, and when the guest begins anew. */
bool kvm_irqfds_assign(struct kvm_vm *k, struct text *why);
void kvm_irqfds_forget(struct kvm_vm *k);

/* kvm-limits.c */
bool kvm_limits_set(struct kvm_vm *k, struct text *why);
/* An exit for an instruction that KVM cannot emulate, if the guest gets #UD for it. */
bool kvm_return_unemulated(struct kvm_vm *k);

/* kvm-delivery.c: an exit that says an event was under way, and should be tried again. */
bool kvm_doubt_delivery(int vcpu, const struct kvm_run *run, struct kvm_doubt *d);

/* kvm-exit.c: exits in words. */
void kvm_describe_exit(int vcpu, const struct kvm_run *run, struct text *t);

/* kvm-others.c: the vCPUs beside the boot vCPU. */
bool kvm_others_open(struct kvm_vm *k, struct text *why);
void kvm_others_close(struct kvm_vm *k);
/* Let them run, and hold them with their I/O completed; each may be called twice. */
bool kvm_others_run(struct kvm_vm *k, struct text *why);
void kvm_others_hold(struct kvm_vm *k);
/* Did one of them die?  Says how. */
bool kvm_others_failed(struct kvm_vm *k, struct text *why);
/* What they are doing, for a verdict; holds them. */
void kvm_describe_others(struct kvm_vm *k, struct text *t);

static inline int kvm_fd(const struct kvm_vm *k, unsigned int cpu)
{
	return cpu ? k->other[cpu - 1].fd : k->vcpu;
}

/* kvm-state.c: of a vCPU that does not run; that of the boot vCPU holds the VM's too. */
bool kvm_state_get(struct kvm_vm *k, unsigned int cpu, struct kvm_state *s, struct text *why);
bool kvm_state_set(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
		   struct text *why);
void kvm_state_free(struct kvm_state *s);
/* All of it but the nested state. */
bool kvm_state_set_without_nested(struct kvm_vm *k, unsigned int cpu, const struct kvm_state *s,
				  struct text *why);
/* kvm-xstate.c: the faults in an XSAVE image that this driver can play. */
void kvm_spoil_xsave(struct kvm_vm *k);

#define KVM_ACTION(name)                                                                           \
	enum sync_status name(struct vm *vm, const u64 *arguments, u64 *value, struct text *detail)
KVM_ACTION(kvm_act_save);
KVM_ACTION(kvm_act_restore);
KVM_ACTION(kvm_act_check_xstate);
KVM_ACTION(kvm_act_restore_xstate);
KVM_ACTION(kvm_act_signal_amid_tiles);
/* Are there tiles for processes, and userfaultfd(2)?  The thread itself must have none. */
bool kvm_can_signal_amid_tiles(void);
KVM_ACTION(kvm_act_expect_shutdown);
KVM_ACTION(kvm_act_reset);
KVM_ACTION(kvm_act_inject_exception);
KVM_ACTION(kvm_act_inject_irq);
KVM_ACTION(kvm_act_inject_nmi);
KVM_ACTION(kvm_act_inject_smi);
KVM_ACTION(kvm_act_offer_hyperv);
KVM_ACTION(kvm_act_smram);
KVM_ACTION(kvm_act_signal_msi);
KVM_ACTION(kvm_act_set_irq_line);
KVM_ACTION(kvm_act_host_call);
KVM_ACTION(kvm_act_assign_device);
KVM_ACTION(kvm_act_blocked_rounds);
KVM_ACTION(kvm_act_protect);
KVM_ACTION(kvm_act_unmap);
KVM_ACTION(kvm_act_move);
KVM_ACTION(kvm_act_write_memory);
KVM_ACTION(kvm_act_merge_pages);
KVM_ACTION(kvm_act_count_large_pages);
KVM_ACTION(kvm_act_page_out);
KVM_ACTION(kvm_act_device);
KVM_ACTION(kvm_act_ioeventfd);
KVM_ACTION(kvm_act_route_msi);
KVM_ACTION(kvm_act_irqfd);
KVM_ACTION(kvm_act_end_irqfd);
KVM_ACTION(kvm_act_raise_irqfd);
KVM_ACTION(kvm_act_read_resampled);
KVM_ACTION(kvm_act_return_unemulated);
KVM_ACTION(kvm_act_disable_quirks);
KVM_ACTION(kvm_act_limit_mmu_pages);
KVM_ACTION(kvm_act_read_ioeventfd);
KVM_ACTION(kvm_act_check_msr_list);
KVM_ACTION(kvm_act_read_dirty_log);
KVM_ACTION(kvm_act_end_dirty_log);
KVM_ACTION(kvm_act_check_nested_state);
KVM_ACTION(kvm_act_translate);
KVM_ACTION(kvm_act_migrate_vcpu);
KVM_ACTION(kvm_act_preempt);
KVM_ACTION(kvm_act_set_register);
KVM_ACTION(kvm_act_get_register);

/* Wait for PREEMPT's disturbers to end. */
void kvm_preempt_end(struct kvm_vm *k);

#endif
