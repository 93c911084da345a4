/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sync contract: what a guest may ask of its host, by name.
 *
 * A sync is the guest's stop.  It names a set of actions with their arguments;
 * the host performs them and replies with a status for each.  SYNC_ACTIONS is
 * the only place where actions are listed: the guest's constants and argument
 * structures, the host's dispatch, `assay actions` and the stream's text are
 * all made from it.
 *
 * The actions of one sync run in the order of this table, never in the order
 * in which a guest writes them: first what must be true before (WAIT_HALTED,
 * registers, memory), then injections, then the capture, so that SAVE always
 * finds what was injected still pending, then what moves or looks.
 *
 * A guest of several CPUs asks through its boot CPU.  Actions on "the vCPU" are on
 * that one; SAVE, RESTORE, RESET, PREEMPT and MIGRATE_VCPU are on all of them.  The
 * others run on meanwhile, but where an action needs all to stand: those five, and
 * the first change of memory that cuts a range out of a larger piece.
 *
 * To add an action, add its line here and a handler to the drivers that can do
 * it.  A driver without a handler does not publish the action, and tests that
 * need it are skipped there, by name.
 */
#ifndef ASSAY_SYNC_H
#define ASSAY_SYNC_H

#include "lib/base.h"

/*
 * ACTION(NAME, field, ARGUMENT(a) ARGUMENT(b)..., meaning)
 *
 * All arguments are unsigned 64-bit words.  Addresses are guest-physical
 * (gpa) unless called gva, lengths are in bytes.
 */
#define SYNC_ACTIONS(ACTION, ARGUMENT)                                                             \
	ACTION(WAIT_HALTED, wait_halted, ,                                                         \
	       "let the guest go on, wait until its vCPU is halted, then do the rest")             \
	ACTION(SET_REGISTER, set_register, ARGUMENT(reg) ARGUMENT(value),                          \
	       "write one register of the stopped vCPU")                                           \
	ACTION(PROTECT, protect, ARGUMENT(gpa) ARGUMENT(length),                                   \
	       "make a range of guest memory read-only for the guest")                             \
	ACTION(UNMAP, unmap, ARGUMENT(gpa) ARGUMENT(length),                                       \
	       "take a range of guest memory away, so that accesses become MMIO")                  \
	ACTION(MOVE, move, ARGUMENT(gpa) ARGUMENT(length) ARGUMENT(to),                            \
	       "move a range of guest memory, with its contents, to another guest-physical address") \
	ACTION(SMRAM, smram, ARGUMENT(gpa) ARGUMENT(length) ARGUMENT(has_memory),                  \
	       "what is there in system-management mode alone: memory of its own, at first zero, or nothing") \
	ACTION(MERGE_PAGES, merge_pages, ARGUMENT(gpa) ARGUMENT(length),                           \
	       "back a range of guest memory, whole pages of 2 MiB, by large pages of the host's")  \
	ACTION(WRITE_MEMORY, write_memory, ARGUMENT(gpa) ARGUMENT(value),                          \
	       "write eight bytes of guest memory from outside, as a device would")                \
	ACTION(PAGE_OUT, page_out,                                                                 \
	       ARGUMENT(gpa) ARGUMENT(word) ARGUMENT(becomes) ARGUMENT(held),                      \
	       "let the host be without a page of guest memory until somebody touches it: then the" \
	       " aligned word, if not 0, becomes another, and the page is back, or if held stays"   \
	       " away until the next PAGE_OUT, two seconds at most; gpa 0: only end that; gives how often somebody waited") \
	ACTION(DEVICE, device, ARGUMENT(gpa) ARGUMENT(length) ARGUMENT(record),                    \
	       "a scratch device where no memory is; it writes down each access in memory at `record`") \
	ACTION(IOEVENTFD, ioeventfd, ARGUMENT(gpa) ARGUMENT(length) ARGUMENT(data) ARGUMENT(how),  \
	       "let a guest write raise an event in place of an exit; `how` is a set of enum sync_ioevent") \
	ACTION(ROUTE_MSI, route_msi,                                                               \
	       ARGUMENT(line) ARGUMENT(address) ARGUMENT(data) ARGUMENT(device_id),                \
	       "let a line that no controller has send a message: on x86 a GSI from 24 on, on"     \
	       " arm64 an INTID from 96 on; only there messages have a device")                    \
	ACTION(IRQFD, irqfd, ARGUMENT(line) ARGUMENT(resamples),                                   \
	       "let an event of the host's raise a line; resamples: a level, which an EOI lowers") \
	ACTION(END_IRQFD, end_irqfd, ARGUMENT(number),                                             \
	       "take the IRQFD of that number (the first is 0) from its line")                     \
	ACTION(RETURN_UNEMULATED, return_unemulated, ,                                             \
	       "from now on an instruction that the host cannot emulate is #UD, not the end of the VM") \
	ACTION(DISABLE_QUIRKS, disable_quirks, ARGUMENT(mask),                                     \
	       "disable those of the host's quirks; gives the mask of all that it has")            \
	ACTION(OFFER_HYPERV, offer_hyperv, ,                                                       \
	       "from the next RESTORE on the CPU has Hyper-V's interface too, its SynIC included") \
	ACTION(LIMIT_MMU_PAGES, limit_mmu_pages, ARGUMENT(count),                                  \
	       "let the host keep at most so many shadow page tables")                             \
	ACTION(INJECT_EXCEPTION, inject_exception,                                                 \
	       ARGUMENT(vector) ARGUMENT(error_code) ARGUMENT(payload) ARGUMENT(how),              \
	       "make an exception pending or injected; `how` is a set of enum sync_exception")     \
	ACTION(INJECT_IRQ, inject_irq, ARGUMENT(vector),                                           \
	       "deliver an external interrupt, as the interrupt controller of an irqchip-less VM") \
	ACTION(INJECT_NMI, inject_nmi, , "raise a non-maskable interrupt")                         \
	ACTION(INJECT_SMI, inject_smi, ,                                                           \
	       "raise a system-management interrupt; no firmware has taken its entry")             \
	ACTION(SIGNAL_MSI, signal_msi, ARGUMENT(address) ARGUMENT(data) ARGUMENT(device_id),       \
	       "send a message-signalled interrupt, as a device would")                            \
	ACTION(SET_IRQ_LINE, set_irq_line, ARGUMENT(line) ARGUMENT(level),                         \
	       "set the level (0 or 1) of an interrupt line (a GSI on x86)")                       \
	ACTION(RAISE_IRQFD, raise_irqfd, ARGUMENT(number), "raise the event of an IRQFD")          \
	ACTION(ASSIGN_DEVICE, assign_device,                                                       \
	       ARGUMENT(address) ARGUMENT(data) ARGUMENT(device_id),                               \
	       "assign a device of the host, or one more; its interrupt is this message, whose event must be mapped") \
	ACTION(BLOCKED_ROUNDS, blocked_rounds,                                                     \
	       ARGUMENT(waker) ARGUMENT(line) ARGUMENT(rounds) ARGUMENT(how) ARGUMENT(record),     \
	       "begin rounds of lib/arm64/blocked.h; `how` is a set of enum blocked_how")          \
	ACTION(SAVE, save, ,                                                                       \
	       "complete pending I/O, then capture the whole state of the vCPU and its VM")        \
	ACTION(CHECK_XSTATE, check_xstate,                                                         \
	       ARGUMENT(component) ARGUMENT(gva) ARGUMENT(length),                                 \
	       "compare an XSAVE component of the last SAVE with guest memory")                    \
	ACTION(RESTORE_XSTATE, restore_xstate, ,                                                   \
	       "load only the XSAVE image of the last SAVE into the running vCPU")                 \
	ACTION(RESTORE, restore, , "move the guest into a fresh VM made from this sync's SAVE")    \
	ACTION(MIGRATE_VCPU, migrate_vcpu, , "run the vCPU on another physical CPU")               \
	ACTION(PREEMPT, preempt, , "take the vCPU off its physical CPU and let others run there")  \
	ACTION(SIGNAL_AMID_TILES, signal_amid_tiles, ,                                             \
	       "signal the vCPU's thread, with a process that uses AMX tiles in the middle of it") \
	ACTION(READ_DIRTY_LOG, read_dirty_log, ARGUMENT(gpa) ARGUMENT(length),                     \
	       "which of at most 64 pages, or 64ths of more, were written since the last reading;"   \
	       " the first one starts the log") \
	ACTION(COUNT_LARGE_PAGES, count_large_pages, ,                                             \
	       "how many pages of 2 MiB the host has mapped for the guest")                        \
	ACTION(END_DIRTY_LOG, end_dirty_log, ARGUMENT(gpa) ARGUMENT(length),                       \
	       "end the log of that range")                                                        \
	ACTION(READ_IOEVENTFD, read_ioeventfd, ARGUMENT(number),                                   \
	       "how often the IOEVENTFD of that number (the first is 0) was raised since the last reading") \
	ACTION(READ_RESAMPLED, read_resampled, ARGUMENT(number),                                   \
	       "how often an EOI lowered the line of an IRQFD since the last reading")             \
	ACTION(CHECK_MSR_LIST, check_msr_list, ARGUMENT(how),                                      \
	       "read and write back each MSR that the host lists, in a vCPU of its own; gives their number") \
	ACTION(CHECK_NESTED_STATE, check_nested_state, ARGUMENT(gpa) ARGUMENT(count),              \
	       "load this vCPU's state into a fresh one, its nested state last and with `count`"   \
	       " edits (struct sync_edit) from guest memory; gives the errno of that")             \
	ACTION(HOST_CALL, host_call,                                                               \
	       ARGUMENT(call) ARGUMENT(a) ARGUMENT(b) ARGUMENT(c) ARGUMENT(d),                     \
	       "one call of the host's own interface, of enum sync_host_call; gives its result or minus errno") \
	ACTION(TRANSLATE, translate, ARGUMENT(gva) ARGUMENT(strict),                               \
	       "translate a guest-virtual address as the host's own walk does; strict: reserved bits count") \
	ACTION(GET_REGISTER, get_register, ARGUMENT(reg), "read one register of the stopped vCPU") \
	ACTION(EXPECT_SHUTDOWN, expect_shutdown, ,                                                 \
	       "let the guest go on: it must shut down next, by a triple fault; then as RESET")    \
	ACTION(RESET, reset, ,                                                                     \
	       "reset the machine; the test starts again and finds resets() one higher")

enum sync_bit {
#define ACTION(NAME, field, arguments, meaning) SYNC_BIT_##NAME,
	SYNC_ACTIONS(ACTION, )
#undef ACTION
	SYNC_COUNT
};

/* The constants that tests write: SAVE | RESTORE. */
enum sync_actions {
#define ACTION(NAME, field, arguments, meaning) NAME = BIT(SYNC_BIT_##NAME),
	SYNC_ACTIONS(ACTION, )
#undef ACTION
	SYNC_ALL = BIT(SYNC_COUNT) - 1,
	/* After these a VM is not what a fresh one is: no other test may run in it. */
	SYNC_ALTERS_VM = PROTECT | UNMAP | MOVE | MERGE_PAGES | DEVICE | IOEVENTFD | ROUTE_MSI |
			 IRQFD | RETURN_UNEMULATED | DISABLE_QUIRKS | LIMIT_MMU_PAGES |
			 SMRAM | INJECT_SMI | OFFER_HYPERV | PAGE_OUT | ASSIGN_DEVICE | READ_DIRTY_LOG | EXPECT_SHUTDOWN | RESET,
};

/* How INJECT_EXCEPTION hands its event over (KVM_SET_VCPU_EVENTS, Documentation/virt/kvm/api.rst). */
enum sync_exception {
	EXCEPTION_HAS_ERROR_CODE = BIT(0),
	/* CR2, DR6 or XFD_ERR travels beside the event; else the payload argument is unused. */
	EXCEPTION_HAS_PAYLOAD = BIT(1),
	/* exception.pending: not yet committed to delivery.  Else exception.injected. */
	EXCEPTION_PENDING = BIT(2),
};

/* What an IOEVENTFD is (KVM_IOEVENTFD): memory unless a port, any data unless it must match. */
enum sync_ioevent { IOEVENT_DATA_MATCHES = BIT(0), IOEVENT_PORT = BIT(1) };

/*
 * What HOST_CALL calls.  They are of KVM (Documentation/virt/kvm/api.rst and devices/);
 * objects are named by small numbers of enum sync_host_object or their own.  Those of
 * the scratch VM, which SCRATCH_VM makes anew, touch nothing of the guest.  What an
 * architecture has not is -ENOSYS there.
 */
enum sync_host_call {
	HOST_GET_ATTRIBUTE,  /* of object a: group b, attribute c */
	HOST_SET_ATTRIBUTE,  /* and to the value d */
	HOST_HAS_ATTRIBUTE,
	HOST_WRITE_MEMORY,   /* 8 bytes at gpa a: b */
	HOST_READ_MEMORY,
	HOST_GET_REGISTER,   /* KVM_GET_ONE_REG of vCPU a of VM b: c */
	HOST_SET_REGISTER,   /* to d */
	SCRATCH_VM,          /* with memory from a on, b bytes */
	SCRATCH_VCPU,        /* number a */
	SCRATCH_VCPU_INIT,   /* number a, with features b beside those of the preferred target */
	SCRATCH_DEVICE,      /* KVM_CREATE_DEVICE of type a; flags b */
	SCRATCH_RUN,         /* KVM_RUN of vCPU a, immediate_exit b: the exit reason; -ETIMEDOUT after 5 s */
	SCRATCH_IRQ_LINE,    /* KVM_IRQ_LINE: a is its irq field, b the level */
	SCRATCH_MSI,         /* KVM_SIGNAL_MSI: address a, data b, flags c, device d */
	SCRATCH_SMCCC_FILTER, /* KVM_ARM_VM_SMCCC_FILTER: base a, functions b, action c */
	HOST_RAISE_DEVICE,   /* the assigned device a raises its interrupt, once */
	HOST_SIGNALS,        /* how often a signal ended the boot vCPU's KVM_RUN */
	HOST_LPI_IS_DIRECT,  /* 1 if LPI a of the guest is forwarded by hardware */
	HOST_CHECK_EXTENSION, /* KVM_CHECK_EXTENSION of VM a: capability b */
	HOST_SUPPORTED_CPUID, /* KVM_GET_SUPPORTED_CPUID: leaf a, subleaf b, register c; 0: no such */
	/* The first argument is an object, HOST_VCPU or one of the scratch VM. */
	HOST_GET_MSR,         /* MSR b into 8 bytes at gpa c: how many KVM read, 0 (refused) or 1 */
	HOST_SET_MSR,         /* MSR b to c: how many KVM wrote, 0 (refused) or 1 */
	HOST_GET_XCR,         /* XCR b; -ENOENT: KVM knows no such */
	HOST_SET_XCR,         /* XCR b to c, with flags d */
	HOST_GET_XSAVE,       /* the image into c bytes at gpa b; what KVM does not write stays */
	HOST_GET_XSAVE2,
	HOST_SET_XSAVE,       /* from c bytes at gpa b, and zeroes behind them */
	HOST_SET_CPUID,       /* the guest's, with components b of XCR0, less a set of c, and less
			       * CPU features d (enum cpu_feature) */
	HOST_GET_STATE,       /* structure c of enum sync_host_state, to gpa b */
	HOST_SET_STATE,       /* the same, from gpa b */
	/* arm64 again: of vCPU a of VM b, as HOST_GET_REGISTER. */
	HOST_COUNT_REGISTERS, /* how many KVM_GET_REG_LIST names */
	HOST_GET_EVENTS,      /* the first 8 bytes of struct kvm_vcpu_events */
	HOST_SET_EVENTS,      /* to c, and serror_esr to d */
	SCRATCH_READ_RUN,     /* 8 bytes at offset b of struct kvm_run of vCPU a */
	SCRATCH_WRITE_RUN,    /* to c */
	SCRATCH_ZONES,        /* arm64: a devices on the MMIO bus (coalesced zones) from gpa b on, or
			       * none of them any more (c = 0); -ENOSPC where no more fit */
	HOST_COUNT_EXITS,     /* x86: how often vCPU a has left the guest, by KVM's statistics */
	HOST_CALL_COUNT,
};

/* What HOST_SET_CPUID takes away from the guest's CPUID. */
enum sync_host_cpuid {
	CPUID_NO_XSAVE = BIT(0), /* leaf 1 has no XSAVE, and there is no leaf 0DH */
	CPUID_NO_TILES = BIT(1), /* no bit of AMX and XFD but those of leaf 0DH.0 */
};

/* A vCPU's structures that HOST_GET_STATE and HOST_SET_STATE move as they are (asm/kvm.h). */
enum sync_host_state {
	HOST_STATE_SREGS,
	HOST_STATE_DEBUGREGS,
	HOST_STATE_XEN, /* an attribute of a vCPU, as KVM_XEN_VCPU_SET_ATTR takes it */
	HOST_STATE_COUNT,
};

/* The largest image of HOST_GET_XSAVE and its like. */
enum { HOST_XSAVE_MAX = 0x10000 };

enum sync_host_object {
	HOST_VM,
	HOST_VGIC,
	HOST_ITS,
	HOST_VCPU, /* the boot vCPU */
	SCRATCH_OBJECT_VM,
	SCRATCH_OBJECT_DEVICE = 16, /* and those behind it: devices in the order of their making */
	SCRATCH_OBJECT_VCPU = 32,   /* and those behind it */
};

/* What a HOST_CALL gave when the host refused it: minus errno. */
static inline bool host_call_failed(u64 value)
{
	return value > (u64)-4096;
}

/* The vCPU of CHECK_MSR_LIST: the guest's own CPUID, or less. */
enum sync_msr_list {
	/* No hypervisor leaves, and the host holds the guest to that. */
	MSRS_WITHOUT_PARAVIRTUALIZATION = BIT(0),
	/* No CPUID at all. */
	MSRS_WITHOUT_CPUID = BIT(1),
};

/* An edit of CHECK_NESTED_STATE: eight bytes at `offset` of a structure of KVM's (asm/kvm.h). */
struct sync_edit {
	u64 where; /* enum sync_edit_where */
	u64 offset; /* in bytes */
	u64 clear, set; /* bits */
};

enum sync_edit_where {
	EDIT_NESTED_STATE,
	EDIT_SREGS,
	/* No structure: after all but the nested state give it `set` physical address bits. */
	EDIT_MAXPHYADDR,
};

/* In struct kvm_nested_state: the structure that the processor has, for SVM the VMCB. */
enum { NESTED_STATE_DATA = 0x80, SYNC_EDITS_MAX = 8 };

/*
 * What DEVICE keeps in guest memory.  Its registers are bytes that keep what is
 * written; the guest may set and read them here too, and begin the record anew by
 * count = 0.  An access that the record has no place for is only counted.
 */
enum { DEVICE_BYTES_MAX = 0x2000, DEVICE_ACCESSES_MAX = 62 };

struct device_access {
	u64 gpa;
	u32 bytes; /* 1 to 8 */
	u32 write;
	u64 data; /* zero-extended */
};

struct device_record {
	u64 count;
	struct device_access access[DEVICE_ACCESSES_MAX];
	u8 content[DEVICE_BYTES_MAX];
};

/* The value of TRANSLATE where the host's walk finds no translation. */
#define SYNC_NO_TRANSLATION (~0ull)

/* The registers of SET_REGISTER and GET_REGISTER.  An MSR is SYNC_MSR(index). */
#define SYNC_REGISTERS(REGISTER)                                                                   \
	REGISTER(RAX) REGISTER(RBX) REGISTER(RCX) REGISTER(RDX) REGISTER(RSI) REGISTER(RDI)        \
	REGISTER(RSP) REGISTER(RBP) REGISTER(R8) REGISTER(R9) REGISTER(R10) REGISTER(R11)          \
	REGISTER(R12) REGISTER(R13) REGISTER(R14) REGISTER(R15) REGISTER(RIP) REGISTER(RFLAGS)     \
	REGISTER(CR0) REGISTER(CR2) REGISTER(CR3) REGISTER(CR4) REGISTER(CR8) REGISTER(EFER)       \
	REGISTER(DR0) REGISTER(DR1) REGISTER(DR2) REGISTER(DR3) REGISTER(DR6) REGISTER(DR7)        \
	REGISTER(XCR0)                                                                             \
	/* Not registers of the SDM, but state that hosts keep: bit 0 STI, bit 1 MOV SS. */        \
	REGISTER(INTERRUPT_SHADOW)                                                                 \
	/* Bit 0: NMIs are blocked; bit 1: one is pending. */                                      \
	REGISTER(NMI_STATE)                                                                        \
	/* Bit 0: L2 is in an interrupt shadow, as its VMCB in the host's nested state says while  \
	 * the instruction that rang the doorbell is not completed.  Only to be read. */           \
	REGISTER(L2_SHADOW)

enum sync_register {
#define REGISTER(NAME) SYNC_REG_##NAME,
	SYNC_REGISTERS(REGISTER)
#undef REGISTER
	SYNC_REG_COUNT
};

#define SYNC_MSR_FLAG BIT(32)
#define SYNC_MSR(index) (SYNC_MSR_FLAG | (u32)(index))

/* One sync with every action's arguments: what sync(SAVE, .inject_irq = { 32 }) fills. */
struct sync {
	u64 actions;
#define ARGUMENT(name) u64 name;
#define ACTION(NAME, field, arguments, meaning)                                                    \
	struct {                                                                                   \
		arguments                                                                          \
	} field;
	SYNC_ACTIONS(ACTION, ARGUMENT)
#undef ACTION
#undef ARGUMENT
};

/* What became of one action. */
#define SYNC_STATUSES(STATUS)                                                                      \
	STATUS(OK, "done")                                                                         \
	STATUS(NOT_REQUESTED, "not requested")                                                     \
	STATUS(DEFERRED, "deferred until the vCPU halts")                                          \
	STATUS(UNSUPPORTED, "the host has no such action")                                         \
	STATUS(REFUSED, "the test used the action against its rules")                              \
	STATUS(FAILED, "the host's interface reported an error")                                   \
	STATUS(MISMATCH, "the compared state differs")

enum sync_status {
#define STATUS(NAME, text) SYNC_##NAME,
	SYNC_STATUSES(STATUS)
#undef STATUS
	SYNC_STATUS_COUNT
};

#define SYNC_DETAIL_MAX 256

struct sync_reply {
	u64 actions;
	u8 status[SYNC_COUNT];
	/* What the action returned: a register, a dirty bitmap; 0 for most. */
	u64 value[SYNC_COUNT];
	/* In words, about the first action that was not OK: "KVM_SET_MSRS: MSR 0x10: EINVAL". */
	char detail[SYNC_DETAIL_MAX];
};

/* A line of the table, for those who print it or walk it. */
struct sync_action {
	const char *name;      /* "INJECT_IRQ" */
	const char *arguments; /* "reg value ": each with a blank behind it */
	const char *meaning;
	u16 offset; /* of its arguments in struct sync */
	u16 words;  /* how many arguments */
};

extern const struct sync_action sync_action[SYNC_COUNT];
extern const char *const sync_register_name[SYNC_REG_COUNT];
extern const char *const sync_status_text[SYNC_STATUS_COUNT];

/*
 * Read "save,restore" (any case, '-' or '_') into *actions.  On an unknown
 * name returns false and points *bad at it.
 */
bool sync_parse(const char *text, u64 *actions, const char **bad);

/* Write "SAVE|RESTORE" ("none" for 0) to buffer; always terminated. */
char *sync_format(u64 actions, char *buffer, size_t size);

#endif
