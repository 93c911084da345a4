/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small hypervisor: the payload, L1, runs a guest of its own, L2, in one
 * virtual machine control block.
 *
 * L2 begins as L1's double: in 64-bit mode with the same page tables, segments
 * and control registers, so that any code and data of the image are at their
 * addresses.  It has its own stack and its own IDT, whose 256 gates lead to a
 * VMMCALL each: an event that L2 takes is thus seen by L1, as l2.event.
 */
#ifndef ASSAY_X86_NESTED_SVM_H
#define ASSAY_X86_NESTED_SVM_H

#include "x86/boot/x86.h"
#include "x86/nested/vmcb.h"

/* L2's general registers beside RAX and RSP, which the VMCB holds; svm-run.S knows the order. */
struct l2_registers {
	u64 rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
};

/* What L1 is around a VMRUN; svm-run.S knows the order. */
struct l1_around {
	u64 rflags_before, rsp_before;
	u64 rflags, rsp, rax; /* behind it */
};

struct l2 {
	struct vmcb *vmcb;
	struct l2_registers regs;
	struct l1_around l1;

	/* What lies in EXITCODE before each VMRUN. */
	u64 stale_exitcode;
	/* Leave GIF as the #VMEXIT has it; else an STGI follows every VMRUN. */
	bool keep_gif;
	/* VMLOAD L2's part of the state before, VMSAVE it and VMLOAD L1's behind. */
	bool whole_state;

	/* What became of the last VMRUN: the instruction faulted in L1, or... */
	struct fault fault;
	/* ...it ended in a #VMEXIT (vmcb->control.exitcode), and if that was the VMMCALL of
	 * a gate of L2's IDT: the event. */
	struct fault event;
	bool ran; /* into code: the last exit was a VMMCALL in none of the gates */
};
extern struct l2 l2;

/*
 * EFER.SVME, VM_HSAVE_PA and a fresh L2 that intercepts VMRUN, VMMCALL and
 * SHUTDOWN and runs nothing yet.  Call it first in a test, and for each case.
 */
void l2_begin(void);

/* Set and clear intercepts: enum svm_exit below A0h, SVM_EXIT_EXCEPTION + vector. */
void l2_intercept(unsigned int exit);
void l2_pass(unsigned int exit);

/* An address in L2 at the CPL it has now. */
u64 l2_address(const void *pointer);
/* CPL 0, as l2_begin() makes it, or CPL 3 in the alias of the image. */
void l2_set_cpl(unsigned int cpl);

/* VMRUN from where the VMCB is, once. */
void l2_run(void);
/* From the beginning of a piece of code. */
void l2_run_at(const void *code);
/* Behind the VMMCALL that ended the last run; an event's gate returns by IRETQ. */
void l2_continue(void);

/* Call a C function in L2 at CPL 0; if it returned (EXPECT_RETURN), that is the value. */
u64 l2_call(u64 (*function)(u64 argument), u64 argument);

/*
 * For functions of l2_call(): SAVE and RESTORE.  L2 cannot end a test if they fail:
 * ASSERT_MOVED() does, in L1.
 */
void l2_move(void);
#define ASSERT_MOVED() ASSERT_(l2_expect_moved(EXPECTATION_("SAVE|RESTORE")))
bool l2_expect_moved(const struct expectation *e);

/*
 * A piece of code for L2: what comes before, the instruction that matters, what
 * comes behind; a VMMCALL stands at its end.
 */
struct l2_code {
	const u8 *begin, *at, *next, *end;
};

#define L2_CODE(name, before, instruction, behind)                                                 \
	asm(".pushsection .text\n"                                                                 \
	    "l2_" #name "_begin:\n\t" before "\n"                                                  \
	    "l2_" #name "_at:\n\t" instruction "\n"                                                \
	    "l2_" #name "_next:\n\t" behind "\n"                                                   \
	    "l2_" #name "_end:\n\tvmmcall\n"                                                       \
	    ".popsection\n");                                                                      \
	extern const u8 l2_##name##_begin[], l2_##name##_at[], l2_##name##_next[], l2_##name##_end[]; \
	static const struct l2_code name = { l2_##name##_begin, l2_##name##_at, l2_##name##_next,  \
					     l2_##name##_end }

/* --- what must come of a run; each reports and says whether it held --- */

/* A #VMEXIT with this code, all 64 bits of it. */
#define EXPECT_EXIT(code) l2_expect_exit(EXPECTATION_("exit"), code)
bool l2_expect_exit(const struct expectation *e, u64 code);
/* The same at the instruction, with RIP and, where there is one, the next RIP. */
#define EXPECT_EXIT_AT(code, where) l2_expect_exit_at(EXPECTATION_("exit"), code, &(where))
bool l2_expect_exit_at(const struct expectation *e, u64 code, const struct l2_code *where);
/* The code ran to its end: no exit before, no event. */
#define EXPECT_END(where) l2_expect_end(EXPECTATION_("exit"), &(where))
bool l2_expect_end(const struct expectation *e, const struct l2_code *where);
/* The function of l2_call() returned. */
#define EXPECT_RETURN() l2_expect_return(EXPECTATION_("exit"))
bool l2_expect_return(const struct expectation *e);
/* L2 took this event; the words are in l2.event. */
#define EXPECT_L2_EVENT(vector) l2_expect_event(EXPECTATION_("exit"), vector)
bool l2_expect_event(const struct expectation *e, u64 vector);

/* "CPUID", "#PF in L2", "INVALID", ...: of an exit code. */
void l2_exit_text(struct text *t, u64 code);

/* --- the instructions --- */

static inline void stgi(void)
{
	asm volatile("stgi" ::: "memory");
}

static inline void clgi(void)
{
	asm volatile("clgi" ::: "memory");
}

static inline void vmload(const struct vmcb *vmcb)
{
	asm volatile("vmload %%rax" ::"a"(vmcb) : "memory");
}

static inline void vmsave(struct vmcb *vmcb)
{
	asm volatile("vmsave %%rax" ::"a"(vmcb) : "memory");
}

/* --- memory of the runtime that tests edit --- */

/* The I/O permission map: 3 pages, 2^16 bits and those behind (15.10.1); l2_begin() clears it. */
extern u8 l2_iopm[0x3000];
/* The MSR permission map: 2 pages (15.11). */
extern u8 l2_msrpm[0x2000];
extern u8 l2_stack[STACK_BYTES];
extern struct idt_gate l2_idt[256];

#endif
