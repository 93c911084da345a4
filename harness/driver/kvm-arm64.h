/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KVM driver has of its own on arm64; included by kvm.h only.
 *
 *	kvm-arm64.c          the host's options, probing, VMs and their vCPUs
 *	kvm-arm64-options.c  options and sabotage as data: a lab reads them too
 *	kvm-arm64-gic.c      vGICv3 and ITS: made, saved, restored
 *	kvm-arm64-state.c    SAVE, RESTORE, RESET
 *	kvm-arm64-inject.c   interrupts
 *	kvm-arm64-call.c     HOST_CALL
 *	kvm-arm64-vfio.c     a device of the host, assigned; what the host counts of it
 *	kvm-arm64-blocked.c  rounds with a vCPU that blocks
 *	kvm-arm64-wake.c     what wakes it
 *	kvm-arm64-thread.c   a vCPU's thread: put, looked at, preempted
 *	kvm-arm64-exit.c     MMIO, and exits in words
 */
#ifndef ASSAY_DRIVER_KVM_ARM64_H
#define ASSAY_DRIVER_KVM_ARM64_H

#include "lib/arm64/gic.h"

/* Where guest memory begins. */
#define KVM_MEMORY_BASE ((u64)PLATFORM_RAM)

/*
 * Lines are INTIDs, and GSIs begin with the SPIs; INTIDs from KVM_MESSAGE_LINES on no GIC
 * of ours has.  Behind those that ROUTE_MSI may take lie those of assigned devices.
 */
enum {
	KVM_MESSAGE_LINES = INTID_SPI + PLATFORM_SPIS,
	KVM_MESSAGE_FLAGS = KVM_MSI_VALID_DEVID,
	KVM_DEVICE_GSI = 1024,
	KVM_DEVICES_MAX = 2,
};
static inline u32 kvm_gsi(u64 line)
{
	return (u32)line - INTID_SPI;
}
/* Only SPIs and messages have eventfds. */
static inline bool kvm_is_line(u64 line)
{
	return line >= INTID_SPI && line < INTID_SPI + KVM_DEVICE_GSI;
}

enum { REGISTERS_MAX = 1024, REGISTER_BYTES_MAX = 2048, GIC_WORDS_MAX = 2048 };

/* A register of KVM_GET_REG_LIST. */
struct kvm_register {
	u64 id;
	u8 value[16]; /* the widest that is listed without SVE is a vector register */
};

/* Everything that SAVE captures: a vCPU's; the boot vCPU's has the interrupt controllers too. */
struct kvm_state {
	struct kvm_mp_state mp_state;
	struct kvm_vcpu_events events;
	struct kvm_register *reg;
	u64 regs;
	u64 *gic; /* words in the order of the table in kvm-arm64-gic.c */
	bool valid;
};

struct kvm_vm;
struct text;

/* The vGIC of a VM, by the options; descriptors lie in k->gic and k->its, -1: none. */
bool kvm_gic_create(struct kvm_vm *k, struct text *why);
void kvm_gic_close(struct kvm_vm *k);
bool kvm_gic_get(struct kvm_vm *k, u64 *words, struct text *why);
bool kvm_gic_set(struct kvm_vm *k, const u64 *words, struct text *why);

/* Is there a device that ASSIGN_DEVICE can take? */
bool kvm_device_there(void);
/* Give all back that were taken; how many were; each has a number from 0 on. */
void kvm_devices_release(void);
unsigned int kvm_devices_assigned(void);
/* Let it raise its interrupt, and take it back. */
void kvm_device_raise(unsigned int number, bool raise);
/* How often the host's interrupts of a name came: "GICv4-vpe", "vfio-msi". */
u64 kvm_host_interrupts(const char *name);
/* Is the LPI forwarded by hardware, as debugfs shows it? */
bool kvm_lpi_is_direct(u32 lpi);
/* Address, data and DeviceID of its message. */
const u64 *kvm_device_message(unsigned int number);
/* An eventfd that raises an SPI, -1 if impossible. */
int kvm_line_eventfd(struct kvm_vm *k, u32 line, struct text *why);

/* kvm-arm64-thread.c */
void kvm_pin_thread(pthread_t thread, int cpu);
/* Of the calling thread: SCHED_FIFO, or the usual policy for 0. */
void kvm_set_priority(int priority);
/* Does it sleep in KVM's block loop? */
bool kvm_thread_is_blocked(pid_t thread);
/* The processor that it runs on, or ran on last. */
int kvm_thread_processor(pid_t thread);
/* How often it gave its processor away, or had it taken: "voluntary", "nonvoluntary". */
u64 kvm_thread_switches(pid_t thread, const char *kind);
/* Can a thread be preempted in the kernel?  Says why not. */
bool kvm_host_is_preemptible(struct text *why);
/* A thread that preempts a vCPU's at random times until *stop, seldom while *rest. */
struct kvm_preemptor {
	pthread_t thread;
	volatile bool *stop, *rest;
};
bool kvm_preemptor_begin(struct kvm_preemptor *p, pthread_t vcpu, int cpu);
void kvm_preemptor_end(struct kvm_preemptor *p, pthread_t vcpu);

/* What is of this VM alone: an assigned device, the scratch VM, the interrupt controllers. */
void kvm_devices_close(struct kvm_vm *k);

/* Wait for the rounds that are under way; called before the VM goes. */
void kvm_rounds_end(void);

/* KVM_{GET,SET}_DEVICE_ATTR. */
bool kvm_attribute(int fd, bool set, u32 group, u64 attribute, void *value, struct text *why);

#endif
